/** Points beyond the photo's border, or drawn up to it and hardly visible, were not seen. */
import { expect, test } from 'vitest';
import { squareMapping } from '../geometry/keypoints.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { seenInPhoto } from './seen-in-photo.ts';

/** A photo of 2048 x 1024 px: rows 512 to 1536 of the canvas. */
const WIDE = squareMapping(2048, 1024);

function poseOf(points: readonly (readonly [y: number, visibility: number])[]): EstimatedPose {
  const landmarks = new Float32Array(points.length * 4);
  points.forEach(([y, visibility], i) => {
    landmarks.set([0.5, y, 0, visibility], i * 4);
  });
  return { landmarks, mask: null };
}

test('visibility goes where nothing was seen, and stays elsewhere', () => {
  const { landmarks } = seenInPhoto(
    poseOf([
      [0.5, 0.9],
      [0.8, 0.9],
      [0.73, 0.3],
      [0.73, 0.9],
      [0.5, 0.3],
    ]),
    WIDE,
  );
  const seen = [0, 1, 2, 3, 4].map((i) => landmarks[i * 4 + 3] > 0);
  expect(seen).toEqual([true, false, false, true, true]);
});

test('a hand outside is none, one inside stays', () => {
  const handAt = (y: number) => Float32Array.from({ length: 42 }, (_, i) => (i % 2 ? y : 0.5));
  const pose = { ...poseOf([[0.5, 1]]), hands: { left: handAt(0.9), right: handAt(0.6) }, face: null };
  const { hands } = seenInPhoto(pose, WIDE);
  expect(hands?.left).toBe(null);
  expect(hands?.right).toHaveLength(42);
});
