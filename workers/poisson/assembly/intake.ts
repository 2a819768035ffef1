/**
 * The cloud as it comes in: a survey of it block by block, normals made unit, samples without a normal taken out, and
 * whether the normals point outward. Sums are kept a block and added up in order by the caller, in double precision.
 */

import { allocate, allocateZeroed, release } from './memory';
import { blockEnd, SAMPLE_BLOCK, sampleBlocks } from './sample-blocks';
import { S } from './state';
import { forItems } from './thread-pool';

/**
 * A block's survey, f64 x 17: least x y z, greatest x y z, samples that are not finite, samples without a normal, sums of
 * x y z and of xx xy xz yy yz zz, all relative to the first sample.
 */
export const SURVEY_NUMBERS: i32 = 17; // @abi
/** Shorter normals count as none. */
const SHORTEST: f64 = 1e-6;

/** Makes the survey, one record a block; ../intake.ts reads it before acceptCloud. */
export function surveyCloud(): usize {
  S.survey = allocate(<u64>sampleBlocks() * SURVEY_NUMBERS * 8);
  forItems(surveyJob, sampleBlocks());
  return S.survey;
}

// @ts-ignore: decorator
@inline function normalLength(i: i32): f64 {
  const at = S.normals + <usize>i * 12;
  const x = <f64>load<f32>(at),
    y = <f64>load<f32>(at, 4),
    z = <f64>load<f32>(at, 8);
  return sqrt<f64>(x * x + y * y + z * z);
}

export function surveyJob(first: i32, last: i32): void {
  const x0 = <f64>load<f32>(S.positions),
    y0 = <f64>load<f32>(S.positions, 4),
    z0 = <f64>load<f32>(S.positions, 8);
  for (let b = first; b < last; b++) {
    let lowX: f64 = Infinity,
      lowY: f64 = Infinity,
      lowZ: f64 = Infinity;
    let highX: f64 = -Infinity,
      highY: f64 = -Infinity,
      highZ: f64 = -Infinity;
    let notFinite: f64 = 0,
      withoutNormal: f64 = 0;
    let sx: f64 = 0,
      sy: f64 = 0,
      sz: f64 = 0,
      xx: f64 = 0,
      xy: f64 = 0,
      xz: f64 = 0,
      yy: f64 = 0,
      yz: f64 = 0,
      zz: f64 = 0;
    for (let i = b * SAMPLE_BLOCK, end = blockEnd(b); i < end; i++) {
      const at = S.positions + <usize>i * 12;
      const x = <f64>load<f32>(at),
        y = <f64>load<f32>(at, 4),
        z = <f64>load<f32>(at, 8);
      const length = normalLength(i);
      const sum = x + y + z + length;
      if (sum - sum != 0) notFinite += 1;
      if (!(length > SHORTEST)) withoutNormal += 1;
      lowX = min(lowX, x);
      lowY = min(lowY, y);
      lowZ = min(lowZ, z);
      highX = max(highX, x);
      highY = max(highY, y);
      highZ = max(highZ, z);
      const dx = x - x0,
        dy = y - y0,
        dz = z - z0;
      sx += dx;
      sy += dy;
      sz += dz;
      xx += dx * dx;
      xy += dx * dy;
      xz += dx * dz;
      yy += dy * dy;
      yz += dy * dz;
      zz += dz * dz;
    }
    const to = S.survey + <usize>(b * SURVEY_NUMBERS) * 8;
    store<f64>(to, lowX);
    store<f64>(to, lowY, 8);
    store<f64>(to, lowZ, 16);
    store<f64>(to, highX, 24);
    store<f64>(to, highY, 32);
    store<f64>(to, highZ, 40);
    store<f64>(to, notFinite, 48);
    store<f64>(to, withoutNormal, 56);
    store<f64>(to, sx, 64);
    store<f64>(to, sy, 72);
    store<f64>(to, sz, 80);
    store<f64>(to, xx, 88);
    store<f64>(to, xy, 96);
    store<f64>(to, xz, 104);
    store<f64>(to, yy, 112);
    store<f64>(to, yz, 120);
    store<f64>(to, zz, 128);
  }
}

