/**
 * The converted graphs against TFLite itself: tests/golden/pose-graphs.json holds what it answers for one picture
 * (bench/tflite_golden.py). Sums are in another order, so the last digits differ.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { convertPoseGraph, POSE_GRAPH_NAMES, POSE_GRAPH_SOURCES } from '../../../cli/pose-graphs.ts';

interface GoldenOutput {
  readonly size: number;
  readonly largest: number;
  readonly at: readonly number[];
  readonly values: readonly number[];
}

const golden: Record<string, Record<string, GoldenOutput>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../tests/golden/pose-graphs.json'), 'utf8'),
);
/** Side of each graph's picture, px. */
const SIDES = { person: 224, body: 256, hand: 224, face: 192 };
/** Largest difference allowed, of an output's largest magnitude. Seen: 6e-5, in the outline's logits. */
const TOLERANCE = 2e-4;

/** The picture of bench/tflite_golden.py, channels first. */
function picture(side: number): Float32Array {
  const out = new Float32Array(3 * side * side);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        out[(c * side + y) * side + x] = ((5 * (y >> 3) + 3 * (x >> 3) * (c + 1) + 7 * c) % 16) / 15;
      }
    }
  }
  return out;
}

describe.each(POSE_GRAPH_NAMES)('%s', (name) => {
  test('answers as TFLite does', async () => {
    const side = SIDES[name];
    const session = await InferenceSession.create(convertPoseGraph(name), { logSeverityLevel: 3 });
    const results = await session.run({ image: new Tensor('float32', picture(side), [1, 3, side, side]) });
    for (const [ours, theirs] of Object.entries(POSE_GRAPH_SOURCES[name].outputs)) {
      const { size, largest, at, values } = golden[name][theirs];
      const data = results[ours].data as Float32Array;
      expect(data.length, ours).toBe(size);
      const worst = Math.max(...at.map((i, k) => Math.abs(data[i] - values[k])));
      // Probabilities near 0 and 1 are told apart by rounding alone.
      expect(worst / Math.max(1, largest), ours).toBeLessThan(TOLERANCE);
    }
    await session.release();
  });
});
