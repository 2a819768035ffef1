/** The original's clouds from its recorded depth pictures (shared golden data; skipped aloud when absent). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../tests/npz.ts';
import { sharedPath } from '../../tests/shared.ts';
import { REFERENCE_CLOUD_IDS, referenceClouds } from './reference-clouds.ts';

const N = 2048;
const folder = sharedPath('reference/golden/hanni');

/** Names of the sets in the recorded files. */
const recordedName = (id: string) => (id === 'front' || id === 'back' ? id : `corr${id}`);

function worst(a: ArrayLike<number>, b: ArrayLike<number | bigint>): number {
  expect(a.length).toBe(b.length);
  let max = 0;
  for (let i = 0; i < a.length; i++) max = Math.max(max, Math.abs(a[i] - Number(b[i])));
  return max;
}

describe.skipIf(!folder)('the recorded run', () => {
  const picture = (name: string) =>
    folder ? Uint16Array.from(decode(readFileSync(join(folder, name))).data) : new Uint16Array();
  const clouds = folder ? referenceClouds(picture('depth_front.png'), picture('depth_back.png'), N) : [];
  const golden = folder ? readNpz(readFileSync(join(folder, 'cloud.npz'))) : {};
  const counts: Record<string, { count: number }> = folder
    ? JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')).clouds
    : {};

  test.each(REFERENCE_CLOUD_IDS)('%s: count, first and last 100 points', (id) => {
    const cloud = clouds[REFERENCE_CLOUD_IDS.indexOf(id)];
    const name = recordedName(id);
    expect(cloud.id).toBe(id);
    expect(cloud.pixels.length).toBe(counts[name].count);
    expect(worst(cloud.positions.subarray(0, 300), golden[`${name}_first100_xyz`].data)).toBeLessThan(1e-14);
    expect(worst(cloud.positions.subarray(-300), golden[`${name}_last100_xyz`].data)).toBeLessThan(1e-14);
  });
});

describe('small pictures', () => {
  const block = (size: number, from: number, to: number, value: number) =>
    Uint16Array.from({ length: size * size }, (_, i) => {
      const [row, column] = [Math.floor(i / size), i % size];
      return row >= from && row < to && column >= from && column < to ? value : 0;
    });

  test('a square figure: 10 px inside give the back, rings lie around it, the order is the original’s', () => {
    const clouds = referenceClouds(block(64, 20, 40, 30000), block(64, 20, 40, 36000), 64);
    const count = Object.fromEntries(clouds.map((c) => [c.id, c.pixels.length]));
    expect(clouds.map((c) => c.id)).toEqual(['front', 'back', '10', '20', '30', '05', '15', '25', '35']);
    // Back 14 px wide after three erosions; rings of 16, 18, 20 px around it; the innermost lies within.
    expect(count).toEqual({
      front: 400,
      back: 196,
      '10': 60,
      '20': 68,
      '30': 76,
      '05': 52,
      '15': 60,
      '25': 68,
      '35': 76,
    });
    const z = (at: number) => clouds[at].positions[2];
    expect(z(0)).toBeGreaterThan(z(2));
    expect(z(2)).toBeGreaterThan(z(4));
    expect(z(4)).toBeGreaterThan(z(1));
  });

  test('the figure’s box changes nothing, also at the border of the canvas', () => {
    const full = referenceClouds(block(32, 0, 32, 30000), block(32, 0, 32, 36000), 32);
    // Borders do not erode: the back is whole, and there is no room for rings.
    expect(full.map((c) => c.pixels.length)).toEqual([1024, 1024, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('nothing at all gives nine empty sets', () => {
    const empty = referenceClouds(new Uint16Array(64), new Uint16Array(64), 8);
    expect(empty.map((c) => c.positions.length)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
