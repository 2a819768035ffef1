/** The store against a scripted client: events to state, errors, cancel, superseded runs, and who frees what. */
import { describe, expect, test, vi } from 'vitest';
import { StageError } from '../base/errors.ts';
import type { RunEvent, StageId } from '../digitizer/types.ts';
import { createApp } from './app-store.ts';
import { bitmap, MACHINE, PACK, quietPreferences, scriptedClient } from './client-test-kit.ts';
import { figureOf, shownState } from './figure.ts';
import { isThere } from './picture-slice.ts';

function setUp() {
  const { client, runs } = scriptedClient();
  const saved: string[] = [];
  const createClient = vi.fn(() => client);
  const app = createApp({
    createClient,
    fetchOwn: async (path) => {
      if (path.endsWith('index.json')) {
        const list = [
          {
            id: 'one',
            title: 'One',
            photo: 'a.jpg',
            thumbnail: 'a.webp',
            pose: 'a.json',
            background: 'black',
          },
        ];
        return new Blob([JSON.stringify(list)]);
      }
      return new Blob([path.endsWith('.json') ? '{"people":[]}' : 'jpeg'], { type: 'image/jpeg' });
    },
    saveFile: (_, name) => saved.push(name),
    nowMs: () => 1000,
    preferences: quietPreferences(),
  });
  const state = () => shownState(app.store.getState());
  return { app, client, createClient, runs, saved, state };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const photoFile = (name = 'me.jpg') => new File(['jpeg'], name, { type: 'image/jpeg' });
const done = (stage: StageId): RunEvent => ({
  kind: 'stage',
  stage,
  state: { kind: 'done', elapsedMs: 3, detail: 'fine', cached: false },
});

async function opened(name?: string) {
  const all = setUp();
  void all.state().openPhoto(photoFile(name));
  await settle();
  return all;
}

/** A finished run with a thumbnail and a picture on screen. */
async function finished() {
  const all = await opened();
  const thumbnail = bitmap();
  all.runs[0].emit(done('photo'));
  all.runs[0].emit({ kind: 'thumbnail', stage: 'photo', bitmap: thumbnail });
  all.runs[0].emit(done('pose'));
  await settle();
  await all.state().requestPicture({ kind: 'photo' }, 'bitmap');
  all.runs[0].finish();
  await settle();
  return { ...all, thumbnail };
}

describe('a run', () => {
  test('opens the session once, then turns events into state', async () => {
    const { state, runs, client } = await opened();
    expect(state().session).toMatchObject({ kind: 'ready', machine: { backend: 'wasm' } });
    expect(state().run).toEqual({ kind: 'running', startedAtMs: 1000 });
    runs[0].emit({ kind: 'stage', stage: 'photo', state: { kind: 'running', fraction: 0.5, note: 'half' } });
    expect(state().stages.photo.state).toMatchObject({ kind: 'running', fraction: 0.5 });
    runs[0].emit(done('photo'));
    runs[0].emit(done('pose'));
    runs[0].emit({ kind: 'notice', stage: 'pose', text: 'a guess' });
    await settle();
    expect(state().stages.pose.state.kind).toBe('done');
    expect(state().notices).toEqual([{ stage: 'pose', text: 'a guess' }]);
    expect(state().keypoints).not.toBeNull();
    runs[0].finish();
    await settle();
    expect(state().run.kind).toBe('done');
    expect(state().mesh).not.toBeNull();
    expect(state().view).toBe('model');
    await state().startSession();
    expect(client.start).toHaveBeenCalledTimes(1);
  });

  test('keeps the view the person chose', async () => {
    const { state, runs } = await opened();
    state().setView('parts');
    runs[0].emit(done('mergedNormals'));
    runs[0].finish();
    await settle();
    expect(state().view).toBe('parts');
  });

  test('shows the newest map while nobody has chosen a view', async () => {
    const { state, runs } = await opened();
    runs[0].emit(done('coarse'));
    expect(state()).toMatchObject({ view: 'maps', maps: { left: { map: 'coarseNormals' } } });
    runs[0].emit(done('fineDepth'));
    expect(state().maps.left.map).toBe('depth');
  });

  test('an error names the stage, the sentence and the fix; finished stages stay', async () => {
    const { state, runs } = await opened();
    runs[0].emit(done('photo'));
    runs[0].fail(new StageError('pose', 'E_NO_PERSON', 'Nobody is there.', { fix: 'Another photo.' }));
    await settle();
    expect(state().problem).toMatchObject({
      code: 'E_NO_PERSON',
      message: 'Nobody is there.',
      fix: 'Another photo.',
    });
    expect(state().stages.photo.state.kind).toBe('done');
    expect(state().stages.pose.state.kind).toBe('failed');
    expect(state().run.kind).toBe('failed');
    state().dismissProblem();
    expect(state().problem).toBeNull();
  });

  test('cancel stops it, keeps what is done and says nothing bad', async () => {
    const { state, runs, client } = await opened();
    runs[0].emit(done('photo'));
    runs[0].emit({ kind: 'stage', stage: 'coarse', state: { kind: 'running', fraction: 0.1, note: '' } });
    await state().cancel();
    await settle();
    expect(client.cancel).toHaveBeenCalledTimes(1);
    expect(state().run.kind).toBe('cancelled');
    expect(state().problem).toBeNull();
    expect(state().stages.photo.state.kind).toBe('done');
    expect(state().stages.coarse.state.kind).toBe('cancelled');
    expect(state().stages.surface.state.kind).toBe('waiting');
    void state().rerun();
    await settle();
    expect(runs).toHaveLength(2);
  });

  test('cancel ends a run that waits for a start which never comes, and the next one waits for it again', async () => {
    const { client, runs, state } = setUp();
    let answer = () => {};
    client.start.mockImplementationOnce(
      () => new Promise((resolve) => (answer = () => resolve({ machine: MACHINE, pack: PACK }))),
    );
    const run = state().openPhoto(photoFile());
    await settle();
    await state().cancel();
    await run;
    expect(state().run.kind).toBe('cancelled');
    expect(runs.length).toBe(0);
    void state().rerun();
    await settle();
    answer();
    await settle();
    expect(runs.length).toBe(1);
    expect(state().run.kind).toBe('running');
  });

  test('cancel before the worker had anything to do is no less a cancel', async () => {
    const { state, client, runs } = setUp();
    let open = () => {};
    client.start.mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          open = () => resolve({ machine: MACHINE, pack: PACK });
        }),
    );
    void state().openPhoto(photoFile());
    await settle();
    await state().cancel();
    open();
    await settle();
    expect(runs).toHaveLength(0);
    expect(state().run.kind).toBe('cancelled');
  });

  test('a dead worker is replaced for the next run', async () => {
    const { state, runs, client, createClient } = await opened();
    runs[0].fail(new StageError('digitizer', 'E_DEVICE', 'The worker stopped.', { fix: 'Again.' }));
    await settle();
    expect(client.dispose).toHaveBeenCalledTimes(1);
    void state().rerun();
    await settle();
    expect(createClient).toHaveBeenCalledTimes(2);
    expect(runs).toHaveLength(2);
  });

  test('a start that fails is said, and may be tried again', async () => {
    const { state, client, runs } = setUp();
    client.start.mockRejectedValueOnce(
      new StageError('pack', 'E_BAD_PACK', 'The pack lacks a tensor.', { fix: 'Reload.' }),
    );
    expect(await state().startSession()).toBe(false);
    expect(state().problem?.code).toBe('E_BAD_PACK');
    void state().openPhoto(photoFile());
    await settle();
    expect(state().session.kind).toBe('ready');
    expect(runs).toHaveLength(1);
  });
});

