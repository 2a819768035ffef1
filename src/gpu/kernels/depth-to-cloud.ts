/**
 * Bindings of depth-to-cloud.wgsl and the run of its five passes. The number of points is only known after the fourth,
 * so the row starts are read back before the outputs are allocated. Colours are looked up on the CPU by pixel index:
 * they start and end in ordinary memory, and 32 MiB of uploads would buy 8 MiB of lookups.
 */
import type { OrientedCloud } from '../../base/cloud.ts';
import { StageError } from '../../base/errors.ts';
import type { RgbaImage } from '../../base/images.ts';
import { CLOUD_DIVISOR, depthUnitPx, focalPx, HALF_VIEW_TANGENT, NEAREST_Z } from '../../geometry/camera.ts';
import {
  CENTRAL_CURVE_PX,
  CENTRAL_SLOPE_PX,
  codedSlopeScale,
  JUMP_PX,
} from '../../geometry/depth-normals.ts';
import { BACK_EROSIONS } from '../../geometry/points.ts';
import type { PooledBuffer } from '../buffer-pool.ts';
import { type DeviceMap, shapeBytes } from '../device-map.ts';
import { type Binding, type KernelRunner, pixelGroups } from '../kernel-runner.ts';
import type { CloudOptions } from '../kernel-set.ts';
import { PRELUDE } from './affine-px.ts';
import {
  AGREE_COSINE,
  DENIED_COSINE,
  DISAGREE_COSINE,
  GRAZING_COSINE,
  SHORTEST_CODED,
  STEEP_COSINE,
} from './depth-to-cloud.reference.ts';
import code from './depth-to-cloud.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Params = defineStruct('Params', {
  size: 'u32',
  robust: 'u32',
  erode_back: 'u32',
  unit: 'f32',
  focal: 'f32',
  slope_scale: 'f32',
});

/** Threads of a group in the passes that take 32 pixels or a row each. Ours. */
const WORD_THREADS = 64;

/** 16-bit depth steps per unit of network depth: 512 px a unit, 32 steps a px. Source: docs/method.md#depth-units. */
const DEPTH_STEPS = 512 * 32;

/** The reference's thresholds, by their names there. */
const CONSTANTS: Readonly<Record<string, number>> = {
  HALF_VIEW_TANGENT,
  CLOUD_DIVISOR,
  NEAREST_Z,
  JUMP_PX,
  CENTRAL_SLOPE_PX,
  CENTRAL_CURVE_PX,
  GRAZING_COSINE,
  STEEP_COSINE,
  DENIED_COSINE,
  AGREE_COSINE,
  DISAGREE_COSINE,
  SHORTEST_CODED,
  DEPTH_STEPS,
};

const CONSTANT_TEXT = [
  ...Object.entries(CONSTANTS).map(([name, value]) => `const ${name}: f32 = ${value};`),
  `const BACK_EROSIONS = ${BACK_EROSIONS}u;`,
  `override WORD_THREADS: u32 = ${WORD_THREADS}u;\n`,
].join('\n');
const SOURCE = { label: 'depth-to-cloud', code: PRELUDE + Params.wgsl + CONSTANT_TEXT + code };

const STAGE = 'cloud';

/**
 * Depth [2, S, S] and merged normals [6, S, S] -> cloud in ordinary memory.
 *
 * @throws StageError as KernelRunner.submit; E_INTERNAL when sizes differ; E_MEMORY when the points outgrow a binding.
 */
