/** What the page keeps, brings back, and does with several photos: with a worker driven by hand and a shelf in memory. */
import { describe, expect, test, vi } from 'vitest';
import { StageError } from '../base/errors.ts';
import { createApp } from './app-store.ts';
import { bitmap, MACHINE, PACK, quietPreferences, scriptedClient } from './client-test-kit.ts';
import { shownState } from './figure.ts';
import { memoryShelf } from './library-test-kit.ts';

const photoFile = (name: string) => new File([`bytes of ${name}`], name, { type: 'image/jpeg' });
/** Turns of the message loop in which nothing has changed any more: then the page has come to rest. */
const QUIET_TURNS = 12;
let changes = 0;
let reads = 0;

async function settle(): Promise<void> {
  for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
    const before = changes + reads;
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (changes + reads !== before || pending > 0) quiet = 0;
  }
}

/** Reading a Blob takes as long as it takes. */
let pending = 0;
const { arrayBuffer } = Blob.prototype;
Blob.prototype.arrayBuffer = async function (this: Blob) {
  pending++;
  try {
    return await arrayBuffer.call(this);
  } finally {
    pending--;
    reads++;
  }
};

function page(shelf = memoryShelf()) {
  const script = scriptedClient();
  const saveFile = vi.fn();
  let now = 1000;
  const app = createApp({
    createClient: () => script.client,
    fetchOwn: async () => new Blob(['[]']),
    saveFile,
    nowMs: () => 0,
    preferences: quietPreferences(),
    keeping: {
      shelf,
      dateMs: () => ++now,
      portrait: async () => new Blob(['portrait'], { type: 'image/webp' }),
      bitmapOf: async () => bitmap(),
    },
  });
  app.store.subscribe(() => {
    changes++;
  });
  const state = () => shownState(app.store.getState());
  return { app, state, shelf, saveFile, ...script };
}

async function finished(name = 'me.jpg', shelf = memoryShelf()) {
  const made = page(shelf);
  void made.state().openPhoto(photoFile(name));
  await settle();
  made.runs[0].finish({ triangles: 1, vertices: 3 });
  await settle();
  return made;
}

/** The page as it is after it was closed and opened again. */
function reopened({ app, shelf }: { app: { dispose(): void }; shelf: ReturnType<typeof memoryShelf> }) {
  app.dispose();
  return page(shelf);
}