describe('a second photo', () => {
  test('cancels the first; its late events change nothing and are freed', async () => {
    const { state, runs, client } = await opened('first.jpg');
    void state().openPhoto(photoFile('second.jpg'));
    await settle();
    expect(client.cancel).toHaveBeenCalledTimes(1);
    const late = bitmap();
    runs[0].emit({ kind: 'thumbnail', stage: 'photo', bitmap: late });
    runs[0].emit(done('surface'));
    expect(late.close).toHaveBeenCalledTimes(1);
    expect(state().stages.surface.state.kind).toBe('waiting');
    expect(state().input?.name).toBe('second');
    expect(runs[1].input.name).toBe('second');
  });

  test('frees the first result once its own is finished', async () => {
    const { state, runs, app, thumbnail } = await finished();
    const before = app.resources.size;
    void state().openPhoto(photoFile('second.jpg'));
    await settle();
    expect(thumbnail.close).not.toHaveBeenCalled();
    runs[1].emit(done('photo'));
    expect(thumbnail.close).not.toHaveBeenCalled();
    runs[1].finish();
    await settle();
    expect(thumbnail.close).toHaveBeenCalledTimes(1);
    expect(app.resources.size).toBeLessThan(before);
  });

  test('that cannot be read gives the first result back', async () => {
    const { state, runs, app, thumbnail } = await finished();
    const before = app.resources.size;
    const mesh = state().mesh;
    void state().openPhoto(photoFile('broken.jpg'));
    await settle();
    runs[1].fail(new StageError('photo', 'E_NOT_AN_IMAGE', 'It is cut off.', { fix: 'Save it again.' }));
    await settle();
    expect(state().problem?.code).toBe('E_NOT_AN_IMAGE');
    expect(state().mesh).toBe(mesh);
    expect(state().run.kind).toBe('done');
    expect(state().input?.name).toBe('me');
    expect(thumbnail.close).not.toHaveBeenCalled();
    expect(app.resources.size).toBe(before);
  });

  test.each([
    ['fails', () => new StageError('pose', 'E_NO_PERSON', 'Nobody is there.', { fix: 'Another.' })],
    ['is cancelled', () => new StageError('coarse', 'E_CANCELLED', 'The run was cancelled.', { fix: '' })],
  ])('that was read and %s gives the first result back, with all that belongs to it', async (_, error) => {
    const { state, runs, app, thumbnail } = await finished();
    const before = app.resources.size;
    const figure = figureOf(state());
    void state().openPhoto(photoFile('second.jpg'));
    await settle();
    runs[1].emit(done('photo'));
    const second = bitmap();
    runs[1].emit({ kind: 'thumbnail', stage: 'photo', bitmap: second });
    runs[1].fail(error());
    await settle();
    expect(figureOf(state())).toEqual(figure);
    expect(state().problem?.code ?? null).toBe(error().code === 'E_CANCELLED' ? null : 'E_NO_PERSON');
    expect(second.close).toHaveBeenCalledTimes(1);
    expect(thumbnail.close).not.toHaveBeenCalled();
    expect(app.resources.size).toBe(before);
  });

  test('and a third, before the second is done: the first result is still the one that comes back', async () => {
    const { state, runs, app } = await finished();
    const mesh = state().mesh;
    const before = app.resources.size;
    for (const name of ['second.jpg', 'third.jpg']) {
      void state().openPhoto(photoFile(name));
      await settle();
    }
    runs[2].fail(new StageError('pose', 'E_NO_PERSON', 'Nobody is there.', { fix: 'Another.' }));
    await settle();
    expect(state().mesh).toBe(mesh);
    expect(app.resources.size).toBe(before);
  });

  test('unreadable as the very first photo leaves the first page, with the sentence on it', async () => {
    const { state, runs, app } = await opened('broken.jpg');
    runs[0].fail(new StageError('photo', 'E_TOO_SMALL', 'It is 1 x 1 px.', { fix: 'Use a larger one.' }));
    await settle();
    expect(state()).toMatchObject({ input: null, run: { kind: 'idle' }, problem: { code: 'E_TOO_SMALL' } });
    expect(app.resources.size).toBe(0);
  });

  test('closing frees everything', async () => {
    const { state, app, thumbnail } = await finished();
    await state().closePhoto();
    expect(thumbnail.close).toHaveBeenCalledTimes(1);
    expect(app.resources.size).toBe(0);
    expect(state()).toMatchObject({ input: null, mesh: null, view: 'photo', run: { kind: 'idle' } });
  });
});

