/**
 * Point clouds as other tools write them, through the command line: each gives the body it holds, where it lies and in its
 * colours, or one sentence. The files are made by make-clouds.ts.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { surfaceCommand } from '../../../cli/surface.ts';
import { sharedPath } from '../../shared.ts';
import { makeClouds } from './make-clouds.ts';

const BODY_LOW = [-0.25, -0.7, -0.15];
const BODY_HIGH = [0.25, 0.93, 0.15];
const HEAD = [220, 170, 140];
const TRUNK = [40, 90, 200];
const GREY = [128, 128, 128];

interface Expected {
  /** What stderr says; nothing when left out. */
  readonly says?: RegExp;
  readonly offset?: readonly number[];
  readonly scale?: number;
  /** Box where it is not the body's. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  readonly tolerance?: number;
  readonly head?: readonly number[];
  readonly trunk?: readonly number[];
  /** Members of the JSON line. */
  readonly line?: Record<string, unknown>;
}

const UTM = [512434, 5405590, 348.5];
const ECEF = [2511673.6, 1438633.7, 5664733.7];
const shifted = /^The coordinates are large: .* taken off for the solve and put back/;
const estimated = /^The cloud has no normals: they are estimated/m;
const grey = { head: GREY, trunk: GREY };

/** Files that give a body. */
const BODIES: readonly (readonly [name: string, expected: Expected])[] = [
  ['base.ply', { line: { skipped: 0, outliers: 0, normals: 'given' } }],
  ['big-endian.ply', {}],
  ['crlf.ply', {}],
  ['cr.ply', {}],
  ['cr-first-byte-10.ply', { tolerance: 0.06 }],
  ['lfcr.ply', {}],
  ['indented-upper.ply', {}],
  ['bom-ascii.ply', {}],
  ['comments.ply', {}],
  ['sized-types.ply', {}],
  ['int64-label.ply', {}],
  ['lists-everywhere.ply', {}],
  ['range-grid.ply', {}],
  ['upper-names.ply', {}],
  ['diffuse_rgb.ply', {}],
  ['r-g-b.ply', {}],
  ['ushort-rgb.ply', {}],
  ['int-rgb.ply', {}],
  ['float-rgb-1.ply', {}],
  ['float_rgb_255.ply', {}],
  ['packed-float-rgb.ply', {}],
  ['packed-uint-rgba.ply', {}],
  ['alpha.ply', {}],
  ['intensity.ply', { head: [255, 255, 255], trunk: [0, 0, 0] }],
  ['gaussian-splat.ply', { says: estimated }],
  ['normal_x.ply', { line: { normals: 'given' } }],
  ['char-normals.ply', { line: { normals: 'given' } }],
  ['uchar-normals.ply', { line: { normals: 'given' } }],
  ['long-normals.ply', { line: { normals: 'given' } }],
  ['zero-normals.ply', { says: estimated, line: { normals: 'estimated' } }],
  ['third-zero-normals.ply', { says: /^\d+ points without a normal/, line: { normals: 'completed' } }],
  ['nan-normals.ply', { says: /^5 points without a normal/, line: { normals: 'completed' } }],
  ['no-normals.ply', { says: estimated, line: { normals: 'estimated' } }],
  ['inward-normals.ply', { says: /^The normals point into the body: they are turned round/ }],
  ['mixed-sides.ply', { says: /^Normals of neighbouring points point to opposite sides/ }],
  [
    'half-inward.ply',
    { says: /^With the normals of the cloud .* estimated/, line: { normals: 'estimated' } },
  ],
  ['random-normals.ply', { says: /do not fit its points: they are estimated/ }],
  ['ascii.ply', {}],
  ['ascii_minus_nan.ply', { says: /^1 point without a normal/ }],
  [
    'ascii-odd-numbers.ply',
    { says: /^5 points with coordinates that are no finite numbers/, line: { skipped: 5 } },
  ],
  ['ascii-decimal-commas.ply', {}],
  ['ascii-uneven-lines.ply', { says: /^1 line without the values of a point .*\n1 line with more values/ }],
  ['ascii-short-lines.ply', { says: /^Its lines have 3 values where the header names 9/, ...grey }],
  ['ascii-wrapped.ply', {}],
  ['nan_points.ply', { says: /^2 points with coordinates/, line: { skipped: 2 } }],
  ['holes-at-zero.ply', { says: /^\d+ points at exactly \(0, 0, 0\)/ }],
  ['utm_double.ply', { says: shifted, offset: UTM }],
  ['ecef-no-normals.ply', { says: shifted, offset: ECEF }],
  ['utm-ascii.ply', { says: shifted, offset: UTM }],
  ['millimetres.ply', { scale: 1000 }],
  ['outlier_1_at_20.0.ply', { says: /^1 point far from the body was left out/, line: { outliers: 1 } }],
  ['outliers-scattered.ply', { says: /^20 points far from the body were left out/, line: { outliers: 20 } }],
  ['outlier-1e30.ply', { says: /^1 point far from the body was left out/ }],
  ['one-spot-far.ply', { says: /^300 points far from the body were left out, 300 of them on one spot/ }],
  [
    'two-near.ply',
    { says: /2 bodies far apart/, high: [3.25, 0.93, 0.15], line: { components: 2 }, tolerance: 0.08 },
  ],
  // Thirty times denser than the trunk, whose few points leave the neck open: two bodies that touch.
  ['dense-head.ply', { line: { components: 2 } }],
  ['doubled.ply', {}],
  ['doubled-no-normals.ply', { says: estimated, tolerance: 0.06 }],
  [
    'one-side.ply',
    {
      says: /% of the surface has no points near it and is a guess/,
      low: [-0.25, -0.7, -0.43],
      tolerance: 0.15,
    },
  ],
  [
    'cut-off-at-90.ply',
    { says: /^The file is cut off: it holds \d+ of its \d+ points/, tolerance: 0.1, head: [-1] },
  ],
  [
    'cut-off-ascii.ply',
    { says: /^The file is cut off: it holds \d+ of its \d+ points/, tolerance: 0.1, head: [-1] },
  ],
  ['count-too-small.ply', { says: /^The file holds 10 more points than/ }],
  ['count-too-small-ascii.ply', { says: /^The file holds 10 lines after its/ }],
  ['points.xyz', { says: /^The columns are taken as x y z red green blue.*\n.*no normals/ }],
  ['points.pts', { says: /^The columns are taken as x y z grey red green blue/ }],
  ['points.csv', { says: /^The columns are taken as x y z nx ny nz\.\n$/, ...grey }],
  ['points.obj', { ...grey }],
  ['organised-ascii.pcd', { says: /^\d+ points with coordinates/ }],
  ['organised-binary.pcd', { says: /^\d+ points with coordinates/ }],
];