describe('a figure is kept by itself', () => {
  test('from its first moment on, and whole when it is finished; a new page lists and opens it', async () => {
    const first = page();
    void first.state().openPhoto(photoFile('me.jpg'), '{"pose":1}', new Blob(['mask']));
    await settle();
    expect(first.state().projects).toMatchObject([{ title: 'me', state: 'unfinished' }]);
    first.runs[0].finish({ triangles: 1, vertices: 3 });
    await settle();
    const [card] = first.state().projects ?? [];
    expect(card).toMatchObject({ title: 'me', state: 'finished', bytes: expect.any(Number) });

    const later = reopened(first);
    await later.state().loadProjects();
    expect(later.state().projects).toMatchObject([{ key: card.key, state: 'finished' }]);
    expect(await later.state().openProject(card.key)).toBe(true);
    await settle();
    expect(later.state()).toMatchObject({
      page: 'studio',
      view: 'model',
      stage: 'surface',
      restored: true,
      run: { kind: 'done' },
    });
    expect(later.app.resources.get(later.state().mesh)?.indices).toEqual(new Uint32Array([0, 1, 2]));
    expect(later.runs).toHaveLength(0);
    expect(later.client.adopt).toHaveBeenCalledTimes(1);
    expect(await later.app.resources.get(later.state().input?.photo)?.text()).toBe('bytes of me.jpg');
    expect(later.state().input?.poseJson).toBe('{"pose":1}');
  });

  test('with how tall the person is: said, said again, forgotten', async () => {
    const key = (from: ReturnType<typeof page>) => from.state().projects?.[0].key ?? '';
    let made = await finished();
    const heightAfterwards = async () => {
      made = reopened(made);
      await made.state().loadProjects();
      await made.state().openProject(key(made));
      await settle();
      return made.state().input?.heightCm;
    };
    await made.state().setHeight(183);
    expect(await heightAfterwards()).toBe(183);
    await made.state().setHeight(150);
    expect(await heightAfterwards()).toBe(150);
    // Files go by it without being told again.
    await made.state().save('glb');
    expect(made.client.exportFile.mock.lastCall?.[2]).toMatchObject({ heightMeters: 1.5 });
    await made.state().setHeight(null);
    expect(await heightAfterwards()).toBeUndefined();
  });

  test('closed in the middle: the photo is there, and its run goes on by itself', async () => {
    const first = page();
    void first.state().openPhoto(photoFile('me.jpg'));
    await settle();
    const later = reopened(first);
    await later.state().loadProjects();
    const [card] = later.state().projects ?? [];
    expect(card.state).toBe('unfinished');
    await later.state().openProject(card.key);
    await settle();
    expect(later.runs).toHaveLength(1);
    later.runs[0].finish({ triangles: 1, vertices: 3 });
    await settle();
    expect(later.state().projects).toMatchObject([{ key: card.key, state: 'finished' }]);
  });

  test('a file of its maps waits for them; one of its mesh does not', async () => {
    const first = await finished();
    const later = reopened(first);
    await later.state().loadProjects();
    await later.state().openProject(later.state().projects?.[0].key ?? '');
    await settle();
    await later.state().save('glb');
    expect(later.runs).toHaveLength(0);
    const saving = later.state().save('cloudPly');
    await settle();
    expect(later.runs).toHaveLength(1);
    expect(later.client.exportFile.mock.lastCall?.[0]).toBe('glb');
    later.runs[0].finish({ triangles: 1, vertices: 3 });
    await saving;
    expect(later.client.exportFile.mock.lastCall?.[0]).toBe('cloudPly');
  });

  test('its maps come when they are asked for, and not with other weights', async () => {
    const first = await finished();
    const later = reopened(first);
    await later.state().loadProjects();
    await later.state().openProject(later.state().projects?.[0].key ?? '');
    await settle();
    expect(later.runs).toHaveLength(0);
    void later.state().wake();
    await settle();
    expect(later.runs).toHaveLength(1);
    // The figure is on screen meanwhile, and stays when its maps cannot be made.
    expect(later.state().mesh).not.toBeNull();
    later.runs[0].fail(new StageError('coarse', 'E_MEMORY', 'No memory.', { fix: 'Close tabs.' }));
    await settle();
    expect(later.state()).toMatchObject({ restored: true, run: { kind: 'done' } });
    void later.state().wake();
    await settle();
    later.runs[1].finish({ triangles: 1, vertices: 3 });
    await settle();
    expect(later.state()).toMatchObject({ restored: false, run: { kind: 'done' } });

    const other = reopened(later);
    other.client.start.mockImplementation(async () => ({ machine: MACHINE, pack: { ...PACK, id: 'other' } }));
    await other.state().loadProjects();
    await other.state().openProject(other.state().projects?.[0].key ?? '');
    await other.state().wake();
    expect(other.runs).toHaveLength(0);
    expect(
      other
        .state()
        .notices.map(({ text }) => text)
        .join(),
    ).toContain('weights');
  });

  test('home leaves it as it is; it goes on behind the first page and comes back in the same view', async () => {
    const { state, runs } = page();
    void state().openPhoto(photoFile('me.jpg'));
    await settle();
    state().setView('maps');
    state().goHome();
    expect(state()).toMatchObject({ page: 'first', run: { kind: 'running' } });
    runs[0].finish({ triangles: 1, vertices: 3 });
    await settle();
    expect(state().projects).toMatchObject([{ state: 'finished' }]);
    state().goToFigure();
    expect(state()).toMatchObject({ page: 'studio', view: 'maps', run: { kind: 'done' } });
  });

  test('a later photo that fails takes nothing; an unreadable one leaves no card', async () => {
    const { state, runs } = await finished();
    void state().openPhoto(photoFile('two.jpg'));
    await settle();
    runs[1].fail(new StageError('photo', 'E_NOT_AN_IMAGE', 'Not a picture.', { fix: 'Another.' }));
    await settle();
    expect(state().projects).toMatchObject([{ title: 'me', state: 'finished' }]);
    expect(state()).toMatchObject({ run: { kind: 'done' }, input: { title: 'me' } });
    void state().openPhoto(photoFile('three.jpg'));
    await settle();
    runs[2].fail(new StageError('pose', 'E_NO_PERSON', 'Nobody is there.', { fix: 'Another.' }));
    await settle();
    expect(state().projects).toMatchObject([
      { title: 'three', state: 'unfinished', why: { message: 'Nobody is there.' } },
      { title: 'me', state: 'finished' },
    ]);
  });

  test('full storage: said once with what to do, the figure stays open and can be saved as a file', async () => {
    const made = page();
    made.shelf.writesLeft = 0;
    void made.state().openPhoto(photoFile('me.jpg'));
    await settle();
    expect(made.state().problem?.code).toBe('E_STORAGE');
    made.state().dismissProblem();
    made.runs[0].finish({ triangles: 1, vertices: 3 });
    await settle();
    expect(made.state()).toMatchObject({
      run: { kind: 'done' },
      problem: null,
      storageNote: expect.stringContaining('full'),
    });
    await made.state().saveProject('open');
    const [blob, name] = made.saveFile.mock.calls[0];
    expect(name).toBe('me.statuette');
    await made.state().closePhoto();
    made.shelf.writesLeft = Number.POSITIVE_INFINITY;
    await made.state().openFiles([new File([blob], 'me.statuette')]);
    await settle();
    expect(made.state()).toMatchObject({ restored: true, run: { kind: 'done' }, storageNote: null });
    expect(made.state().projects).toMatchObject([{ title: 'me', state: 'finished' }]);
  });

  test('open in another tab: shown as a copy, which is kept by itself once something is changed', async () => {
    const first = await finished();
    const [card] = first.state().projects ?? [];
    const later = reopened(first);
    later.shelf.heldElsewhere.add(card.key);
    await later.state().openProject(card.key);
    await settle();
    expect(
      later
        .state()
        .notices.map(({ text }) => text)
        .join(),
    ).toContain('another tab');
    expect(later.shelf.folders.size).toBe(1);
    await later.state().loadProjects();
    await later.state().deleteProject(card.key);
    expect(later.state().problem?.message).toContain('another tab');
    later.state().dismissProblem();
    void later.state().setOptions({ surfaceDepth: 8 });
    await settle();
    later.runs[0].finish({ triangles: 1, vertices: 3 });
    await settle();
    expect(later.shelf.folders.size).toBe(2);
  });

  test('renamed, deleted, undone, deleted for good; the open one goes from the screen', async () => {
    const { state, shelf } = await finished();
    const [{ key }] = state().projects ?? [];
    await state().renameProject(key, '  Anna ');
    expect(state().projects).toMatchObject([{ title: 'Anna' }]);
    expect(state().input?.title).toBe('Anna');
    await state().deleteProject(key);
    expect(state()).toMatchObject({ projects: [], deleted: [{ key }] });
    await state().loadProjects();
    expect(state().projects).toEqual([]);
    state().undoDelete(key);
    expect(state()).toMatchObject({ projects: [{ key }], deleted: [] });
    await state().deleteProject(key);
    await state().finishDeleting();
    expect(shelf.folders.size).toBe(0);
    expect(state()).toMatchObject({ projects: [], input: null });
  });

  test('nothing is held that the page does not show', async () => {
    const { app, state } = await finished();
    const before = app.resources.size;
    for (let i = 0; i < 5; i++) await state().loadProjects();
    await Promise.all([state().loadProjects(), state().loadProjects()]);
    expect(app.resources.size).toBe(before);
  });
});