describe('drops', () => {
  test('a pose after the photo runs it again with the pose; the mesh stays meanwhile', async () => {
    const { state, runs } = await finished();
    const mesh = state().mesh;
    void state().openFiles([new File(['{"people":[]}'], 'pose.json', { type: 'application/json' })]);
    await settle();
    await settle();
    expect(runs[1].input.poseJson).toBe('{"people":[]}');
    expect(state().mesh).toBe(mesh);
  });

  test('a bad pose keeps the figure that was there', async () => {
    const { state, runs } = await finished();
    void state().addExtra('pose', new File(['{'], 'pose.json'));
    await settle();
    await settle();
    runs[1].emit(done('photo'));
    runs[1].fail(new StageError('pose', 'E_BAD_KEYPOINTS', 'Not JSON.', { fix: 'Export it again.' }));
    await settle();
    expect(state().problem?.code).toBe('E_BAD_KEYPOINTS');
    expect(state().mesh).not.toBeNull();
  });

  test('a pose before the photo waits for it', async () => {
    const { state, runs } = setUp();
    await state().openFiles([new File(['{}'], 'pose.json', { type: 'application/json' })]);
    expect(state().pending?.poseName).toBe('pose.json');
    void state().openFiles([photoFile()]);
    await settle();
    await settle();
    expect(runs[0].input.poseJson).toBe('{}');
    expect(state().pending).toBeNull();
  });

  test('photo and mask together', async () => {
    const { state, runs } = setUp();
    void state().openFiles([photoFile(), new File(['m'], 'me_mask.png', { type: 'image/png' })]);
    await settle();
    expect(runs[0].input.mask).toBeInstanceOf(Blob);
  });

  test('a photo without an ending is known by its content; a video is named before it takes the place', async () => {
    const { state, runs } = await finished();
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16);
    void state().openFiles([new File([jpeg], 'download')]);
    await settle();
    await settle();
    await settle();
    expect(runs).toHaveLength(2);
    const video = new File(['\0\0\0\x14ftypqt  \0\0\0\0qt  '], 'IMG_1.MOV', { type: 'video/quicktime' });
    await state().openFiles([video]);
    expect(state().problem?.message).toBe('“IMG_1.MOV” is a video.');
    expect(runs).toHaveLength(2);
  });

  test.each([
    ['E_EMPTY_FILE', [new File([], 'empty.png', { type: 'image/png' })]],
    ['E_NOT_AN_IMAGE', [new File(['x'], 'letter.pdf', { type: 'application/pdf' })]],
    ['E_BAD_MASK', [photoFile('a.jpg'), photoFile('a_mask.png'), photoFile('b_mask.png')]],
    ['E_BAD_KEYPOINTS', [new File(['{}'], 'a.json'), new File(['{}'], 'b.json')]],
  ] as const)('%s is said and nothing else changes', async (code, files) => {
    const { state, runs } = await finished();
    const before = state();
    await state().openFiles(files);
    expect(state().problem?.code).toBe(code);
    expect(state().problem?.fix).not.toBe('');
    expect(runs).toHaveLength(1);
    expect({ ...state(), problem: null }).toEqual({ ...before, problem: null });
  });

  test('a sample brings its pose along', async () => {
    const { state, runs } = setUp();
    await state().loadSamples();
    void state().openSample('one');
    await settle();
    await settle();
    expect(runs[0].input).toMatchObject({ name: 'a', poseJson: '{"people":[]}' });
    expect(state().input?.sampleId).toBe('one');
  });
});

