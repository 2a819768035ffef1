/**
 * Distance from every vertex to the nearest sample, in spacings, and its confidence: ../confidence.ts in WebAssembly, which says how and why
 * and is what the test compares with. Samples in cubes of CUBE spacings, 4^3 cubes to a block, blocks in a table.
 * Samples take their places in a cube in any order; distances do not depend on it.
 */

import { prefixSum } from './clusters';
import { allocate, allocateZeroed, release } from './memory';
import { takeOne, VERTEX_BLOCK, wordAt } from './pieces';
import { blockEnd, SAMPLE_BLOCK, sampleBlocks } from './sample-blocks';
import { S } from './state';
import { forItems } from './thread-pool';

const FARTHEST: f64 = 16;
const GUESSED_SHARE: f64 = 0.5;
const HALVING: f64 = 2;
const CUBE: f64 = 4;
const RINGS: i32 = 4;
/** Words of a block's record: where its 64 cubes begin, and where the last one ends. */
const RECORD: i32 = 65;
const MOST_BLOCKS: f64 = 16777216;

/** Box of the search and its unit; set by measureSupport, the same on every thread. */
// @ts-ignore: decorator
@unmanaged
export class Cubes {
  lowX: f64;
  lowY: f64;
  lowZ: f64;
  unit: f64;
  scale: f64;
  spacing: f64;
  width: i32;
  height: i32;
  deep: i32;
  blocks: usize;
  records: usize;
  /** Next free place of each cube while samples are placed. */
  places: usize;
  points: usize;
}

// @ts-ignore: decorator
@inline function blocksAlong(extent: f64, unit: f64): f64 {
  return floor<f64>(extent / (unit * FARTHEST)) + 1;
}

/** Needs S.positions of S.count samples. Makes S.distances, f32 a vertex, Infinity beyond FARTHEST, and S.confidence. */
export function measureSupport(
  lowX: f64,
  lowY: f64,
  lowZ: f64,
  highX: f64,
  highY: f64,
  highZ: f64,
  spacing: f64,
): void {
  const cubes = changetype<Cubes>(allocateZeroed(offsetof<Cubes>()));
  let unit = spacing;
  while (
    blocksAlong(highX - lowX, unit) * blocksAlong(highY - lowY, unit) * blocksAlong(highZ - lowZ, unit) >
    MOST_BLOCKS
  )
    unit *= 2;
  cubes.lowX = lowX;
  cubes.lowY = lowY;
  cubes.lowZ = lowZ;
  cubes.unit = unit;
  cubes.scale = 1 / unit;
  cubes.spacing = spacing;
  cubes.width = <i32>blocksAlong(highX - lowX, unit);
  cubes.height = <i32>blocksAlong(highY - lowY, unit);
  cubes.deep = <i32>blocksAlong(highZ - lowZ, unit);
  const entries = cubes.width * cubes.height * cubes.deep;
  cubes.blocks = allocateZeroed((<u64>entries) << 2);
  S.jobOther = changetype<usize>(cubes);
  forItems(cubeBlocksJob, sampleBlocks());
  let existing: i32 = 0;
  for (let at = cubes.blocks, end = at + ((<usize>entries) << 2); at < end; at += 4)
    if (load<u32>(at) != 0) store<u32>(at, ++existing);
  const words = existing * RECORD;
  cubes.records = allocateZeroed((<u64>(words + 1)) << 2);
  forItems(cubeCountJob, sampleBlocks());
  prefixSum(cubes.records, words);
  cubes.places = allocate((<u64>words) << 2);
  memory.copy(cubes.places, cubes.records, (<usize>words) << 2);
  cubes.points = allocate(<u64>S.count * 12);
  forItems(cubePlaceJob, sampleBlocks());
  release(cubes.places);
  S.distances = allocate((<u64>S.vertexCount) << 2);
  S.confidence = allocate(S.vertexCount);
  forItems(supportJob, (S.vertexCount + VERTEX_BLOCK - 1) / VERTEX_BLOCK);
  release(cubes.points);
  release(cubes.records);
  release(cubes.blocks);
  release(changetype<usize>(cubes));
}