describe('several photos', () => {
  test('one after the other, behind the first page; one that fails is named and the next is taken', async () => {
    const { state, runs } = page();
    void state().openFiles([
      photoFile('a.jpg'),
      photoFile('b.jpg'),
      new File([], 'c.jpg'),
      photoFile('d.jpg'),
    ]);
    await settle();
    expect(state().page).toBe('first');
    expect(state().queue.map((item) => item.state.kind)).toEqual(['running', 'waiting', 'failed', 'waiting']);
    runs[0].finish({ triangles: 1, vertices: 3 });
    await settle();
    runs[1].fail(new StageError('pose', 'E_NO_PERSON', 'Nobody is there.', { fix: 'Another.' }));
    await settle();
    expect(state().problem).toBeNull();
    runs[2].finish({ triangles: 1, vertices: 3 });
    await settle();
    expect(state().queue.map((item) => item.state.kind)).toEqual(['done', 'failed', 'failed', 'done']);
    expect(
      state()
        .projects?.filter((card) => card.state === 'finished')
        .map((card) => card.title),
    ).toEqual(['d', 'a']);
  });

  test('keypoints and masks find the photo whose name they bear', async () => {
    const { state, runs } = page();
    const json = (name: string) => new File(['{}'], name, { type: 'application/json' });
    void state().openFiles([
      photoFile('a.jpg'),
      json('b_keypoints.json'),
      photoFile('b.jpg'),
      photoFile('b_mask.png'),
    ]);
    await settle();
    runs[0].finish({ triangles: 1, vertices: 3 });
    await settle();
    expect(runs[0].input).toMatchObject({ name: 'a', poseJson: undefined, mask: undefined });
    expect(runs[1].input).toMatchObject({ name: 'b', poseJson: '{}' });
    expect(await runs[1].input.mask?.text()).toBe('bytes of b_mask.png');
  });

  test('looking at a figure makes the others wait; going home goes on', async () => {
    const { state, runs } = page();
    void state().openFiles([photoFile('a.jpg'), photoFile('b.jpg')]);
    await settle();
    runs[0].finish({ triangles: 1, vertices: 3 });
    await settle();
    const done = state().projects?.find((card) => card.state === 'finished');
    await state().openProject(done?.key ?? '');
    await settle();
    expect(state().queue.map((item) => item.state.kind)).toEqual(['done', 'waiting']);
    expect(state()).toMatchObject({ page: 'studio', input: { title: 'a' }, run: { kind: 'done' } });
    state().goHome();
    await settle();
    expect(state().queue.map((item) => item.state.kind)).toEqual(['done', 'running']);
    runs.at(-1)?.finish({ triangles: 1, vertices: 3 });
    await settle();
    expect(state().projects?.filter((card) => card.state === 'finished')).toHaveLength(2);
  });

  test('what cannot be kept is not replaced by the next photo', async () => {
    const made = page();
    made.shelf.writesLeft = 0;
    void made.state().openFiles([photoFile('a.jpg'), photoFile('b.jpg')]);
    await settle();
    made.runs[0].finish({ triangles: 1, vertices: 3 });
    await settle();
    expect(made.state().queue.map((item) => item.state.kind)).toEqual(['done', 'waiting']);
    expect(made.state()).toMatchObject({ input: { title: 'a' }, run: { kind: 'done' } });
  });
});