describe('pictures and files', () => {
  test('a picture is asked for once, and freed with its run', async () => {
    const { state, runs, client } = await finished();
    await state().requestPicture({ kind: 'photo' }, 'bitmap');
    expect(client.picture).toHaveBeenCalledTimes(1);
    const shown = await client.picture.mock.results[0].value;
    void state().openPhoto(photoFile('second.jpg'));
    await settle();
    runs[1].finish();
    await settle();
    expect(shown.close).toHaveBeenCalledTimes(1);
  });

  test('what has come of a running stage can be had, and is asked for again when there is more', async () => {
    const { state, runs, client } = await opened();
    runs[0].emit({ kind: 'stage', stage: 'fineDepth', state: { kind: 'running', fraction: 0, note: '' } });
    const request = { kind: 'depth', side: 'front' } as const;
    const there = () => isThere(request, state().stages.fineDepth);
    const ask = () => state().requestPicture(request, 'bitmap');
    expect(there()).toBe(false);
    runs[0].emit({ kind: 'partial', stage: 'fineDepth', part: null });
    expect(there()).toBe(true);
    await ask();
    await ask();
    expect(client.picture).toHaveBeenCalledTimes(1);
    const first = await client.picture.mock.results[0].value;
    runs[0].emit({ kind: 'partial', stage: 'fineDepth', part: null });
    expect(first.close).not.toHaveBeenCalled();
    await ask();
    expect(client.picture).toHaveBeenCalledTimes(2);
    expect(first.close).toHaveBeenCalledTimes(1);
    runs[0].emit(done('fineDepth'));
    await ask();
    expect(client.picture).toHaveBeenCalledTimes(3);
    await ask();
    expect(client.picture).toHaveBeenCalledTimes(3);
  });

  test('only the newest full pictures stay', async () => {
    const { state, client } = await finished();
    for (const side of ['front', 'back'] as const) {
      for (const kind of ['coarseNormals', 'coarseDepth', 'mergedNormals', 'depth'] as const) {
        await state().requestPicture({ kind, side }, 'bitmap');
      }
    }
    const first = await client.picture.mock.results[0].value;
    expect(first.close).toHaveBeenCalledTimes(1);
    expect(Object.keys(state().pictures)).toHaveLength(8);
  });

  test('only the newest point is asked for while one answer is out', async () => {
    const { state, client } = await finished();
    for (let column = 0; column < 5; column++) void state().probeAt({ row: 1, column });
    await settle();
    expect(client.probe.mock.calls).toEqual([
      [1, 0],
      [1, 4],
    ]);
    expect(state().probe?.at).toEqual({ row: 1, column: 4 });
  });

  test('a texture tells how far it is and what is wrong with it; cancelled, nothing is saved or said', async () => {
    const { state, client, saved } = await finished();
    client.exportFile.mockImplementationOnce(async (_format, _triangles, _options, onEvent) => {
      onEvent?.({ kind: 'progress', fraction: 0.4, note: 'filling' });
      expect(state().saving).toEqual({ format: 'texturedGlb', fraction: 0.4, note: 'filling' });
      onEvent?.({ kind: 'notice', text: 'a smaller one' });
      return new Blob(['glb']);
    });
    await state().save('texturedGlb');
    expect(state().saving).toBeNull();
    expect(state().notices).toContainEqual({ stage: 'surface', text: 'a smaller one' });
    const before = saved.length;
    state().setFileOptions({ up: 'z' });
    client.exportFile.mockImplementationOnce(async (_format, _triangles, _options, onEvent) => {
      onEvent?.({ kind: 'progress', fraction: 0.4, note: 'filling' });
      await state().cancelSave();
      throw new StageError('export', 'E_CANCELLED', 'Cancelled.', { fix: '' });
    });
    await state().save('texturedGlb');
    expect(client.cancelExport).toHaveBeenCalledOnce();
    expect([saved.length, state().problem, state().saving]).toEqual([before, null, null]);
  });

  test('saving names the file after the photo; a failure is said', async () => {
    const { state, saved, client } = await finished();
    for (const format of ['glb', 'meshPly', 'cloudPly', 'report'] as const) await state().save(format);
    expect(saved).toEqual(['me.glb', 'me.ply', 'me-cloud.ply', 'me-report.json']);
    client.exportFile.mockRejectedValueOnce(new Error('disk full'));
    await state().save('stl');
    expect(state().problem?.message).toBe('disk full');
    expect(state().saving).toBeNull();
  });

  test('the state is plain data', async () => {
    const { state } = await finished();
    const plain = JSON.parse(JSON.stringify(state()));
    for (const [key, value] of Object.entries(state())) {
      if (typeof value !== 'function') expect(plain[key], key).toEqual(value);
    }
  });
});