// @ts-ignore: decorator
@inline function along(i: i32, axis: usize, low: f64, scale: f64): f64 {
  return (<f64>load<f32>(S.positions + <usize>i * 12 + axis) - low) * scale;
}
// @ts-ignore: decorator
@inline function cubeAlong(i: i32, axis: usize, low: f64, scale: f64, blocks: i32): i32 {
  // Samples outside the box (it may be that of a thinned cloud) belong to the cubes at its faces.
  return min(max(<i32>floor<f64>(along(i, axis, low, scale) / CUBE), 0), 4 * blocks - 1);
}
// @ts-ignore: decorator
@inline function blockEntry(cubes: Cubes, x: i32, y: i32, z: i32): usize {
  return cubes.blocks + ((<usize>((z * cubes.height + y) * cubes.width + x)) << 2);
}
// @ts-ignore: decorator
@inline function cubeOf(cubes: Cubes, i: i32): u32 {
  const x = cubeAlong(i, 0, cubes.lowX, cubes.scale, cubes.width),
    y = cubeAlong(i, 4, cubes.lowY, cubes.scale, cubes.height),
    z = cubeAlong(i, 8, cubes.lowZ, cubes.scale, cubes.deep);
  const block = load<u32>(blockEntry(cubes, x >> 2, y >> 2, z >> 2)) - 1;
  return block * RECORD + (((z & 3) << 4) | ((y & 3) << 2) | (x & 3));
}

/** Job over blocks of samples: marks the blocks that exist, all with the same value. */
export function cubeBlocksJob(first: i32, last: i32): void {
  const cubes = changetype<Cubes>(S.jobOther);
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++) {
    const x = cubeAlong(i, 0, cubes.lowX, cubes.scale, cubes.width),
      y = cubeAlong(i, 4, cubes.lowY, cubes.scale, cubes.height),
      z = cubeAlong(i, 8, cubes.lowZ, cubes.scale, cubes.deep);
    store<u32>(blockEntry(cubes, x >> 2, y >> 2, z >> 2), 1);
  }
}

export function cubeCountJob(first: i32, last: i32): void {
  const cubes = changetype<Cubes>(S.jobOther);
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++)
    takeOne(wordAt(cubes.records, cubeOf(cubes, i)));
}

export function cubePlaceJob(first: i32, last: i32): void {
  const cubes = changetype<Cubes>(S.jobOther);
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++) {
    const to = cubes.points + <usize>takeOne(wordAt(cubes.places, cubeOf(cubes, i))) * 12;
    store<f32>(to, <f32>along(i, 0, cubes.lowX, cubes.scale));
    store<f32>(to, <f32>along(i, 4, cubes.lowY, cubes.scale), 4);
    store<f32>(to, <f32>along(i, 8, cubes.lowZ, cubes.scale), 8);
  }
}

/** Number of the block's record plus one; 0 where there is none. */
// @ts-ignore: decorator
@inline function blockAt(cubes: Cubes, x: i32, y: i32, z: i32): u32 {
  if (<u32>x >= <u32>cubes.width || <u32>y >= <u32>cubes.height || <u32>z >= <u32>cubes.deep) return 0;
  return load<u32>(blockEntry(cubes, x, y, z));
}

function isLonely(cubes: Cubes, x: i32, y: i32, z: i32): bool {
  for (let dz = -1; dz < 2; dz++)
    for (let dy = -1; dy < 2; dy++)
      for (let dx = -1; dx < 2; dx++) if (blockAt(cubes, x + dx, y + dy, z + dz) != 0) return false;
  return true;
}

