/** The triangle count against a scripted client: what is shown, what is saved, what is cached, and who frees what. */
import { describe, expect, test, vi } from 'vitest';
import { StageError } from '../base/errors.ts';
import { createApp } from './app-store.ts';
import { quietPreferences, scriptedClient } from './client-test-kit.ts';
import type { ShareOutcome } from './context.ts';
import { shownState } from './figure.ts';
import { fileKey } from './save-slice.ts';

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const photoFile = (name = 'me.jpg') => new File(['jpeg'], name, { type: 'image/jpeg' });

/** A finished run. */
async function finished() {
  const script = scriptedClient();
  const saved: string[] = [];
  const sharing = {
    canShare: () => true,
    share: vi.fn(async (_file: Blob, _name: string): Promise<ShareOutcome> => 'shared'),
  };
  const app = createApp({
    createClient: () => script.client,
    fetchOwn: async () => new Blob(['[]']),
    saveFile: (_, name) => saved.push(name),
    sharing,
    nowMs: () => 1000,
    preferences: quietPreferences(),
  });
  const state = () => shownState(app.store.getState());
  /** The mesh that the page draws. */
  const shown = () => app.resources.get(state().simplified[state().meshSize]?.mesh ?? state().mesh);
  void state().openPhoto(photoFile());
  await settle();
  script.runs[0].finish();
  await settle();
  return { ...script, app, state, shown, saved, sharing };
}

describe('a smaller mesh', () => {
  test('is made beside the mesh that is shown, then takes its place; the whole one stays', async () => {
    const { state, shown, simplifications, app } = await finished();
    const whole = shown();
    void state().setMeshSize('50k');
    expect(state()).toMatchObject({ meshSize: 'full', simplifying: { size: '50k', startedAtMs: 1000 } });
    expect(shown()).toBe(whole);
    simplifications[0].finish();
    await settle();
    expect(simplifications[0].triangles).toBe(50_000);
    expect(state()).toMatchObject({ meshSize: '50k', simplifying: null });
    expect(state().simplified['50k']?.report.triangles).toBe(49_998);
    expect(shown()).not.toBe(whole);
    expect(app.resources.get(state().mesh)).toBe(whole);
    await state().setMeshSize('full');
    expect(shown()).toBe(whole);
  });

  test('is made once for each size', async () => {
    const { state, simplifications, client } = await finished();
    for (const size of ['50k', '10k'] as const) {
      void state().setMeshSize(size);
      simplifications.at(-1)?.finish();
      await settle();
    }
    await state().setMeshSize('full');
    await state().setMeshSize('50k');
    await state().setMeshSize('10k');
    expect(client.simplify.mock.calls).toEqual([[50_000], [10_000]]);
    expect(state().meshSize).toBe('10k');
  });

  test('of a surface that has no more triangles is the surface itself', async () => {
    const { state, shown, client, runs } = await finished();
    const rerun = state().rerun();
    await settle();
    runs[1].finish({ triangles: 60_000 });
    await rerun;
    const whole = shown();
    await state().setMeshSize('200k');
    expect(client.simplify).not.toHaveBeenCalled();
    expect(state()).toMatchObject({ meshSize: '200k', simplifying: null });
    expect(shown()).toBe(whole);
  });

  test('that is cancelled leaves what was shown and says nothing bad; it can be asked for again', async () => {
    const { state, shown, simplifications } = await finished();
    const whole = shown();
    void state().setMeshSize('10k');
    await state().cancelSimplify();
    await settle();
    expect(state()).toMatchObject({ meshSize: 'full', simplifying: null, problem: null });
    expect(shown()).toBe(whole);
    void state().setMeshSize('10k');
    simplifications[1].finish();
    await settle();
    expect(state().meshSize).toBe('10k');
  });

  test('that fails is said with what to do, and costs nothing', async () => {
    const { state, shown, simplifications } = await finished();
    const whole = shown();
    void state().setMeshSize('200k');
    simplifications[0].fail(
      new StageError('surface', 'E_MEMORY', 'There is not enough memory.', { fix: 'Close other tabs.' }),
    );
    await settle();
    expect(state()).toMatchObject({ meshSize: 'full', simplifying: null, run: { kind: 'done' } });
    expect(state().problem).toMatchObject({ code: 'E_MEMORY', fix: 'Close other tabs.' });
    expect(shown()).toBe(whole);
  });

  test('another size chosen meanwhile is the one that counts; the late mesh is not kept', async () => {
    const { state, simplifications, app } = await finished();
    const before = app.resources.size;
    void state().setMeshSize('200k');
    void state().setMeshSize('10k');
    simplifications[0].finish();
    await settle();
    expect(state()).toMatchObject({ meshSize: 'full', simplifying: { size: '10k' } });
    expect(app.resources.size).toBe(before);
    simplifications[1].finish();
    await settle();
    expect(state().meshSize).toBe('10k');
    expect(Object.keys(state().simplified)).toEqual(['10k']);
  });
});