describe('looking around', () => {
  test('view, stage and map always show the same thing', () => {
    const { state } = setUp();
    state().setView('maps');
    expect(state().stage).toBe('mergedNormals');
    state().setMaps({ left: { map: 'depth', side: 'back' } });
    expect(state().stage).toBe('fineDepth');
    state().setMaps({ wipe: 0.2 });
    expect(state().stage).toBe('fineDepth');
    state().selectStage('coarse');
    expect(state()).toMatchObject({ view: 'maps', maps: { left: { map: 'coarseNormals' } } });
    state().selectStage('matte');
    expect(state()).toMatchObject({ view: 'photo', overlays: { matte: true } });
    state().setView('model');
    expect(state().stage).toBe('surface');
  });

  test('the light stays on its ball', () => {
    const { state } = setUp();
    state().setLight(3, 4);
    expect(state().light).toEqual({ x: 0.6, y: 0.8 });
  });

  test('asking for a camera pose twice is two orders and stops the turntable', () => {
    const { state } = setUp();
    state().setTurning(true);
    state().moveCamera('back');
    state().moveCamera('back');
    expect(state().camera).toEqual({ pose: 'back', serial: 2 });
    expect(state().turning).toBe(false);
  });
});

describe('several people', () => {
  const box = { left: 0, top: 0, right: 0.5, bottom: 1 };
  const PEOPLE: RunEvent = { kind: 'people', people: { boxes: [box, box], chosen: 1 } };

  test('a click makes that one’s figure of the same photo; the boxes stay meanwhile', async () => {
    const { state, client, runs } = await opened();
    runs[0].emit(PEOPLE);
    expect(state().people?.boxes).toHaveLength(2);
    runs[0].finish();
    await settle();
    void state().choosePerson(1);
    await vi.waitUntil(() => runs.length === 2);
    expect(client.run.mock.lastCall?.[0]).toMatchObject({ name: 'me', subject: 'person 1' });
    expect(state().people?.chosen).toBe(1);
    await state().closePhoto();
    expect(state().people).toBe(null);
  });

  test('everybody, one after the other, each saved under a number of its own', async () => {
    const { state, runs, saved } = await opened();
    runs[0].emit(PEOPLE);
    runs[0].finish();
    await settle();
    const all = state().makeEverybody();
    await vi.waitUntil(() => runs.length === 2);
    runs[1].finish();
    await vi.waitUntil(() => runs.length === 3);
    runs[2].finish();
    await all;
    expect(saved).toEqual(['me-person-1.glb', 'me-person-2.glb']);
  });

  test('everybody leaves out who may be a mirror image or a statue', async () => {
    const { state, runs, saved } = await opened();
    const mirror = { ...box, doubt: 'mirror image' } as const;
    runs[0].emit({ kind: 'people', people: { boxes: [mirror, box], chosen: 1 } });
    runs[0].finish();
    await settle();
    const all = state().makeEverybody();
    await vi.waitUntil(() => runs.length === 2);
    runs[1].finish();
    await all;
    expect(saved).toEqual(['me-person-2.glb']);
  });

  test('cancelled, the queue ends', async () => {
    const { state, runs, saved } = await opened();
    runs[0].emit(PEOPLE);
    runs[0].finish();
    await settle();
    const all = state().makeEverybody();
    await vi.waitUntil(() => runs.length === 2);
    runs[1].fail(new StageError('matte', 'E_CANCELLED', 'Cancelled.', { fix: '' }));
    await all;
    expect([runs.length, ...saved]).toEqual([2]);
  });

  test('another way to the cut-out, and back to the usual one', async () => {
    const { state, client, runs } = await finished();
    void state().chooseMatte('segmentation');
    await vi.waitUntil(() => runs.length === 2);
    expect(client.run.mock.lastCall?.[0]).toMatchObject({ matteSource: 'segmentation' });
    runs[1].finish();
    await settle();
    void state().chooseMatte(null);
    await vi.waitUntil(() => runs.length === 3);
    expect(client.run.mock.lastCall?.[0].matteSource).toBeUndefined();
  });
});

