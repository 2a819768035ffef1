/** The head, as a test of places: what the eye goes to first deserves more texels than a trouser leg. */
import { CANVAS_SIZE, KEYPOINT_IDS, type KeypointId, type KeypointTable } from '../body.ts';
import { FRONT, projectPoint } from './projections.ts';

/** Radius around the nose, in distances from nose to shoulders. */
const REACH = 0.95;

/**
 * @param keypoints on the canvas.
 * @returns true for points of the final frame that appear on the head or the neck; nothing does where nose or shoulders lie
 *   in one place.
 */
export function aroundHead(keypoints: KeypointTable): (x: number, y: number, z: number) => boolean {
  const at = (id: KeypointId) => {
    const i = KEYPOINT_IDS.indexOf(id) * 3;
    return [keypoints[i], keypoints[i + 1]] as const;
  };
  const [nose, left, right] = [at('nose'), at('leftShoulder'), at('rightShoulder')];
  const [middleX, middleY] = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
  const radius = Math.min(CANVAS_SIZE / 4, REACH * Math.hypot(middleX - nose[0], middleY - nose[1]));
  const place = new Float64Array(3);
  return (x, y, z) => {
    projectPoint(x, y, z, FRONT, place, 0);
    return Math.hypot(place[0] - nose[0], place[1] - nose[1]) < radius;
  };
}
