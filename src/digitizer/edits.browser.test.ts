/** Corrections in the real worker at full size: each makes again what depends on it, and equals a run from the start. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SurfaceMesh } from '../base/mesh.ts';
import { createDigitizerClient, type DigitizerClient } from '../client/digitizer-client.ts';
import { KEYPOINT_IDS } from '../geometry/body.ts';
import { type FigureEdits, NO_EDITS } from '../geometry/figure-edits.ts';
import { DEFAULT_RUN_OPTIONS, type RunEvent, type RunInput, type RunOptions, type StageId } from './types.ts';

const OPTIONS: RunOptions = { ...DEFAULT_RUN_OPTIONS, backend: 'wasm', surfaceDepth: 7 };
let client: DigitizerClient;
let base: RunInput;
let wrist: readonly [number, number];

async function startedClient(): Promise<DigitizerClient> {
  const made = createDigitizerClient();
  await made.start(OPTIONS, { kind: 'url', url: new URL('/packs/starter/', location.href).href });
  return made;
}

async function runWith(edits: FigureEdits, on = client) {
  const done = new Map<StageId, { detail: string; cached: boolean }>();
  const { mesh, report } = await on.run({ ...base, edits }, OPTIONS, (event: RunEvent) => {
    if (event.kind === 'thumbnail') event.bitmap.close();
    if (event.kind === 'stage' && event.state.kind === 'done') done.set(event.stage, event.state);
  });
  return { mesh, report, done };
}

const isSame = (a: SurfaceMesh, b: SurfaceMesh) =>
  (['positions', 'colours', 'indices'] as const).every(
    (name) => a[name].length === b[name].length && a[name].every((value, i) => value === b[name][i]),
  );

beforeAll(async () => {
  const photo = await (await fetch('/samples/bomber-jacket.jpg')).blob();
  const poseJson = await (await fetch('/samples/bomber-jacket_keypoints.json')).text();
  base = { name: 'bomber-jacket', photo, poseJson, keepResults: false };
  client = await startedClient();
}, 120_000);

afterAll(() => client?.dispose());

test('a moved wrist runs one part network and a few tiles, undo nothing; from the start it is the same figure', async () => {
  const before = await runWith(NO_EDITS);
  const table = await client.keypoints();
  const at = KEYPOINT_IDS.indexOf('leftWrist') * 3;
  if (!table) throw new Error('no keypoints');
  wrist = [table[at] + 14, table[at + 1] - 6];
  const moved: FigureEdits = { ...NO_EDITS, joints: { leftWrist: wrist } };
  const edited = await runWith(moved);
  expect(edited.done.get('pose')?.detail).toBe('1 moved by hand');
  for (const stage of ['photo', 'matte', 'coarse'] as const)
    expect(edited.done.get(stage)?.cached, stage).toBe(true);
  expect(edited.done.get('partNormals')?.detail).toBe('1 of 12 parts again');
  expect(edited.report.tiles.run).toBeLessThan(5);
  expect(isSame(edited.mesh, before.mesh)).toBe(false);

  const undone = await runWith(NO_EDITS);
  for (const [stage, { cached }] of undone.done) expect(cached, stage).toBe(true);
  expect(isSame(undone.mesh, before.mesh)).toBe(true);

  const fresh = await startedClient();
  try {
    expect(isSame((await runWith(moved, fresh)).mesh, edited.mesh)).toBe(true);
  } finally {
    fresh.dispose();
  }
}, 240_000);

test('a turned box runs its part, a hidden part none; a painted hole is a hole; none of it is left after undo', async () => {
  const before = await runWith(NO_EDITS);
  const box = { dx: 6, dy: 0, turnRad: 0.1, scale: 1.1 };
  const boxed = await runWith({ ...NO_EDITS, boxes: { rightForearm: box } });
  expect(boxed.done.get('partNormals')?.detail).toBe('1 of 12 parts again');
  expect(boxed.done.get('coarse')?.cached).toBe(true);
  const hidden = await runWith({ ...NO_EDITS, hidden: ['head'] });
  expect(hidden.done.get('partNormals')?.cached).toBe(true);
  expect(hidden.done.get('mergedNormals')?.cached).toBe(false);
  expect(isSame(hidden.mesh, before.mesh)).toBe(false);
  const stroke = { kind: 'remove', radiusPx: 40, hardness: 1, edgeAware: false, points: [...wrist] } as const;
  const painted = await runWith({ ...NO_EDITS, strokes: [stroke] });
  expect(painted.done.get('matte')?.cached).toBe(true);
  const cutout = await client.pixels({ kind: 'matte' });
  const [x, y] = wrist.map(Math.round);
  expect(cutout?.data[(y * cutout.width + x) * 4]).toBe(0);
  const undone = await runWith(NO_EDITS);
  for (const [stage, { cached }] of undone.done) expect(cached, stage).toBe(true);
}, 240_000);

test('a point is explained by every stage: where, who saw it, what became of it', async () => {
  await runWith(NO_EDITS);
  const table = await client.keypoints();
  if (!table) throw new Error('no keypoints');
  const [elbow, hand] = (['rightElbow', 'rightWrist'] as const).map((id) => KEYPOINT_IDS.indexOf(id) * 3);
  // Inside the sleeve, two thirds down the forearm.
  const [column, row] = [0, 1].map((k) => Math.round((table[elbow + k] + 2 * table[hand + k]) / 3));
  const report = await client.explain(row, column);
  if (!report) throw new Error('nothing to tell');
  expect(report.matte).toBe(1);
  expect(report.parts[0].part).toBe('rightForearm');
  expect(report.parts.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 1);
  for (const vector of [
    report.merged?.front,
    report.merged?.back,
    report.coarse?.front,
    report.parts[0].front,
  ]) {
    expect(Math.hypot(...(vector ?? [0, 0, 0]))).toBeCloseTo(1, 4);
  }
  expect(report.merged?.front[2]).toBeGreaterThan(0);
  expect(report.depth?.backPx).toBeGreaterThan(report.depth?.frontPx ?? Number.POSITIVE_INFINITY);
  const picture = await client.pixels({ kind: 'photo' });
  const at = (row * 2048 + column) * 4;
  expect([...report.colour]).toEqual([...(picture?.data.slice(at, at + 3) ?? [])]);
  expect(report.mmPerPx).toBeGreaterThan(0.7);
  expect(report.mmPerPx).toBeLessThan(1.5);
  expect((await client.explain(5, 5))?.depth).toBeNull();
  expect(await client.explain(-1, 5)).toBeNull();
});

test('impossible corrections are refused in words, and the figure before stays', async () => {
  const all = {
    kind: 'remove',
    radiusPx: 1000,
    hardness: 1,
    edgeAware: false,
    points: [0, 1024, 2048, 1024],
  } as const;
  await expect(runWith({ ...NO_EDITS, strokes: [all] })).rejects.toMatchObject({
    code: 'E_EMPTY_MATTE',
    message: expect.stringContaining('painting'),
  });
  const away = { dx: 5000, dy: 0, turnRad: 0, scale: 1 };
  await expect(runWith({ ...NO_EDITS, boxes: { head: away } })).rejects.toMatchObject({
    code: 'E_SINGULAR_PART',
    message: 'The box of the head lies outside the photo.',
  });
  expect((await client.exportFile('glb')).size).toBeGreaterThan(10_000);
}, 120_000);
