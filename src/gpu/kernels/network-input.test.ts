import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../../tests/npz.ts';
import { hashNoiseArray } from '../../base/deterministic.ts';
import { StageError } from '../../base/errors.ts';
import { COLOUR_ORDER, type ColourStep, changeColours, networkInput } from './network-input.reference.ts';

const golden = readNpz(readFileSync('tests/golden/unit.npz'));
const STEPS: readonly ColourStep[] = ['brightness', 'contrast', 'saturation'];
const unitColours = () =>
  Uint8Array.from(hashNoiseArray('unit/jitter/rgb', 20 * 24 * 3), (u) => Math.floor((u + 1) * 128));

describe('changeColours', () => {
  test.each(['012', '021', '102', '120', '201', '210'])('order %s equals golden, every byte', (order) => {
    const rgb = unitColours();
    changeColours(
      rgb,
      [...order].map((i) => STEPS[Number(i)]),
    );
    const planar = Uint8Array.from({ length: 1440 }, (_, i) => rgb[(i % 480) * 3 + Math.floor(i / 480)]);
    expect(planar).toEqual(golden[`jitter_${order}`].data);
  });
});

describe('networkInput', () => {
  const photo = (width: number, height: number, rgb: Uint8Array) => ({
    width,
    height,
    data: Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
      (i & 3) === 3 ? 255 : rgb[(i >> 2) * 3 + (i & 3)],
    ),
  });

  test('is the changed colours, normalised and planar, where all is foreground', () => {
    const rgb = unitColours();
    const matte = { width: 24, height: 20, data: new Uint8Array(480).fill(255) };
    const out = networkInput(photo(24, 20, rgb), matte);
    changeColours(rgb, COLOUR_ORDER);
    expect(out.shape).toEqual([3, 20, 24]);
    expect(out.data[480 + 7]).toBe(Math.fround(Math.fround(Math.fround(rgb[7 * 3 + 1] / 255) - 0.5) / 0.5));
  });

  test('the background is lifted by the contrast step, and 127 is background, 128 foreground', () => {
    const rgb = new Uint8Array(4 * 3).fill(200);
    const matte = { width: 2, height: 2, data: Uint8Array.of(127, 128, 255, 0) };
    const out = networkInput(photo(2, 2, rgb), matte);
    // Mean grey 85 of (0, 170, 170, 0); background trunc(85 - 72.25) = 12; foreground trunc(85 + 72.25) = 157.
    const levels = [...out.data.slice(0, 4)].map((v) => Math.round((v + 1) * 127.5));
    expect(levels).toEqual([12, 157, 157, 12]);
  });

  test('an empty matte gives -1 everywhere', () => {
    const matte = { width: 3, height: 1, data: new Uint8Array(3) };
    expect([...networkInput(photo(3, 1, new Uint8Array(9).fill(255)), matte).data]).toEqual(
      new Array(9).fill(-1),
    );
  });

  test('a matte of another size is refused', () => {
    const matte = { width: 2, height: 1, data: new Uint8Array(2) };
    expect(() => networkInput(photo(1, 1, new Uint8Array(3)), matte)).toThrow(StageError);
  });
});