/** Format and triangles of each file that was asked for. */
const asked = (client: ReturnType<typeof scriptedClient>['client']) =>
  client.exportFile.mock.calls.map(([format, triangles]) => [format, triangles]);

describe('saving', () => {
  test('is of the size that is shown; clouds and maps have none', async () => {
    const { state, simplifications, client, saved } = await finished();
    await state().save('glb');
    void state().setMeshSize('10k');
    simplifications[0].finish();
    await settle();
    for (const format of ['glb', 'meshPly', 'report', 'cloudPly', 'referenceFolder'] as const) {
      await state().save(format);
    }
    expect(asked(client)).toEqual([
      ['glb', null],
      ['glb', 10_000],
      ['meshPly', 10_000],
      ['report', 10_000],
      ['cloudPly', null],
      ['referenceFolder', null],
    ]);
    expect(saved).toHaveLength(6);
  });

  test('waits for the mesh that is being made', async () => {
    const { state, simplifications, client, saved } = await finished();
    void state().setMeshSize('200k');
    const saving = state().save('glb');
    await settle();
    expect([state().saving?.format, saved]).toEqual(['glb', []]);
    void state().setMeshSize('50k');
    simplifications[0].fail(new StageError('surface', 'E_CANCELLED', 'Cancelled.', { fix: '' }));
    simplifications[1].finish();
    await saving;
    expect(asked(client)).toEqual([['glb', 50_000]]);
    expect(state().saving).toBeNull();
  });

  test('never puts another mesh in its place: cancelled or failed, nothing is saved; then it works again', async () => {
    const { state, simplifications, client, saved } = await finished();
    void state().setMeshSize('10k');
    const first = state().save('glb');
    await state().cancelSimplify();
    await first;
    void state().setMeshSize('10k');
    const second = state().save('glb');
    simplifications[1].fail(new StageError('surface', 'E_MEMORY', 'No memory.', { fix: '' }));
    await second;
    expect(client.exportFile).not.toHaveBeenCalled();
    await state().save('glb');
    expect(asked(client)).toEqual([['glb', null]]);
    expect(saved).toEqual(['me.glb']);
  });
});

