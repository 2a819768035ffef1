/**
 * Takes the weight of samples that a blurred jump left behind. Depth maps are smooth: where an arm stands before the
 * chest, the chest's last pixel before the jump is lifted a few pixels towards the arm and its normal lies almost in the
 * image. The pixels after it, in the middle of the jump, are dropped by whoever made the cloud; this one looks like
 * surface, and because of its slope it counts for several (samples.ts): a wall that starts towards the arm, and the
 * solution goes on with it where nothing was seen. A thousand such samples of 1.4 million made a fifth of the error of the
 * hollow behind the arm (README).
 *
 * A flying pixel: a steep sample with no pixel next to it uphill, towards the viewer, and farther uphill one that its slope does
 * not reach. A surface that is whole has that next pixel; at a silhouette uphill is where the surface goes on.
 */

import { allocateZeroed, release } from './memory';
import { blockEnd, SAMPLE_BLOCK, sampleBlocks } from './sample-blocks';
import { S } from './state';
import { forItems } from './thread-pool';

/** Pixels of depth a pixel; noise makes slopes of 0.2, blurred jumps of two and more. */
const LEAST_SLOPE: f32 = 1;
/** Pixels across a blurred jump: its flying pixels and what was dropped between them. */
const REACH: i32 = 8;
/** Beyond a jump the surface is at least this many times as high as the slope leads, and so many pixels higher. */
const STEEPER: f32 = 1.5;
const HIGHER: f32 = 4;

/** Sets S.areas of flying pixels to 0. Needs the camera; `half`: pixels from the canvas's middle to its side. */
export function dropFlyingPixels(half: f32): void {
  const side = <i32>ceil<f32>(2 * half);
  S.mapHalf = half;
  S.mapSide = side;
  S.depthMaps = allocateZeroed((<u64>side * <u64>side) << 3);
  forItems(mapDepthsJob, sampleBlocks());
  forItems(dropFlyingPixelsJob, sampleBlocks());
  release(S.depthMaps);
}

/** Where the map of a side (0 front, 1 back) has a pixel; 0 outside the canvas. */
// @ts-ignore: decorator
@inline function pixelAt(back: i32, column: i32, row: i32): usize {
  const side = S.mapSide;
  if (<u32>column >= <u32>side || <u32>row >= <u32>side) return 0;
  return S.depthMaps + ((<usize>((back * side + row) * side + column)) << 2);
}

/** The loaded sample's side, pixel, and depth along the camera's axis. */
let back: i32 = 0,
  column: i32 = 0,
  row: i32 = 0;
let depth: f32 = 0;
function loadPixel(i: i32): void {
  const at = S.positions + <usize>i * 12;
  depth = S.cameraZ - load<f32>(at, 8);
  const zoom = S.focal / depth;
  column = <i32>floor<f32>(S.mapHalf + load<f32>(at) * zoom);
  row = <i32>floor<f32>(S.mapHalf - load<f32>(at, 4) * zoom);
  back = i32(load<u8>(S.sides + <usize>i) != 0);
}

/** Job over blocks of samples: depths into the maps. Of several in one pixel the least, whoever comes first. */
export function mapDepthsJob(first: i32, last: i32): void {
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++) {
    loadPixel(i);
    const at = pixelAt(back, column, row);
    // Bits of positive numbers order as they do.
    if (at != 0 && depth > 0) keepLeast(at, reinterpret<u32>(depth));
  }
}

// @ts-ignore: decorator
@inline function keepLeast(at: usize, bits: u32): void {
  let had = load<u32>(at);
  if (S.helpers == 0) {
    if (had == 0 || bits < had) store<u32>(at, bits);
    return;
  }
  while (had == 0 || bits < had) {
    const now = atomic.cmpxchg<u32>(at, had, bits);
    if (now == had) return;
    had = now;
  }
}

/** Job over blocks of samples, when the maps are complete. */
export function dropFlyingPixelsJob(first: i32, last: i32): void {
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++)
    if (isTail(i)) store<f32>(S.areas + ((<usize>i) << 2), 0);
}

function isTail(i: i32): bool {
  const p = S.positions + <usize>i * 12,
    n = S.normals + <usize>i * 12;
  const z = S.cameraZ - load<f32>(p, 8);
  const nx = load<f32>(n),
    ny = load<f32>(n, 4);
  // Along the surface n . d(depth * ray) = 0, ray (x / z, y / z, -1): how depth changes to the right and up, pixel by pixel,
  // is -z / along times (nx, ny).
  const along = nx * load<f32>(p) + ny * load<f32>(p, 4) - load<f32>(n, 8) * z;
  const across = sqrt<f32>(nx * nx + ny * ny);
  if (!(z * across > LEAST_SLOPE * abs(along) && along != 0)) return false;
  loadPixel(i);
  const slope = (z * across) / abs(along);
  // Uphill: where the front comes nearer, where the back goes farther away.
  const uphill: f32 = along > 0 == (back == 0) ? 1 / across : -1 / across;
  const right = uphill * nx,
    up = uphill * ny;
  if (depthAlong(right, up, 1) != 0) return false;
  const pixel = depth / S.focal;
  for (let k = 2; k <= REACH; k++) {
    const other = depthAlong(right, up, <f32>k);
    const higher = back ? other - depth : depth - other;
    if (other != 0 && higher > pixel * (STEEPER * slope * <f32>k + HIGHER)) return true;
  }
  return false;
}

/** Depth `k` pixels away on the loaded sample's side; 0 where there is none. */
// @ts-ignore: decorator
@inline function depthAlong(right: f32, up: f32, k: f32): f32 {
  const at = pixelAt(back, column + <i32>floor<f32>(k * right + 0.5), row - <i32>floor<f32>(k * up + 0.5));
  return at == 0 ? 0 : load<f32>(at);
}
