/**
 * Bindings of merge-normals.wgsl and the atlas that holds all parts in two buffers, so that the merge binds three
 * storage buffers however many parts there are.
 */
import { type Affine, PART_COUNT } from '../../geometry/body.ts';
import { type Pass, pixelGroups } from '../kernel-runner.ts';
import { type AffinePx, affinePx, affineRows, PRELUDE } from './affine-px.ts';
import code from './merge-normals.wgsl?raw';
import { cropOrigin } from './sampling.reference.ts';
import sampling from './sampling.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Part = defineStruct('Part', {
  linear: 'vec4f',
  shift: 'vec2f',
  origin: 'vec2f',
  size: 'vec2u',
  start: 'u32',
});
const Params = defineStruct('Params', {
  size: 'u32',
  grid: 'u32',
  coarse_size: 'u32',
  part_count: 'u32',
  parts: { of: Part, length: PART_COUNT },
});
/** Side of a tile with one list of parts, px; a multiple of the workgroup's sides, so that a group agrees. Ours. */
const TILE = 64;

const SOURCE = {
  label: 'merge-normals',
  code: `${PRELUDE}${Params.wgsl}const MAX_PARTS = ${PART_COUNT}u;\nconst TILE = ${TILE}u;\n${sampling}${code}`,
};

/** Front xyz, back xyz. */
export const NORMAL_CHANNELS = 6;

export interface AtlasPart {
  readonly height: number;
  readonly width: number;
  readonly partFromImage: Affine;
}

export interface AtlasLayout {
  readonly parts: readonly (AtlasPart & { readonly start: number })[];
  /** Pixels of all crops together; at least 1, because an empty buffer cannot be bound. */
  readonly pixels: number;
}

/** Puts the crops one after another. */
export function atlasLayout(parts: readonly AtlasPart[]): AtlasLayout {
  if (parts.length > PART_COUNT) throw new RangeError(`at most ${PART_COUNT} parts, got ${parts.length}`);
  let pixels = 0;
  const placed = parts.map((part) => {
    const start = pixels;
    pixels += part.height * part.width;
    return { ...part, start };
  });
  return { parts: placed, pixels: Math.max(1, pixels) };
}

/** Map of one part from canvas px, taken from the middle, to its crop's px. */
function cropFromCanvas(part: AtlasPart, size: number): AffinePx {
  const map = affinePx(part.partFromImage, size);
  const origin = [cropOrigin(size, part.width), cropOrigin(size, part.height)];
  return { ...map, offset: [map.offset[0] - origin[0], map.offset[1] - origin[1]] };
}

/**
 * Which parts may reach each tile of the canvas: row-major, bit k for part k. Conservative: a part counts where the
 * box around the tile, turned into the part's crop, touches the crop.
 */
export function tileParts(layout: AtlasLayout, size: number): Uint32Array<ArrayBuffer> {
  const tiles = Math.ceil(size / TILE);
  const bits = new Uint32Array(tiles * tiles);
  // One px more than the tile's half side, for what bilinear sampling and f32 add.
  const half = TILE / 2 + 1;
  layout.parts.forEach((part, k) => {
    const { linear, offset, middle } = cropFromCanvas(part, size);
    const reach = [
      (Math.abs(linear[0]) + Math.abs(linear[1])) * half,
      (Math.abs(linear[2]) + Math.abs(linear[3])) * half,
    ];
    for (let i = 0; i < bits.length; i++) {
      const dx = ((i % tiles) + 0.5) * TILE - 0.5 - middle;
      const dy = (Math.floor(i / tiles) + 0.5) * TILE - 0.5 - middle;
      const x = linear[0] * dx + linear[1] * dy + offset[0];
      const y = linear[2] * dx + linear[3] * dy + offset[1];
      const touches = Math.abs(x - (part.width - 1) / 2) <= part.width / 2 + 1 + reach[0];
      if (touches && Math.abs(y - (part.height - 1) / 2) <= part.height / 2 + 1 + reach[1]) bits[i] |= 1 << k;
    }
  });
  return bits;
}

function uniforms(layout: AtlasLayout, size: number, grid: number, coarseSize: number): ArrayBuffer {
  return Params.pack({
    size,
    grid,
    coarse_size: coarseSize,
    part_count: layout.parts.length,
    parts: layout.parts.map((part) => {
      return {
        ...affineRows(part.partFromImage),
        origin: [cropOrigin(size, part.width), cropOrigin(size, part.height)],
        size: [part.width, part.height],
        start: part.start,
      };
    }),
  });
}

/** Atlases -> [6, S, S]. */
export function mergePass(
  layout: AtlasLayout,
  normals: GPUBuffer,
  occupancy: GPUBuffer,
  nearby: GPUBuffer,
  target: GPUBuffer,
  size: number,
): Pass {
  return {
    source: SOURCE,
    entry: 'merge',
    bindings: {
      1: { buffer: normals, size: layout.pixels * NORMAL_CHANNELS * 4 },
      2: { buffer: occupancy, size: layout.pixels * 4 },
      3: { buffer: target, size: NORMAL_CHANNELS * size * size * 4 },
      6: { buffer: nearby, size: Math.ceil(size / TILE) ** 2 * 4 },
    },
    uniforms: uniforms(layout, size, 1, 1),
    groups: pixelGroups(size, size),
  };
}

/** Occupancy atlas -> shares [12, grid, grid]. */
export function sharesPass(
  layout: AtlasLayout,
  occupancy: GPUBuffer,
  nearby: GPUBuffer,
  target: GPUBuffer,
  size: number,
  grid: number,
): Pass {
  return {
    source: SOURCE,
    entry: 'shares',
    bindings: {
      2: { buffer: occupancy, size: layout.pixels * 4 },
      3: { buffer: target, size: PART_COUNT * grid * grid * 4 },
      6: { buffer: nearby, size: Math.ceil(size / TILE) ** 2 * 4 },
    },
    uniforms: uniforms(layout, size, grid, 1),
    groups: pixelGroups(grid, grid),
  };
}

/** Merged [6, S, S] and coarse [6, C, C] -> filled [6, S, S]. */
export function fillPass(
  layout: AtlasLayout,
  occupancy: GPUBuffer,
  nearby: GPUBuffer,
  merged: GPUBuffer,
  coarse: GPUBuffer,
  target: GPUBuffer,
  size: number,
  coarseSize: number,
): Pass {
  return {
    source: SOURCE,
    entry: 'fill',
    bindings: {
      2: { buffer: occupancy, size: layout.pixels * 4 },
      3: { buffer: target, size: NORMAL_CHANNELS * size * size * 4 },
      4: { buffer: merged, size: NORMAL_CHANNELS * size * size * 4 },
      5: { buffer: coarse, size: NORMAL_CHANNELS * coarseSize * coarseSize * 4 },
      6: { buffer: nearby, size: Math.ceil(size / TILE) ** 2 * 4 },
    },
    uniforms: uniforms(layout, size, 1, coarseSize),
    groups: pixelGroups(size, size),
  };
}
