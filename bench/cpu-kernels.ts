/**
 * Time of every full-size CPU kernel, what a visitor without WebGPU waits for: `npx tsx bench/cpu-kernels.ts [RUNS]`.
 * Noise for pictures, the parts of one recorded pose, an ellipsoid for depth. One warm-up, then medians, ms: the
 * clock's and the processor's, which a busy machine lengthens less.
 */
import { readFileSync } from 'node:fs';
import { hashNoiseArray } from '../src/base/deterministic.ts';
import { type MapShape, planarMap, type RgbaImage } from '../src/base/images.ts';
import type { Pace } from '../src/base/steps.ts';
import { CANVAS_SIZE, COARSE_SIZE, CROP_SIZES, KIND_OF_PART, PART_IDS } from '../src/geometry/body.ts';
import { consistencyNormals } from '../src/geometry/depth-normals.ts';
import { createCpuKernels } from '../src/gpu/cpu-kernels.ts';
import type { DeviceMap } from '../src/gpu/device-map.ts';

const N = CANVAS_SIZE;
const runs = Number(process.argv[2] ?? 5);
/** Longest time between two places where the kernel may be put aside, ms: what Cancel waits for. */
let longestStepMs = 0;
const measuringPace: Pace = async (steps) => {
  for (;;) {
    const began = performance.now();
    const step = steps.next();
    longestStepMs = Math.max(longestStepMs, performance.now() - began);
    if (step.done) return step.value;
  }
};
const kernels = createCpuKernels().paced(measuringPace);

async function measure<T>(name: string, work: () => Promise<T>): Promise<T> {
  let result = await work();
  const wallMs: number[] = [];
  const cpuMs: number[] = [];
  longestStepMs = 0;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    const usage = process.cpuUsage();
    result = await work();
    const { user, system } = process.cpuUsage(usage);
    cpuMs.push((user + system) / 1000);
    wallMs.push(performance.now() - start);
  }
  console.log(
    `${name.padEnd(36)}${median(wallMs).padStart(7)} ms, processor ${median(cpuMs).padStart(6)} ms, longest step ${longestStepMs.toFixed(0).padStart(4)} ms`,
  );
  return result;
}

function median(values: number[]): string {
  return values.sort((a, b) => a - b)[values.length >> 1].toFixed(0);
}

function noisePhoto(width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i++)
    data[i] = (i & 3) === 3 ? 255 : (Math.imul(i, 2654435761) >>> 13) & 255;
  return { width, height, data };
}

const noise = (key: string, shape: MapShape) =>
  kernels.upload(
    planarMap(
      shape,
      hashNoiseArray(key, shape[0] * shape[1] * shape[2]).map((u) => 0.5 + 0.5 * u),
    ),
  );

async function main(): Promise<void> {
  for (const [width, height, antialias] of [
    [1540, 2048, true],
    [800, 600, true],
    [3000, 4000, false],
    [3000, 4000, true],
    [9000, 12000, true],
  ] as const) {
    const photo = noisePhoto(width, height);
    const name = `squarePhoto ${width} x ${height}${antialias ? '' : ', reference'}`;
    await measure(name, () => kernels.squarePhoto(photo, N, antialias));
  }
  const photo = noisePhoto(N, N);
  const matte = { width: N, height: N, data: new Uint8Array(N * N) };
  for (let row = 200; row < 1900; row++) matte.data.fill(255, row * N + 700, row * N + 1300);
  const input = await measure('networkInput', () => kernels.networkInput(photo, matte));
  await measure('downsample8', () => kernels.downsample8(input));

  const pose = JSON.parse(readFileSync('tests/golden/keypoints_affine.json', 'utf8')).hanni;
  const affine = (m: number[][]) => Float32Array.from(m.flat());
  const coarse = noise('bench/coarse', [6, COARSE_SIZE, COARSE_SIZE]);
  const eachPart = (work: (p: number) => Promise<DeviceMap>) => Promise.all(PART_IDS.map((_, p) => work(p)));
  const kindOf = (p: number) => KIND_OF_PART[PART_IDS[p]];
  await measure('partInput x 12', () =>
    eachPart((p) => kernels.partInput(input, coarse, kindOf(p), affine(pose.theta[p]))),
  );
  const occupancies = await measure('partOccupancy x 12', () =>
    eachPart((p) => kernels.partOccupancy(kindOf(p), affine(pose.theta[p]))),
  );
  const parts = PART_IDS.map((id, p) => {
    const { height, width } = CROP_SIZES[kindOf(p)];
    return {
      kind: kindOf(p),
      normals: noise(`bench/${id}`, [6, height, width]),
      occupancy: occupancies[p],
      partFromImage: affine(pose.theta_inv[p]),
    };
  });
  const merged = await measure('mergeNormals', () => kernels.mergeNormals(parts));
  await measure('mergeWeights 256', () => kernels.mergeWeights(parts, COARSE_SIZE));
  await measure('fillUncovered', () => kernels.fillUncovered(merged, parts, coarse));

  const tile = { row: 488, column: 488, height: 560, width: 560 };
  const core = { row: 512, column: 512, height: 512, width: 512 };
  const coarseDepth = kernels.upload(planarMap([2, COARSE_SIZE, COARSE_SIZE]));
  await measure('fineTileInput 560', () => kernels.fineTileInput(coarseDepth, merged, tile));
  const rawTile = kernels.upload(planarMap([3, tile.height, tile.width]));
  const raw = planarMap([3, N, N]);
  const target = kernels.upload(raw);
  await measure('storeTile 512', () => kernels.storeTile(rawTile, tile, core, target));

  for (let i = 0; i < N * N; i++) {
    const x = ((i % N) - 1024) / 330;
    const y = (Math.floor(i / N) - 1024) / 900;
    const inside = 1 - x * x - y * y;
    raw.data[i] = inside > 0 ? 2 - 0.3 * Math.sqrt(inside) : 6;
    raw.data[N * N + i] = inside > 0 ? 2 + 0.3 * Math.sqrt(inside) : 0;
  }
  const rawMap = kernels.upload(raw);
  const depth = await measure('finishDepth', () => kernels.finishDepth(rawMap, null));
  // Noise says next to nothing; the ellipsoid's own normals make every pixel a link.
  const own = planarMap([6, N, N]);
  const drawn = await kernels.download(depth);
  for (let side = 0; side < 2; side++) {
    const one = planarMap([1, N, N], drawn.data.slice(side * N * N, (side + 1) * N * N));
    own.data.set(consistencyNormals(one).data, side * 3 * N * N);
  }
  const normals = kernels.upload(own);
  await measure('relief', () => kernels.relief(depth, normals));
  for (const mode of ['reference', 'robust'] as const) {
    const cloud = await measure(`depthToCloud, ${mode}`, () =>
      kernels.depthToCloud(depth, merged, photo, photo, { mode, erodeBack: true }),
    );
    console.log(`  ${cloud.count} points`);
  }
}

await main();