describe('a new run', () => {
  test('keeps the small mesh on screen, then makes the chosen size of the new figure and frees the old', async () => {
    const { state, shown, simplifications, runs, app } = await finished();
    void state().setMeshSize('10k');
    simplifications[0].finish();
    await settle();
    const small = shown();
    const held = app.resources.size;
    const rerun = state().rerun();
    await settle();
    expect(shown()).toBe(small);
    await state().setMeshSize('50k');
    expect(simplifications).toHaveLength(1);
    runs[1].finish();
    await rerun;
    expect(state()).toMatchObject({ simplified: {}, simplifying: { size: '10k' } });
    expect(shown()).toBe(app.resources.get(state().mesh));
    simplifications[1].finish();
    await settle();
    expect(state().meshSize).toBe('10k');
    // The whole mesh of the run before stays, to be compared; its small one goes.
    expect(app.resources.size).toBe(held + 1);
  });

  test('stops a mesh that is being made of the figure before', async () => {
    const { state, client, simplifications, runs, app } = await finished();
    const held = app.resources.size;
    void state().setMeshSize('10k');
    const rerun = state().rerun();
    await settle();
    expect(client.cancelSimplify).toHaveBeenCalledTimes(1);
    simplifications[0].finish();
    await settle();
    expect(state()).toMatchObject({ simplified: {}, simplifying: null, meshSize: 'full' });
    expect(app.resources.size).toBe(held);
    runs[1].finish();
    await rerun;
    expect(simplifications).toHaveLength(1);
  });

  test('of an unreadable photo gives the small mesh back, too', async () => {
    const { state, shown, simplifications, runs } = await finished();
    void state().setMeshSize('10k');
    simplifications[0].finish();
    await settle();
    const small = shown();
    void state().openPhoto(photoFile('broken.jpg'));
    await settle();
    runs[1].fail(new StageError('photo', 'E_NOT_AN_IMAGE', 'It is cut off.', { fix: 'Save it again.' }));
    await settle();
    expect(shown()).toBe(small);
    expect(state()).toMatchObject({ meshSize: '10k', simplifying: null });
  });

  test('closing frees everything', async () => {
    const { state, simplifications, app } = await finished();
    void state().setMeshSize('10k');
    simplifications[0].finish();
    await settle();
    void state().setMeshSize('50k');
    await state().closePhoto();
    await settle();
    expect(app.resources.size).toBe(0);
    expect(state()).toMatchObject({ simplified: {}, simplifying: null, mesh: null });
  });

  test('sizes are made one after another while they are wanted, kept, and saved without making them again', async () => {
    const { state, client, saved, simplifications } = await finished();
    const size = (format: 'glb' | 'stl') => state().fileSizes[fileKey(state(), format)];
    await state().prepareFiles(['glb', 'stl']);
    expect([size('glb'), size('stl')]).toEqual([3, 3]);
    await state().save('stl');
    expect(asked(client)).toEqual([
      ['glb', null],
      ['stl', null],
    ]);
    expect(saved).toEqual(['me.stl']);
    // Of another size they are other files, and so they are with another axis up.
    void state().setMeshSize('10k');
    simplifications[0].finish();
    await settle();
    expect(size('stl')).toBeUndefined();
    await state().setMeshSize('full');
    state().setFileOptions({ up: 'z' });
    await state().save('meshPly');
    expect(client.exportFile.mock.lastCall?.slice(0, 3)).toEqual([
      'meshPly',
      null,
      expect.objectContaining({ up: 'z' }),
    ]);
  });

  test('a file that is asked for stops the sizes; one that is stopped is not saved and no problem', async () => {
    const { state, client, saved } = await finished();
    let stop = () => {};
    client.exportFile.mockImplementation(
      () =>
        new Promise((_, reject) => {
          stop = () => reject(new StageError('export', 'E_CANCELLED', 'Stopped.', { fix: '' }));
        }),
    );
    client.cancelExport.mockImplementation(async () => stop());
    const preparing = state().prepareFiles(['glb', 'stl', 'obj']);
    await settle();
    const saving = state().save('obj');
    await preparing;
    await settle();
    expect(asked(client).map(([format]) => format)).toEqual(['glb', 'obj']);
    await state().cancelSave();
    await saving;
    expect([saved, state().saving, state().problem]).toEqual([[], null, null]);
  });

  test('sharing hands the file to the system; where that wants another click, the person is told, and it is kept', async () => {
    const { state, client, sharing, saved } = await finished();
    expect(state().canShare()).toBe(true);
    await state().share('png');
    expect(sharing.share).toHaveBeenLastCalledWith(expect.any(Blob), 'me.png');
    expect([saved, state().problem]).toEqual([[], null]);
    sharing.share.mockResolvedValueOnce('again');
    await state().share('png');
    expect(state().problem?.fix).toContain('once more');
    expect(asked(client)).toEqual([['png', null]]);
  });
});