/** Files that give one sentence. */
const REFUSED: readonly (readonly [name: string, sentence: RegExp])[] = [
  ['ascii-words.ply', /"abc" is no number/],
  ['utm-float.ply', /coordinates come in steps of 0\.5, too coarse .* double x, y, z/],
  ['two-far.ply', /holds 2 bodies .* too far apart for one grid\. Save each body/],
  ['mostly-scattered.ply', /% of its points are scattered far from the rest/],
  ['plane.ply', /all points lie on a plane/],
  ['plane-noisy-no-normals.ply', /bulges out of the cloud|lies? near/],
  ['line.ply', /all points lie on a plane, a line/],
  ['one-point.ply', /only 1 point\. Use at least 16/],
  ['same-points.ply', /a plane, a line or one spot/],
  ['no-points.ply', /it has no points/],
  ['noise-cube.ply', /fill a volume|faces another way|bulges out/],
  ['cut-off-at-30.ply', /too short for its \d+ vertex entries/],
  ['huge-count.ply', /too short for its 4000000000 vertex entries/],
  ['packed.ply.gz', /gzip .*\(gunzip\)/],
  ['scan.las', /LAS .*Convert it to PLY/],
  ['scan.e57', /E57 .*Convert it to PLY/],
  ['compressed-splat.ply', /compressed Gaussian splat/],
  ['pointer.ply', /Git LFS pointer .*git lfs pull/],
  ['page.ply', /HTML .*web page/],
  ['empty.ply', /is empty/],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clouds-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function surface(file: string) {
  const mesh = join(folder, 'mesh.ply');
  rmSync(mesh, { force: true });
  let [stdout, stderr] = ['', ''];
  const status = await surfaceCommand([file, '--depth', '6', '--threads', '1', '--out', mesh], {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  });
  return { status, stdout, stderr, mesh };
}

/** Box and colours of a mesh as its file says them, without our reader. @param headFrom above this y. */
function measure(path: string, headFrom: number, trunkTo: number) {
  const bytes = readFileSync(path);
  const head = bytes.subarray(0, 2000).toString('latin1');
  let at = head.indexOf('end_header\n') + 'end_header\n'.length;
  const doubles = head.includes('property double x');
  const width = doubles ? 8 : 4;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  const colours = { head: [] as number[][], trunk: [] as number[][] };
  for (let i = 0; i < Number(/element vertex (\d+)/.exec(head)?.[1]); i++) {
    const p = [0, 1, 2].map((k) =>
      doubles ? bytes.readDoubleLE(at + k * 8) : bytes.readFloatLE(at + k * 4),
    );
    for (let k = 0; k < 3; k++) {
      low[k] = Math.min(low[k], p[k]);
      high[k] = Math.max(high[k], p[k]);
    }
    const colour = [0, 1, 2].map((k) => bytes[at + width * 3 + 12 + k]);
    if (p[1] > headFrom) colours.head.push(colour);
    if (p[1] < trunkTo) colours.trunk.push(colour);
    at += width * 3 + 12 + 3 + 4 + 4;
  }
  const mean = (list: readonly number[][]) =>
    [0, 1, 2].map((k) => list.reduce((sum, colour) => sum + colour[k], 0) / list.length);
  return { low, high, doubles, head: mean(colours.head), trunk: mean(colours.trunk) };
}

async function expectBody(file: string, expected: Expected): Promise<void> {
  const { status, stdout, stderr, mesh } = await surface(file);
  const { offset = [0, 0, 0], scale = 1, tolerance = 0.05 } = expected;
  // Few points on a coarse grid: that it says so is right.
  const said = stderr.replace(/^The points are too far apart for depth.*\n/m, '');
  if (expected.says) expect(said).toMatch(expected.says);
  else expect(said).toBe('');
  expect(status).toBe(0);
  const found = measure(mesh, 0.8 * scale + offset[1], 0.5 * scale + offset[1]);
  for (let k = 0; k < 3; k++) {
    const low = (expected.low ?? BODY_LOW)[k] * scale + offset[k];
    const high = (expected.high ?? BODY_HIGH)[k] * scale + offset[k];
    expect(Math.abs(found.low[k] - low), `low ${k}: ${found.low[k]}`).toBeLessThan(tolerance * scale);
    expect(Math.abs(found.high[k] - high), `high ${k}: ${found.high[k]}`).toBeLessThan(tolerance * scale);
  }
  expect(found.doubles).toBe(expected.offset !== undefined);
  for (const part of ['head', 'trunk'] as const) {
    const colour = expected[part] ?? { head: HEAD, trunk: TRUNK }[part];
    if (colour.length === 3)
      for (let k = 0; k < 3; k++)
        expect(Math.abs(found[part][k] - colour[k]), `${part} ${found[part]}`).toBeLessThan(16);
  }
  expect(JSON.parse(stdout)).toMatchObject({
    components: 1,
    boundaryEdges: 0,
    nonManifoldEdges: 0,
    ...expected.line,
  });
}

const path = (name: string) => join(import.meta.dirname, name);

describe('point clouds of other tools', () => {
  test.each(BODIES)('%s gives its body', (name, expected) => expectBody(path(name), expected));

  test.each(REFUSED)('%s is refused with one sentence', async (name, sentence) => {
    const { status, stdout, stderr } = await surface(path(name));
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      /^(The .* (cannot be read|cannot become a surface): .*\. .*\.?\)?|.* is empty: give .*)\.$/,
    );
    expect(status).toBe(1);
    expect(stdout).toBe('');
  });

  test('every file is what make-clouds.ts makes, and is in a table', () => {
    const made = makeClouds();
    const files = readdirSync(import.meta.dirname).filter((name) => !/\.(ts|md)$/.test(name));
    expect(files.sort()).toEqual([...made.keys()].sort());
    expect(files.sort()).toEqual([...BODIES, ...REFUSED].map(([name]) => name).sort());
    for (const [name, bytes] of made) expect(readFileSync(path(name)).equals(bytes), name).toBe(true);
  });

  test('positions far from 0 keep their precision', async () => {
    const near = await surface(path('base.ply'));
    const { low, high } = measure(near.mesh, 0, 0);
    const far = await surface(path('utm_double.ply'));
    const moved = measure(far.mesh, 0, 0);
    for (let k = 0; k < 3; k++) {
      expect(Math.abs(moved.low[k] - UTM[k] - low[k])).toBeLessThan(1e-4);
      expect(Math.abs(moved.high[k] - UTM[k] - high[k])).toBeLessThan(1e-4);
    }
  });
});

const shared = sharedPath('cases/ply');
describe.skipIf(!shared)('the shared cases, whole', () => {
  test.each<[string, Expected]>([
    ['base.ply', {}],
    ['ascii_minus_nan.ply', { says: /^1 point without a normal/ }],
    ['diffuse_rgb.ply', {}],
    ['float_rgb_255.ply', {}],
    ['lfcr.ply', {}],
    ['nan_points.ply', { says: /^2 points with coordinates/ }],
    ['outlier_1_at_20.0.ply', { says: /^1 point far from the body was left out/ }],
    ['utm_double.ply', { says: shifted, offset: UTM }],
  ])('%s', (name, expected) => expectBody(join(shared ?? '', name), { tolerance: 0.02, ...expected }));
});