export async function runDepthToCloud(
  runner: KernelRunner,
  depth: DeviceMap,
  mergedNormals: DeviceMap,
  frontColours: RgbaImage,
  backColours: RgbaImage,
  options: CloudOptions,
): Promise<OrientedCloud> {
  const size = depth.shape[1];
  checkSizes(size, depth, mergedNormals, frontColours, backColours);
  const words = Math.ceil(size / 32);
  const uniforms = Params.pack({
    size,
    robust: options.mode === 'robust' ? 1 : 0,
    erode_back: options.erodeBack ? 1 : 0,
    unit: depthUnitPx(size),
    focal: focalPx(size),
    slope_scale: codedSlopeScale(size),
  });
  const acquired: PooledBuffer[] = [];
  const acquireScratch = (label: string, bytes: number): Binding => {
    const pooled = runner.pool.acquire(`depth-to-cloud ${label}`, bytes);
    acquired.push(pooled);
    return { buffer: pooled.buffer, size: bytes };
  };
  const bind = (label: string, map: DeviceMap): Binding => {
    const bytes = shapeBytes(map.shape);
    if (map.kind === 'gpu') return { buffer: map.buffer, size: bytes };
    const binding = acquireScratch(label, bytes);
    runner.device.queue.writeBuffer(binding.buffer, 0, map.data);
    return binding;
  };
  const wordGroups = [Math.ceil(words / WORD_THREADS), size, 2] as const;
  const countBytes = 2 * (size + 1) * 4;
  try {
    const maps = await runner.submit(STAGE, 'depth-to-cloud count', (recorder) => {
      const source = bind('depth', depth);
      const merged = bind('merged normals', mergedNormals);
      const px = acquireScratch('px', 2 * size * size * 4);
      const kept = acquireScratch('kept', 2 * size * words * 4);
      const starts = acquireScratch('row starts', countBytes);
      const [x, y] = pixelGroups(size, size);
      recorder.pass({
        source: SOURCE,
        entry: 'prepare',
        bindings: { 1: source, 2: px },
        uniforms,
        groups: [x, y, 2],
      });
      const marked = { 2: px, 3: merged, 4: kept };
      recorder.pass({ source: SOURCE, entry: 'mark', bindings: marked, uniforms, groups: wordGroups });
      const countGroups = [Math.ceil(size / WORD_THREADS), 2, 1] as const;
      const counted = { 4: kept, 5: starts };
      recorder.pass({
        source: SOURCE,
        entry: 'count_rows',
        bindings: counted,
        uniforms,
        groups: countGroups,
      });
      recorder.pass({
        source: SOURCE,
        entry: 'add_rows',
        bindings: { 5: starts },
        uniforms,
        groups: [2, 1, 1],
      });
      return { px, merged, kept, starts };
    });
    const starts = new Uint32Array(await runner.read(STAGE, 'depth-to-cloud count', maps.starts, countBytes));
    const frontCount = starts[size];
    const count = frontCount + starts[2 * size + 1];
    if (count === 0) return emptyCloud();
    checkCount(runner, count);

    const made = await runner.submit(STAGE, 'depth-to-cloud emit', (recorder) => {
      const positions = acquireScratch('positions', count * 12);
      const normals = acquireScratch('normals', count * 12);
      const pixels = acquireScratch('pixels', count * 4);
      const { px, merged, kept, starts: rowStarts } = maps;
      const bindings = { 2: px, 3: merged, 4: kept, 5: rowStarts, 6: positions, 7: normals, 8: pixels };
      recorder.pass({ source: SOURCE, entry: 'emit', bindings, uniforms, groups: wordGroups });
      return { positions, normals, pixels };
    });
    const pixels = new Uint32Array(await runner.read(STAGE, 'cloud pixels', made.pixels, count * 4));
    const sides = new Uint8Array(count).fill(1, frontCount);
    return {
      count,
      positions: new Float32Array(await runner.read(STAGE, 'cloud positions', made.positions, count * 12)),
      normals: new Float32Array(await runner.read(STAGE, 'cloud normals', made.normals, count * 12)),
      colours: coloursOf(pixels, frontCount, frontColours, backColours),
      sides,
      pixels,
    };
  } finally {
    for (const pooled of acquired) pooled.dispose();
  }
}

function coloursOf(
  pixels: Uint32Array,
  frontCount: number,
  front: RgbaImage,
  back: RgbaImage,
): Uint8Array<ArrayBuffer> {
  const colours = new Uint8Array(pixels.length * 3);
  for (let i = 0; i < pixels.length; i++) {
    const from = i < frontCount ? front.data : back.data;
    const at = pixels[i] * 4;
    colours[3 * i] = from[at];
    colours[3 * i + 1] = from[at + 1];
    colours[3 * i + 2] = from[at + 2];
  }
  return colours;
}

function emptyCloud(): OrientedCloud {
  return {
    count: 0,
    positions: new Float32Array(0),
    normals: new Float32Array(0),
    colours: new Uint8Array(0),
    sides: new Uint8Array(0),
    pixels: new Uint32Array(0),
  };
}

function checkSizes(
  size: number,
  depth: DeviceMap,
  mergedNormals: DeviceMap,
  frontColours: RgbaImage,
  backColours: RgbaImage,
): void {
  const others = [depth.shape[2], ...mergedNormals.shape.slice(1), frontColours.width, backColours.width];
  if (others.every((other) => other === size)) return;
  throw new StageError(
    STAGE,
    'E_INTERNAL',
    `Depth, normals and colours differ in size: ${size}, ${others}.`,
    {
      fix: 'Start the run again from the photo.',
    },
  );
}

function checkCount(runner: KernelRunner, count: number): void {
  const allowed = runner.device.limits.maxStorageBufferBindingSize;
  if (count * 12 <= allowed) return;
  throw new StageError(
    STAGE,
    'E_MEMORY',
    `${count} points need ${count * 12} bytes, the device allows ${allowed}.`,
    {
      fix: 'Choose the WASM backend.',
    },
  );
}
