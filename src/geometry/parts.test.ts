/** The twelve fits against the reference's numbers (20 published pictures, 14 synthetic variants). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { CANVAS_SIZE, KEYPOINT_IDS, type KeypointTable } from './body.ts';
import { squareMapping, toCanvas } from './keypoints.ts';
import { fitParts, type PartFits } from './parts.ts';
import { applyAffine } from './similarity.ts';

interface GoldenPose {
  readonly image_wh: readonly [number, number];
  readonly pose_raw: readonly (readonly [number, number, number])[];
  readonly pose_padded: readonly (readonly [number, number, number])[];
  readonly pose_norm?: readonly (readonly [number, number])[];
  readonly fit?: readonly (readonly (readonly number[])[])[];
  readonly theta?: readonly (readonly (readonly number[])[])[];
  readonly theta_inv?: readonly (readonly (readonly number[])[])[];
  readonly error?: string;
}

const golden = (name: string): Record<string, GoldenPose> =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../tests/golden', name), 'utf8'));
const affine = golden('keypoints_affine.json');
const synthetic = golden('keypoints_synthetic.json');

const rawTable = (pose: GoldenPose): KeypointTable => Float64Array.from(pose.pose_raw.flat());

function fitsOf(pose: GoldenPose, mode: 'robust' | 'reference'): PartFits {
  return fitParts(toCanvas(rawTable(pose), squareMapping(...pose.image_wh), mode), mode);
}

/** Largest difference, absolute for values up to 1 and relative above. */
function worst(actual: readonly Float32Array[], expected: GoldenPose['fit']): number {
  let most = 0;
  actual.forEach((m, part) => {
    expected![part].flat().forEach((value, i) => {
      most = Math.max(most, Math.abs(m[i] - value) / Math.max(1, Math.abs(value)));
    });
  });
  return most;
}

describe('reference mode, published pictures', () => {
  for (const [name, pose] of Object.entries(affine)) {
    test(name, () => {
      const canvas = toCanvas(rawTable(pose), squareMapping(...pose.image_wh), 'reference');
      pose.pose_norm!.forEach(([x, y], i) => {
        expect((2 * canvas.keypoints[i * 3]) / CANVAS_SIZE - 1).toBeCloseTo(x, 9);
        expect((2 * canvas.keypoints[i * 3 + 1]) / CANVAS_SIZE - 1).toBeCloseTo(y, 9);
      });
      const fits = fitParts(canvas, 'reference');
      // To the bit: a rounding here moves the sampling of a part by up to 1e-4 px.
      expect(worst(fits.fits, pose.fit)).toBe(0);
      expect(worst(fits.imageFromPart, pose.theta)).toBe(0);
      expect(worst(fits.partFromImage, pose.theta_inv)).toBe(0);
    });
  }
});

describe('reference mode, points zeroed as OpenPose does', () => {
  for (const [name, pose] of Object.entries(synthetic)) {
    test(name, () => {
      if (pose.error) {
        expect(() => fitsOf(pose, 'reference')).toThrowError(StageError);
        return;
      }
      const fits = fitsOf(pose, 'reference');
      expect(worst(fits.fits, pose.fit)).toBeLessThan(1e-5);
      expect(worst(fits.imageFromPart, pose.theta)).toBeLessThan(1e-5);
    });
  }
});

describe('robust mode, points zeroed as OpenPose does', () => {
  for (const [name, pose] of Object.entries(synthetic)) {
    test(`${name} stays near the complete pose`, () => {
      const complete = { ...synthetic.none, image_wh: pose.image_wh };
      const expected = fitsOf(complete, 'robust');
      const actual = fitsOf(pose, 'robust');
      const side = Math.max(...pose.image_wh);
      actual.parts.forEach((part, i) => {
        const reference = expected.parts[i];
        expect(part.scale / reference.scale, part.part).toBeGreaterThan(0.6);
        expect(part.scale / reference.scale, part.part).toBeLessThan(1.7);
        part.corners.forEach(([x, y], k) => {
          const far = Math.hypot(x - reference.corners[k][0], y - reference.corners[k][1]);
          expect(far, `${part.part} corner`).toBeLessThan((180 * 2048) / side);
        });
      });
    });
  }

  test('says which part was estimated, and with what confidence', () => {
    const pose = synthetic.all_left_fingers;
    const canvas = toCanvas(rawTable(pose), squareMapping(...pose.image_wh), 'robust');
    expect(canvas.estimated).toEqual(['leftFinger1', 'leftFinger2', 'leftFinger3', 'leftFinger4']);
    const { parts } = fitParts(canvas, 'robust');
    expect(parts.filter((p) => p.estimated).map((p) => p.part)).toEqual(['leftForearm']);
    expect(parts[3].confidence).toBeLessThan(parts[5].confidence);
  });

  test('changes nothing where every point is there', () => {
    for (const [name, pose] of Object.entries(affine)) {
      const robust = toCanvas(rawTable(pose), squareMapping(...pose.image_wh), 'robust');
      expect(worst(fitParts(robust, 'robust').fits, pose.fit), name).toBeLessThan(1e-5);
    }
  });

  test('any single missing point, in any published picture, keeps every part within reach', () => {
    for (const [name, pose] of Object.entries(affine)) {
      const expected = fitsOf(pose, 'robust');
      for (const [row, id] of KEYPOINT_IDS.entries()) {
        const table = rawTable(pose);
        table.fill(0, row * 3, row * 3 + 3);
        const actual = fitParts(toCanvas(table, squareMapping(...pose.image_wh), 'robust'), 'robust');
        actual.parts.forEach((part, i) => {
          const ratio = part.scale / expected.parts[i].scale;
          expect(ratio, `${name} without ${id}: ${part.part}`).toBeGreaterThan(0.3);
          expect(ratio, `${name} without ${id}: ${part.part}`).toBeLessThan(3);
        });
      }
    }
  });

  test('an arm that points at the camera gets an upright crop at full scale', () => {
    const pose = affine.hanni;
    const table = rawTable(pose);
    table.set(table.subarray(5 * 3, 5 * 3 + 2), 7 * 3);
    const mapping = squareMapping(...pose.image_wh);
    const fits = fitParts(toCanvas(table, mapping, 'robust'), 'robust');
    expect(fits.parts[2].scale).toBeCloseTo(1, 5);
    expect(() => fitParts(toCanvas(table, mapping, 'reference'), 'reference')).toThrowError(/leftUpperArm/);
  });
});

test('crop corners are the crop window seen through imageFromPart', () => {
  const fits = fitsOf(affine.hanni, 'robust');
  const [x, y] = applyAffine(fits.imageFromPart[0], [-320 / 2048, -368 / 2048]);
  expect(fits.parts[0].corners[0][0]).toBeCloseTo((x + 1) * 1024, 6);
  expect(fits.parts[0].corners[0][1]).toBeCloseTo((y + 1) * 1024, 6);
});
