/** Camera, normal coding and side fill against the small golden numbers. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../tests/npz.ts';
import { hashNoiseArray } from '../base/deterministic.ts';
import { planarMap } from '../base/images.ts';
import {
  cloudFromCamera,
  depthAtDistance,
  focalPx,
  NEAREST_Z,
  pixelTangents,
  rayDistance,
  unproject,
} from './camera.ts';
import { consistencyNormals, normalFromSlopes, slopeWithinSurface } from './depth-normals.ts';
import { erodedMask, SIDE_FILL_IDS, sideFillClouds } from './points.ts';

const unit = readNpz(readFileSync('tests/golden/unit.npz'));
const numbers = (name: string) => Float64Array.from(unit[name].data as Float64Array);

function worst(a: ArrayLike<number>, b: ArrayLike<number | bigint>): number {
  expect(a.length).toBe(b.length);
  let max = 0;
  for (let i = 0; i < a.length; i++) max = Math.max(max, Math.abs(a[i] - Number(b[i])));
  return max;
}

describe('camera', () => {
  test('focal length and depth units', () => {
    expect(focalPx(2048)).toBeCloseTo(2195.975, 3);
    expect(rayDistance(1024, 2048)).toBe(1);
    expect(depthAtDistance(rayDistance(777.25, 2048), 2048)).toBeCloseTo(777.25, 9);
  });

  test('equals golden/pers2pc_16.npz to the last bits, before and after the final transform', () => {
    const golden = readNpz(readFileSync('tests/golden/pers2pc_16.npz'));
    const tangents = pixelTangents(16);
    const raw: number[] = [];
    const final: number[] = [];
    for (let i = 0; i < 256; i++) {
      const depth = Number(golden.depth.data[i]);
      if (depth <= 0) continue;
      const point = unproject(tangents[i % 16], tangents[i >> 4], rayDistance(depth, 16));
      if (point[2] <= NEAREST_Z) continue;
      raw.push(...point);
      final.push(...cloudFromCamera(point));
    }
    expect(worst(raw, golden.xyz_raw.data)).toBeLessThan(1e-15);
    expect(worst(final, golden.xyz_final.data)).toBeLessThan(1e-15);
  });

  test('one pixel looks straight ahead', () => {
    expect([...pixelTangents(1)].map(Math.abs)).toEqual([0]);
  });
});

describe('depth normals', () => {
  test('consistency normals equal golden', () => {
    const depth = hashNoiseArray('unit/normal/d', 480).map((u) => 2 + 0.02 * u);
    for (let r = 0; r < 6; r++) depth.fill(0, r * 20, r * 20 + 5);
    expect(worst(consistencyNormals(planarMap([1, 24, 20], depth)).data, unit.normal_out.data)).toBeLessThan(
      1e-7,
    );
  });

  test('coded x grows where the surface faces left, coded y where it faces up', () => {
    const ball = planarMap([1, 3, 3], Float32Array.of(2.1, 2.1, 2.1, 2.1, 2, 2.1, 2.1, 2.1, 2.1));
    const left = consistencyNormals(ball).data[3];
    const top = consistencyNormals(ball).data[9 + 4];
    expect([left > 0.5, top > 0.5]).toEqual([true, true]);
  });

  test('constant depth is a sphere about the camera: its normal is the ray', () => {
    const out = new Float64Array(3);
    expect(normalFromSlopes(0, 0, 1, 0.4, -0.3, 1.2, out)).toBeCloseTo(1, 12);
    const length = Math.hypot(0.4, 0.3, 1);
    expect([...out]).toEqual([-0.4, 0.3, 1].map((v) => expect.closeTo(v / length, 12)));
  });

  test('a plane across the view has one normal, whatever the ray', () => {
    const size = 256;
    const tangents = pixelTangents(size);
    const depthAt = (column: number) =>
      depthAtDistance(Math.hypot(tangents[column], tangents[40], 1) * 0.9, size);
    const depthUp = (row: number) => depthAtDistance(Math.hypot(tangents[200], tangents[row], 1) * 0.9, size);
    const out = new Float64Array(3);
    const slopeX = slopeWithinSurface(depthAt(199), depthAt(200), depthAt(201));
    const slopeY = slopeWithinSurface(depthUp(41), depthUp(40), depthUp(39));
    normalFromSlopes(slopeX, slopeY, 1, tangents[200], -tangents[40], rayDistance(depthAt(200), size), out);
    expect([...out]).toEqual([0, 0, 1].map((v) => expect.closeTo(v, 5)));
  });

  test('slopes never cross a jump', () => {
    expect(slopeWithinSurface(10, 11, 12)).toBe(1);
    expect(slopeWithinSurface(10, 11, 30)).toBe(1);
    expect(slopeWithinSurface(0, 11, 14)).toBe(3);
    expect(slopeWithinSurface(10, 11, 15)).toBe(1);
    expect(slopeWithinSurface(30, 11, 0)).toBeNaN();
    expect(slopeWithinSurface(0, 11, 0)).toBeNaN();
  });
});

describe('side fill', () => {
  const front = numbers('fill_front');
  const mask = erodedMask(front, 48, 48, 3);
  const back = numbers('fill_back').map((v, i) => (mask[i] ? v : 0));

  test('eroded back equals golden', () => {
    expect(worst(back, unit.fill_back_eroded.data)).toBe(0);
  });

  test('all seven rings equal golden', () => {
    const rings = sideFillClouds(front, back, 48, 48);
    for (const id of SIDE_FILL_IDS) {
      expect(worst(rings[id], unit[`fill_corr${id}`].data), id).toBeLessThan(1e-10);
    }
  });

  test('borders do not erode, holes do, as far as asked', () => {
    const values = new Uint8Array(7 * 5).fill(1);
    expect(erodedMask(values, 5, 7, 3).every((v) => v === 1)).toBe(true);
    values[0] = 0;
    const mask = erodedMask(values, 5, 7, 2);
    expect([...mask.slice(0, 7)]).toEqual([0, 0, 0, 1, 1, 1, 1]);
    expect([...mask.slice(21, 28)]).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect([...erodedMask(Uint8Array.of(1), 1, 1, 4)]).toEqual([1]);
  });
});
