/** What the page shows while a run goes on: the newest result, a rough mesh before the fine one, and how long it will be. */
import { expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import type { RunEvent, StageId } from '../digitizer/types.ts';
import { createApp } from './app-store.ts';
import { quietPreferences, scriptedClient } from './client-test-kit.ts';
import { shownState } from './figure.ts';
import { memoryStorage } from './preferences.ts';
import { createRunTimes, remainingMs } from './run-times.ts';

const done = (stage: StageId, cached = false): RunEvent => ({
  ...{ kind: 'stage', stage, state: { kind: 'done', elapsedMs: 40, detail: 'fine', cached } },
});
const rough = () => ({
  ...{ positions: new Float32Array(9), normals: new Float32Array(9), colours: new Uint8Array(9) },
  ...{ seen: new Uint8Array(3), confidence: new Uint8Array(3), indices: new Uint32Array(3) },
});

async function settle(): Promise<void> {
  for (let i = 0; i < 8; i++) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function running() {
  const script = scriptedClient();
  const storage = memoryStorage();
  const app = createApp({
    createClient: () => script.client,
    fetchOwn: async () => new Blob(['[]']),
    saveFile: () => {},
    nowMs: () => 0,
    preferences: quietPreferences(),
    runTimes: createRunTimes(() => storage),
  });
  const state = () => shownState(app.store.getState());
  await state().startSession();
  void state().openPhoto(new File(['jpeg'], 'me.jpg', { type: 'image/jpeg' }));
  await settle();
  return { app, state, run: script.runs[0], ...script };
}

test('who follows sees the depth tile by tile, then a rough figure, then the fine one', async () => {
  const { app, state, run, client } = await running();
  run.emit(done('photo'));
  run.emit({ kind: 'partial', stage: 'fineDepth', part: null });
  expect(state()).toMatchObject({ view: 'maps', stage: 'fineDepth', maps: { left: { map: 'depth' } } });
  client.previewMesh.mockImplementation(async () => rough());
  run.emit({ kind: 'partial', stage: 'surface', part: null });
  await settle();
  expect(state()).toMatchObject({ view: 'model', stage: 'surface', mesh: null });
  const { preview } = state();
  expect(app.resources.get(preview)).toBeDefined();
  run.finish();
  await settle();
  expect(state()).toMatchObject({ preview: null, run: { kind: 'done' } });
  expect(app.resources.get(preview)).toBeUndefined();
});

test('who looks elsewhere is left there; a rough figure goes with its run', async () => {
  const { app, state, run, client } = await running();
  state().setView('photo');
  client.previewMesh.mockImplementation(async () => rough());
  run.emit({ kind: 'partial', stage: 'fineDepth', part: null });
  run.emit({ kind: 'partial', stage: 'surface', part: null });
  await settle();
  expect(state().view).toBe('photo');
  const held = app.resources.size;
  run.fail(new StageError('surface', 'E_MEMORY', 'No memory.', { fix: 'Close tabs.' }));
  await settle();
  expect(state().preview).toBeNull();
  expect(app.resources.size).toBe(held - 1);
});

test('the first run has no time to tell; the next one has that of the last', async () => {
  const { state, run, runs } = await running();
  expect(state().expectedTimes).toBeNull();
  run.emit(done('photo'));
  run.finish({ stages: [{ stage: 'photo', elapsedMs: 40, bytes: 0, detail: '' }] });
  await settle();
  void state().rerun();
  await settle();
  expect(state().expectedTimes).toEqual({ photo: 40 });
  // Of stages that were never timed nothing is known, and nothing is said.
  expect(remainingMs(state().stages, state().expectedTimes)).toBeNull();
  runs[1].finish();
});
