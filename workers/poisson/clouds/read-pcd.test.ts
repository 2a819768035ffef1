import { expect, test } from 'vitest';
import { sphereCloud } from '../shapes.ts';
import { readCloud } from './read-cloud.ts';

/** x y z of a sphere as PCD, all values of a field in a row, LZF-compressed: runs of letters as they are, repeats by reference. */
function compressed(count: number): Uint8Array {
  const { positions } = sphereCloud(count);
  const columns = new Float32Array(count * 4);
  for (let i = 0; i < count; i++) for (let k = 0; k < 3; k++) columns[k * count + i] = positions[i * 3 + k];
  // One value for all: a repeat that overlaps itself.
  columns.fill(7, count * 3);
  const bytes = new Uint8Array(columns.buffer);
  const out: number[] = [];
  const literal = (from: number, to: number) => {
    for (let at = from; at < to; at += 32) {
      const run = bytes.subarray(at, Math.min(to, at + 32));
      out.push(run.length - 1, ...run);
    }
  };
  literal(0, count * 12 + 4);
  let left = count * 4 - 4;
  while (left >= 3) {
    const length = Math.min(left, 264);
    const code = length - 2;
    // Four bytes back: distance 4 is stored as 3.
    out.push((Math.min(code, 7) << 5) | 0);
    if (code >= 7) out.push(code - 7);
    out.push(3);
    left -= length;
  }
  if (left > 0) literal(bytes.length - left, bytes.length);
  const head = `# .PCD v0.7\nVERSION 0.7\nFIELDS x y z intensity\nSIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\nWIDTH ${count}\nHEIGHT 1\nPOINTS ${count}\nDATA binary_compressed\n`;
  const sizes = new Uint8Array(8);
  new DataView(sizes.buffer).setUint32(0, out.length, true);
  new DataView(sizes.buffer).setUint32(4, bytes.length, true);
  return Uint8Array.from([...new TextEncoder().encode(head), ...sizes, ...out]);
}

test('compressed PCD gives the same points', () => {
  const cloud = readCloud(compressed(200));
  expect(cloud.positions).toEqual(sphereCloud(200).positions);
  expect([...new Set(cloud.colours)]).toEqual([7]);
});

test('damaged or cut off: one sentence', () => {
  const whole = compressed(200);
  expect(() => readCloud(whole.slice(0, whole.length - 50))).toThrow(
    /The PCD file cannot be read: it ends too early/,
  );
  expect(() => {
    for (let at = 140; at < whole.length; at++) {
      const bytes = whole.slice();
      bytes[at] = 0xff;
      readCloud(bytes);
    }
  }).toThrow(/damaged|too early|too short/);
});

test('PTX is named, not read as points', () => {
  const text = '2\n2\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n1 2 3 0.5\n';
  expect(() => readCloud(new TextEncoder().encode(text))).toThrow(/The PTX file/);
});