/** Makes all normals unit; samples without one are taken out, the others keep their order. */
export function acceptCloud(withoutNormal: i32): void {
  release(S.survey);
  if (withoutNormal > 0) dropWithoutNormal();
  forItems(normaliseJob, sampleBlocks());
}

function dropWithoutNormal(): void {
  let to = 0;
  for (let i = 0; i < S.count; i++) {
    if (!(normalLength(i) > SHORTEST)) continue;
    if (to < i) {
      memory.copy(S.positions + <usize>to * 12, S.positions + <usize>i * 12, 12);
      memory.copy(S.normals + <usize>to * 12, S.normals + <usize>i * 12, 12);
      memory.copy(S.colours + <usize>to * 3, S.colours + <usize>i * 3, 3);
      store<u8>(S.sides + <usize>to, load<u8>(S.sides + <usize>i));
    }
    to++;
  }
  S.count = to;
}

export function normaliseJob(first: i32, last: i32): void {
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++) {
    const at = S.normals + <usize>i * 12;
    const length = normalLength(i);
    store<f32>(at, <f32>(<f64>load<f32>(at) / length));
    store<f32>(at, <f32>(<f64>load<f32>(at, 4) / length), 4);
    store<f32>(at, <f32>(<f64>load<f32>(at, 8) / length), 8);
  }
}

/**
 * How far the normals point away from a centre: sum over samples of area times (p - centre) . normal, over the sum of
 * its magnitudes; -1 .. 1. For a closed surface the first sum is three times its volume.
 */
export function outwardShare(x: f64, y: f64, z: f64): f64 {
  const blocks = sampleBlocks();
  const sums = allocate((<u64>blocks) << 4);
  S.centreX = x;
  S.centreY = y;
  S.centreZ = z;
  S.jobTo = sums;
  forItems(outwardJob, blocks);
  let volume: f64 = 0,
    size: f64 = 0;
  for (let b = 0, at = sums; b < blocks; b++, at += 16) {
    volume += load<f64>(at);
    size += load<f64>(at, 8);
  }
  release(sums);
  return size > 0 ? volume / size : 0;
}

export function outwardJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    let volume: f64 = 0,
      size: f64 = 0;
    for (let i = b * SAMPLE_BLOCK, end = blockEnd(b); i < end; i++) {
      const p = S.positions + <usize>i * 12,
        n = S.normals + <usize>i * 12;
      const along =
        (<f64>load<f32>(p) - S.centreX) * load<f32>(n) +
        (<f64>load<f32>(p, 4) - S.centreY) * load<f32>(n, 4) +
        (<f64>load<f32>(p, 8) - S.centreZ) * load<f32>(n, 8);
      const area = <f64>load<f32>(S.areas + ((<usize>i) << 2));
      volume += area * along;
      size += area * abs(along);
    }
    store<f64>(S.jobTo + ((<usize>b) << 4), volume);
    store<f64>(S.jobTo + ((<usize>b) << 4), size, 8);
  }
}

/**
 * The median of the areas: the value at place count / 2 in ascending order. Areas are not negative, so their bits order
 * as they do: a histogram of the upper halves finds the half, one of the lower halves in it the value.
 */
export function medianArea(): f32 {
  const bins = allocateZeroed(65536 * 4);
  const end = S.areas + ((<usize>S.count) << 2);
  for (let at = S.areas; at < end; at += 4) bump(bins, load<u32>(at) >> 16);
  let rank: u32 = S.count >> 1;
  let upper: u32 = 0;
  for (let at = bins; rank >= load<u32>(at); at += 4, upper++) rank -= load<u32>(at);
  memory.fill(bins, 0, 65536 * 4);
  for (let at = S.areas; at < end; at += 4)
    if (load<u32>(at) >> 16 == upper) bump(bins, load<u32>(at) & 0xffff);
  let lower: u32 = 0;
  for (let at = bins; rank >= load<u32>(at); at += 4, lower++) rank -= load<u32>(at);
  release(bins);
  return reinterpret<f32>((upper << 16) | lower);
}

// @ts-ignore: decorator
@inline function bump(bins: usize, bin: u32): void {
  const at = bins + ((<usize>bin) << 2);
  store<u32>(at, load<u32>(at) + 1);
}