describe('weights', () => {
  const checkpoint = () => new File(['zip'], 'ckpt_bg_mask.pth.tar');

  test('a dropped checkpoint is opened, and the open photo runs again with it', async () => {
    const { state, client, runs } = await finished();
    void state().openFiles([checkpoint()]);
    await vi.waitUntil(() => runs.length === 2);
    expect(client.importPack).toHaveBeenLastCalledWith(
      { kind: 'checkpoint', file: expect.objectContaining({ name: 'ckpt_bg_mask.pth.tar' }) },
      expect.any(Function),
    );
    expect(state().openingWeights).toBeNull();
  });

  test('refused weights leave the open ones and say why', async () => {
    const { state, client } = setUp();
    await state().startSession();
    client.importPack.mockRejectedValueOnce(
      new StageError('checkpoint', 'E_BAD_CHECKPOINT', 'The file is cut off.', { fix: 'Download it again.' }),
    );
    await state().openFiles([checkpoint()]);
    expect(state().problem?.code).toBe('E_BAD_CHECKPOINT');
    expect(state().session).toMatchObject({ kind: 'ready', pack: { id: 'starter' } });
    expect(state().openingWeights).toBeNull();
  });

  test('pack files go together, photos are no weights', async () => {
    const { state, client } = setUp();
    const files = [new File(['{}'], 'pack.json'), new File(['w'], 'weights.safetensors')];
    await state().openFiles(files);
    expect(client.importPack).toHaveBeenLastCalledWith({ kind: 'files', files }, expect.any(Function));
    await state().openFiles([new File(['{}'], 'pose_keypoints.json', { type: 'application/json' })]);
    expect(client.importPack).toHaveBeenCalledTimes(1);
    expect(state().pending?.poseName).toBe('pose_keypoints.json');
  });
});
