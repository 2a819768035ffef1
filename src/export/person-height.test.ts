/** A height that was given for the person is the height in every file that has one. */
import { expect, test } from 'vitest';
import { encodeMesh } from './encode-mesh.ts';
import { DEFAULT_FILE_OPTIONS } from './formats.ts';
import { sphereMesh } from './mesh-fixtures.ts';

const FACTS = { name: 'ball', generator: 'test', extras: {} };

/** Extent along the axis that is up, of a binary STL's corners. */
function stlHeight(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const count = view.getUint32(80, true);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++) {
    for (let corner = 0; corner < 3; corner++) {
      const z = view.getFloat32(84 + i * 50 + 12 + corner * 12 + 8, true);
      low = Math.min(low, z);
      high = Math.max(high, z);
    }
  }
  return high - low;
}

test.each([
  [undefined, 1700],
  [1.52, 1520],
])('STL in millimetres: %s m', async (heightMeters, mm) => {
  const facts = { ...FACTS, ...(heightMeters && { heightMeters }) };
  expect(stlHeight(await encodeMesh('stl', sphereMesh(20, 30), facts, DEFAULT_FILE_OPTIONS))).toBeCloseTo(
    mm,
    1,
  );
});

test.each(['meshPly', 'asciiPly'] as const)('%s: its frame is scaled by the height', async (format) => {
  const scaleAt = async (heightMeters: number) => {
    const facts = { ...FACTS, heightMeters };
    const bytes = await encodeMesh(format, sphereMesh(20, 30), facts, DEFAULT_FILE_OPTIONS);
    const head = new TextDecoder().decode(bytes.subarray(0, 600));
    return Number(head.match(/\) \/ ([\d.]+)/)?.[1]);
  };
  const [usual, small] = [await scaleAt(1.7), await scaleAt(1.52)];
  expect(usual).toBeGreaterThan(0);
  expect(small / usual).toBeCloseTo(1.52 / 1.7, 6);
});
