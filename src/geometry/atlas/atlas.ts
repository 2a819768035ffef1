/**
 * The atlas of a mesh: charts cut, placed, baked. Its pictures come as pixels; encoding is the caller's.
 * What the camera saw keeps the photo's own pixels: at full size a texel of the front's charts is a pixel of the photo. Where
 * the atlas has room for less, all charts shrink alike, but the head keeps twice as many texels along each side.
 */
import type { RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import type { Steps } from '../../base/steps.ts';
import { Appearance, type AppearanceSources } from './appearance.ts';
import { type BakeTarget, bakeSteps } from './bake.ts';
import { type Chart, chartsSteps } from './charts.ts';
import { fillSteps } from './fill.ts';
import { type Placement, packSteps } from './packing.ts';
import { projected, SIDES } from './projections.ts';
import { tangentsSteps } from './tangents.ts';

export interface AtlasRequest {
  /** The mesh to texture. */
  readonly mesh: SurfaceMesh;
  /** The mesh that it was simplified from, or itself. */
  readonly full: SurfaceMesh;
  readonly sources: Omit<AppearanceSources, 'mesh'>;
  /** What deserves more texels, by place in the final frame. */
  readonly important: (x: number, y: number, z: number) => boolean;
  /** Width of the atlas at most, a power of two from 512; it is no higher than wide. */
  readonly maxSide: number;
  /** Makes the pictures, all zero; null where memory does not hold them. */
  readonly allocate?: (width: number, height: number) => BakeTarget | null;
  /** Fraction done, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

export interface Atlas extends BakeTarget {
  readonly positions: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  readonly uvs: Float32Array<ArrayBuffer>;
  readonly tangents: Float32Array<ArrayBuffer>;
  readonly indices: Uint32Array<ArrayBuffer>;
  readonly sources: Uint32Array<ArrayBuffer>;
  /** Texels of the front's charts per pixel of the photo, along a side. */
  readonly texelsPerPixel: number;
  /** Memory would not hold the side that was asked for. */
  readonly short: boolean;
  readonly charts: number;
}

const LEAST_SIDE = 512;
/** The normals come from a canvas of 2048 px: more texels have nothing to show. */
const MOST_NORMAL_SIDE = 4096;
/** How much denser the head is where not everything can have the photo's own resolution. */
const IMPORTANT_FACTOR = 2;
/** Share of the atlas that charts can fill at best; where the search for a scale begins. */
const BEST_FILL = 0.78;
/** Each next scale that is tried. */
const SHRINK = 0.955;

interface Packed {
  readonly placements: readonly Placement[];
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

/** @returns what is drawn with the atlas; `colour` and `normal` belong to the caller. */
export function* atlasSteps({
  mesh,
  full,
  sources,
  important,
  maxSide,
  allocate = allocated,
  onProgress = () => {},
}: AtlasRequest): Steps<Atlas> {
  const charts = yield* chartsSteps(mesh, important);
  onProgress(0.15);
  const views = SIDES.map((_, side) => projected(mesh.positions, side));
  yield;
  const appearance = yield* Appearance.steps({ mesh: full, ...sources });
  onProgress(0.35);
  // A whole number of texels per pixel, so that each is one of the photo's; small photos are doubled, for the normals' sake.
  const whole = appearance.photoPerCanvas;
  const mostScale = whole * Math.max(1, Math.round(1 / whole));
  let side = maxSide;
  let short = false;
  for (;;) {
    const packed = yield* packedSteps(charts, views, mesh.indices, mostScale, side);
    const target = allocate(packed.width, packed.height);
    if (!target && packed.width > LEAST_SIDE) {
      side = packed.width / 2;
      short = true;
      continue;
    }
    if (!target) throw new RangeError('no memory for an atlas');
    const split = yield* splitSteps(mesh, packed);
    const tangents = yield* tangentsSteps(split.positions, split.normals, split.uvs, split.indices);
    onProgress(0.5);
    yield* bakeSteps(packed.placements, { ...split, tangents }, mesh, full, appearance, target);
    onProgress(0.85);
    yield* fillSteps(target.colour);
    yield* fillSteps(target.normal);
    const texelsPerPixel = packed.scale / appearance.photoPerCanvas;
    return { ...target, ...split, tangents, texelsPerPixel, short, charts: charts.length };
  }
}

/** The smallest atlas that holds the charts at full size, or the largest with charts as large as fit. */
function* packedSteps(
  charts: readonly Chart[],
  views: readonly Float32Array[],
  indices: Uint32Array,
  mostScale: number,
  maxSide: number,
): Steps<Packed> {
  let area = 0;
  let importantArea = 0;
  for (const chart of charts) {
    area += chart.area;
    if (chart.important) importantArea += chart.area;
  }
  for (let side = LEAST_SIDE; side <= maxSide; side *= 2) {
    if (area * mostScale ** 2 > BEST_FILL * side ** 2) continue;
    const placements = yield* packSteps(charts, views, indices, () => mostScale, side);
    if (placements) return { placements, scale: mostScale, ...sizeOf(placements, side) };
  }
  const weighted = area + importantArea * (IMPORTANT_FACTOR ** 2 - 1);
  let scale = Math.min(mostScale, Math.sqrt((BEST_FILL * maxSide ** 2) / weighted));
  for (;;) {
    const scaleOf = ({ important }: Chart) =>
      important ? Math.min(mostScale, scale * IMPORTANT_FACTOR) : scale;
    const placements = yield* packSteps(charts, views, indices, scaleOf, maxSide);
    if (placements) return { placements, scale, ...sizeOf(placements, maxSide) };
    scale *= SHRINK;
  }
}

/** Charts are placed from the top: where the lower half stays empty it is cut off. Game engines want powers of two. */
function sizeOf(placements: readonly Placement[], side: number): { width: number; height: number } {
  const used = Math.max(...placements.map(({ placeY, height }) => placeY + height));
  return { width: side, height: used <= side / 2 ? side / 2 : side };
}

/** Pictures of an atlas; null where memory does not hold them. */
function allocated(width: number, height: number): BakeTarget | null {
  const picture = (shrink: number): RgbaImage => ({
    width: width / shrink,
    height: height / shrink,
    data: new Uint8ClampedArray((width / shrink) * (height / shrink) * 4),
  });
  try {
    return { colour: picture(1), normal: picture(Math.max(1, width / MOST_NORMAL_SIDE)) };
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

/** Makes vectors unit, in place: a mesh's normals may have any length, those of a textured one not. */
function unit(vectors: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  for (let i = 0; i < vectors.length; i += 3) {
    const length = Math.hypot(vectors[i], vectors[i + 1], vectors[i + 2]);
    if (length > 1e-12) for (let k = 0; k < 3; k++) vectors[i + k] /= length;
    else vectors.set([0, 0, 1], i);
  }
  return vectors;
}

/** Vertices once for each chart, with their places on the atlas. */
function* splitSteps(mesh: SurfaceMesh, { placements, width, height }: Packed) {
  const indices = new Uint32Array(mesh.indices.length);
  const sources: number[] = [];
  const uvs: number[] = [];
  const vertices = mesh.positions.length / 3;
  const numbers = new Uint32Array(vertices);
  const owner = new Int32Array(vertices).fill(-1);
  const views: Float32Array[] = [];
  for (let k = 0; k < placements.length; k++) {
    yield;
    const { chart, scale, originX, originY, placeX, placeY } = placements[k];
    views[chart.side] ??= projected(mesh.positions, chart.side);
    const view = views[chart.side];
    for (const t of chart.triangles) {
      for (let e = t * 3; e < t * 3 + 3; e++) {
        const v = mesh.indices[e];
        if (owner[v] !== k) {
          owner[v] = k;
          numbers[v] = sources.length;
          sources.push(v);
          uvs.push(
            (view[v * 3] * scale - originX + placeX) / width,
            (view[v * 3 + 1] * scale - originY + placeY) / height,
          );
        }
        indices[e] = numbers[v];
      }
    }
  }
  const copy = (values: Float32Array) => {
    const out = new Float32Array(sources.length * 3);
    for (let v = 0; v < sources.length; v++) {
      for (let k = 0; k < 3; k++) out[v * 3 + k] = values[sources[v] * 3 + k];
    }
    return out;
  };
  return {
    positions: copy(mesh.positions),
    normals: unit(copy(mesh.normals)),
    uvs: Float32Array.from(uvs),
    indices,
    sources: Uint32Array.from(sources),
  };
}
