/** What a landmark graph says of places beyond the photo's border is made up: there nothing was seen. */
import { CANVAS_SIZE } from '../geometry/body.ts';
import { photoRectangle, type SquareMapping } from '../geometry/keypoints.ts';
import type { EstimatedPose } from './estimated-pose.ts';

/** Points may lie this far outside, share of the canvas: the graphs are no finer. */
const MARGIN = 0.01;
/** Legs that are cut off are drawn up to the border, hardly visible: 0.1 to 0.62 there; whole feet near it 0.7 and more. */
const SQUEEZED = 0.04;
const HARDLY_VISIBLE = 0.65;

/** Whether a landmark of the canvas picture, 0..1, lies beyond the photo's border, where the graph only makes it up. */
export function beyondPhoto(mapping: SquareMapping): (x: number, y: number, visibility: number) => boolean {
  const { left, top, right, bottom } = photoRectangle(mapping);
  return (x, y, visibility) => {
    const margin = (visibility < HARDLY_VISIBLE ? -SQUEEZED : MARGIN) * CANVAS_SIZE;
    const [column, row] = [x * CANVAS_SIZE, y * CANVAS_SIZE];
    return column < left - margin || column > right + margin || row < top - margin || row > bottom + margin;
  };
}

/** The same pose, in which points outside the photo carry visibility 0, and hands that are mostly outside are none. */
export function seenInPhoto(pose: EstimatedPose, mapping: SquareMapping): EstimatedPose {
  const isOut = beyondPhoto(mapping);
  const landmarks = pose.landmarks.slice();
  for (let i = 0; i < landmarks.length; i += 4)
    if (isOut(landmarks[i], landmarks[i + 1], landmarks[i + 3])) landmarks[i + 3] = 0;
  const inside = (points: Float32Array<ArrayBuffer> | null | undefined) => {
    if (!points) return null;
    let out = 0;
    for (let i = 0; i < points.length; i += 2) if (isOut(points[i], points[i + 1], 1)) out++;
    return out > points.length / 4 ? null : points;
  };
  const { hands, face } = pose;
  return {
    ...pose,
    landmarks,
    ...(hands && { hands: { left: inside(hands.left), right: inside(hands.right) } }),
    face: inside(face),
  };
}
