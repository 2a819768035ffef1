import { expect, test } from 'vitest';

test('a million numbers are compared in no time, and one that differs is found', () => {
  const a = Float32Array.from({ length: 1_000_000 }, (_, i) => (i === 7 ? Number.NaN : i));
  const b = a.slice();
  const started = performance.now();
  expect(a).toEqual(b);
  expect({ list: [a] }).toMatchObject({ list: [b] });
  // Vitest's own way takes ten seconds.
  expect(performance.now() - started).toBeLessThan(1_000);
  b[999_999]++;
  expect(a.subarray(999_990)).not.toEqual(b.subarray(999_990));
  expect(a).not.toEqual(b);
  expect(new Float32Array([0])).not.toEqual(new Float32Array([-0]));
  expect(new Float32Array([1])).not.toEqual(new Float64Array([1]));
  expect(new Float32Array([1])).not.toEqual(new Float32Array([1, 2]));
});