/** Job over blocks of vertices. */
export function supportJob(first: i32, last: i32): void {
  const cubes = changetype<Cubes>(S.jobOther);
  for (let v = first * VERTEX_BLOCK, n = min(last * VERTEX_BLOCK, S.vertexCount); v < n; v++) {
    const at = S.vertices + <usize>v * 12;
    const x = (<f64>load<f32>(at) - cubes.lowX) * cubes.scale;
    const y = (<f64>load<f32>(at, 4) - cubes.lowY) * cubes.scale;
    const z = (<f64>load<f32>(at, 8) - cubes.lowZ) * cubes.scale;
    const distance = nearest(cubes, x, y, z);
    store<f32>(S.distances + ((<usize>v) << 2), distance);
    store<u8>(S.confidence + <usize>v, confidenceOf(distance, load<u8>(S.vertexSeen + <usize>v)));
  }
}

/** 0 .. 255 for 0 .. 1. */
// @ts-ignore: decorator
@inline function confidenceOf(distance: f64, seen: f64): u8 {
  const near: f64 = distance <= 1 ? 1 : distance < FARTHEST ? Math.exp2((1 - distance) / HALVING) : 0;
  return <u8>floor<f64>(near * (GUESSED_SHARE * 255 + (1 - GUESSED_SHARE) * seen) + 0.5);
}

/** Rings of cubes, nearest first, until nothing nearer can come or a sample lies within one spacing. */
function nearest(cubes: Cubes, x: f64, y: f64, z: f64): f32 {
  const ratio = cubes.spacing / cubes.unit;
  const free = ratio * ratio,
    farthest = FARTHEST * ratio,
    none = farthest * farthest;
  const fx = floor<f64>(x / CUBE),
    fy = floor<f64>(y / CUBE),
    fz = floor<f64>(z / CUBE);
  const cx = <i32>fx,
    cy = <i32>fy,
    cz = <i32>fz;
  // To the nearest face of the own cube: rings up to r leave nothing nearer than this plus r cubes.
  const inset = min(
    min(x - fx * CUBE, fx * CUBE + CUBE - x),
    min(min(y - fy * CUBE, fy * CUBE + CUBE - y), min(z - fz * CUBE, fz * CUBE + CUBE - z)),
  );
  let best = none;
  for (let ring = 0; ring <= RINGS; ring++) {
    if (ring == 1 && best == none && isLonely(cubes, cx >> 2, cy >> 2, cz >> 2)) break;
    if (ring > 0) {
      const apart = inset + <f64>(ring - 1) * CUBE;
      if (apart * apart >= best) break;
    }
    for (let dz = -ring; dz <= ring; dz++)
      for (let dy = -ring; dy <= ring; dy++) {
        const step = abs(dz) == ring || abs(dy) == ring ? 1 : 2 * ring;
        for (let dx = -ring; dx <= ring; dx += step) {
          best = nearestInCube(cubes, cx + dx, cy + dy, cz + dz, x, y, z, free, best);
          if (best <= free) return 1;
        }
      }
  }
  return best < none ? <f32>(sqrt<f64>(best) / ratio) : <f32>Infinity;
}

/** The least square of a distance, or the first that is at most `free`. */
// @ts-ignore: decorator
@inline function nearestInCube(
  cubes: Cubes,
  cx: i32,
  cy: i32,
  cz: i32,
  x: f64,
  y: f64,
  z: f64,
  free: f64,
  best: f64,
): f64 {
  const block = blockAt(cubes, cx >> 2, cy >> 2, cz >> 2);
  if (block == 0) return best;
  const cube = (block - 1) * RECORD + (((cz & 3) << 4) | ((cy & 3) << 2) | (cx & 3));
  const end = cubes.points + <usize>load<u32>(wordAt(cubes.records, cube + 1)) * 12;
  for (let at = cubes.points + <usize>load<u32>(wordAt(cubes.records, cube)) * 12; at < end; at += 12) {
    const ox = <f64>load<f32>(at) - x,
      oy = <f64>load<f32>(at, 4) - y,
      oz = <f64>load<f32>(at, 8) - z;
    const square = ox * ox + oy * oy + oz * oz;
    if (square < best) {
      best = square;
      if (best <= free) return best;
    }
  }
  return best;
}
