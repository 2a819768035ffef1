/** Focal length from EXIF: both ways that cameras tell it, in both byte orders, and files that say nothing or nonsense. */
import { expect, test } from 'vitest';
import { exifFocalPx } from './exif-focal.ts';

/** SHORT or LONG as a number, RATIONAL as a pair. */
type Value = number | readonly [number, number];

/** "Exif" block with these tags in its Exif directory, some bytes before it. */
function file(tags: Readonly<Record<number, Value>>, little: boolean): Uint8Array {
  const entries = Object.entries(tags);
  const bytes = new Uint8Array(400);
  bytes.set([0xff, 0xd8, 0xff, 0xe1, 1, 0, 0x45, 0x78, 0x69, 0x66, 0, 0]);
  const start = 12;
  const view = new DataView(bytes.buffer);
  const u16 = (at: number, v: number) => view.setUint16(start + at, v, little);
  const u32 = (at: number, v: number) => view.setUint32(start + at, v, little);
  view.setUint16(start, little ? 0x4949 : 0x4d4d);
  u16(2, 42);
  u32(4, 8);
  u16(8, 1);
  u16(10, 0x8769);
  u16(12, 4);
  u32(14, 1);
  u32(18, 26);
  u16(26, entries.length);
  let spare = 200;
  entries.forEach(([tag, value], i) => {
    const at = 28 + i * 12;
    u16(at, +tag);
    u32(at + 4, 1);
    if (typeof value === 'number') {
      u16(at + 2, 3);
      u16(at + 8, value);
    } else {
      u16(at + 2, 5);
      u32(at + 8, spare);
      u32(spare, value[0]);
      u32(spare + 4, value[1]);
      spare += 8;
    }
  });
  return bytes;
}

test.each([true, false])('the 35 mm equivalent, little-endian %s', (little) => {
  // 26 mm, a phone: 79 degrees across the diagonal.
  const focal = exifFocalPx(file({ 41989: 26 }, little), 3000, 4000);
  expect(focal).toBeCloseTo((26 / Math.hypot(36, 24)) * 5000, 6);
});

test('focal length and sensor resolution, also of a picture reduced to half', () => {
  const tags = { 37386: [50, 1], 41486: [4000, 1], 41488: 3, 40962: 6000, 40963: 4000 } as const;
  expect(exifFocalPx(file(tags, true), 6000, 4000)).toBeCloseTo(20000, 6);
  expect(exifFocalPx(file(tags, true), 3000, 2000)).toBeCloseTo(10000, 6);
});

test('a picture of another shape than the one taken was cropped: nothing is known', () => {
  const tags = { 41989: 26, 40962: 4000, 40963: 3000 } as const;
  expect(exifFocalPx(file(tags, true), 2000, 1500)).not.toBeNull();
  expect(exifFocalPx(file(tags, true), 1501, 2000)).not.toBeNull();
  expect(exifFocalPx(file(tags, true), 2000, 2000)).toBeNull();
});

test('nothing said, nonsense, or a block that is cut off is null', () => {
  expect(exifFocalPx(new Uint8Array(64), 1000, 1000)).toBeNull();
  expect(exifFocalPx(file({}, true), 1000, 1000)).toBeNull();
  expect(exifFocalPx(file({ 41989: 1 }, true), 1000, 1000)).toBeNull();
  expect(exifFocalPx(file({ 37386: [50, 0], 41486: [4000, 1] }, true), 1000, 1000)).toBeNull();
  const whole = file({ 41989: 26 }, true);
  for (let length = 0; length < 52; length++)
    expect(exifFocalPx(whole.slice(0, length), 100, 100)).toBeNull();
});
