import { expect, test } from 'vitest';
import { type RunReport, STAGE_IDS } from '../digitizer/types.ts';
import { waitingStages } from './figure.ts';
import { memoryStorage } from './preferences.ts';
import type { StageEntry } from './run-state.ts';
import { createRunTimes, type KindOfRun, remainingMs } from './run-times.ts';

const KIND: KindOfRun = { backend: 'wasm', packId: 'starter', mode: 'robust', surfaceDepth: 9 };
const report = (elapsedMs: number) =>
  ({
    stages: STAGE_IDS.map((stage) => ({ stage, elapsedMs, bytes: 0, detail: '' })),
  }) as unknown as RunReport;
const all = (state: StageEntry['state']) =>
  Object.fromEntries(STAGE_IDS.map((id) => [id, { ...waitingStages()[id], state }])) as ReturnType<
    typeof waitingStages
  >;
const done = (cached: boolean) => all({ kind: 'done', elapsedMs: 1, detail: '', cached });

test('before a first run nothing is guessed; then the last runs count, the newest most', () => {
  const times = createRunTimes(() => storage);
  const storage = memoryStorage();
  expect(remainingMs(waitingStages(), times.of(KIND))).toBeNull();
  times.learn(KIND, report(100), done(false));
  expect(remainingMs(waitingStages(), times.of(KIND))).toBe(1000);
  times.learn(KIND, report(200), done(false));
  expect(remainingMs(waitingStages(), times.of(KIND))).toBe(1500);
  // Kept stages take no time, and teach nothing.
  times.learn(KIND, report(1), done(true));
  expect(remainingMs(waitingStages(), times.of(KIND))).toBe(1500);
  expect(times.of({ ...KIND, surfaceDepth: 10 })).toBeNull();
});

test('what is done does not count, what runs counts by what is left of it', () => {
  const storage = memoryStorage();
  const times = createRunTimes(() => storage);
  times.learn(KIND, report(100), done(false));
  const stages = { ...done(false) };
  stages.surface = { ...stages.surface, state: { kind: 'running', fraction: 0.25, note: '' } };
  expect(remainingMs(stages, times.of(KIND))).toBe(75);
});

test('a storage that refuses, or holds something else, is no times', () => {
  const refused = createRunTimes(() => {
    throw new Error('no');
  });
  refused.learn(KIND, report(1), done(false));
  expect(refused.of(KIND)).toBeNull();
  const storage = memoryStorage();
  storage.setItem('statuette.times', '{"version":1,"kinds":{"x":{"photo":-5}}}');
  expect(createRunTimes(() => storage).of(KIND)).toBeNull();
});
