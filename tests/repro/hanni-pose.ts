/** A published pose (square photo, every point seen) with points taken away as OpenPose does it: x = y = confidence = 0. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  KEYPOINT_IDS,
  type KeypointId,
  type KeypointTable,
  PART_IDS,
  type PartId,
} from '../../src/geometry/body.ts';
import { type PoseMode, squareMapping, toCanvas } from '../../src/geometry/keypoints.ts';
import { fitParts, type PartFits } from '../../src/geometry/parts.ts';

interface Pose {
  readonly image_wh: readonly [number, number];
  readonly pose_raw: readonly (readonly number[])[];
}

const file = resolve(import.meta.dirname, '../golden/keypoints_affine.json');
const { hanni }: Record<string, Pose> = JSON.parse(readFileSync(file, 'utf8'));

export const rowOf = (id: KeypointId) => KEYPOINT_IDS.indexOf(id);

/** @param missing names; a trailing * stands for all that begin so. */
export function hanniWithout(...missing: readonly string[]): KeypointTable {
  const table = Float64Array.from(hanni.pose_raw.flat());
  KEYPOINT_IDS.forEach((id, row) => {
    if (missing.some((m) => id === m || (m.endsWith('*') && id.startsWith(m.slice(0, -1))))) {
      table.fill(0, row * 3, row * 3 + 3);
    }
  });
  return table;
}

/** The pose as it stands in a photo that is narrower by `cut` px on either side. */
export function inPortraitPhoto(table: KeypointTable, cut: number): KeypointTable {
  return table.map((v, i) => (i % 3 === 0 && (table[i] !== 0 || table[i + 1] !== 0) ? v - cut : v));
}

export function fitsOf(
  table: KeypointTable,
  mode: PoseMode,
  size: readonly [number, number] = hanni.image_wh,
): PartFits {
  return fitParts(toCanvas(table, squareMapping(...size), mode), mode);
}

const complete = fitsOf(hanniWithout(), 'reference');

/** How a part's crop differs from the one of the complete pose: its farthest corner, canvas px, and its scale's ratio. */
export function cropError(fits: PartFits, part: PartId): { farPx: number; scale: number } {
  const at = PART_IDS.indexOf(part);
  const [own, expected] = [fits.parts[at], complete.parts[at]];
  const far = own.corners.map(([x, y], k) =>
    Math.hypot(x - expected.corners[k][0], y - expected.corners[k][1]),
  );
  return { farPx: Math.max(...far), scale: own.scale / expected.scale };
}
