/**
 * From a file's own coordinates to pixels of the photo: pixels, parts of the picture (0 to 1), or from -1 to 1 as
 * OpenPose writes with keypoint_scale 3 and 4; on a canvas of another size than the photo where the file says so. All
 * points of all people decide together: two people of a few pixels do not look like parts of a picture when a third is tall.
 */
import { KEYPOINT_COUNT, type KeypointTable } from '../../geometry/body.ts';
import { tableOfLandmarks } from '../blazepose.ts';
import type { FilePerson, PictureSize } from './find-people.ts';
import { badKeypoints } from './json-text.ts';
import { BODY_ROWS } from './outline.ts';

export interface Placement {
  /** File coordinates to photo px. */
  map(x: number, y: number): readonly [x: number, y: number];
  /** True for pixels of the photo: numbers pass unchanged. */
  readonly identity: boolean;
  /** What was done, for the visitor; empty when nothing was. */
  readonly notice: string;
}

/** Nothing in a picture measured in pixels is so small, and no part of a picture so far outside it. */
const MAX_SHARE = 3;
/** Values below zero this far, or this often, mean -1 to 1. */
const CENTRED_FROM = -0.35;
const CENTRED_SHARE = 0.15;
/** Points a canvas must hold to be theirs, and by how much it may be left. */
const MIN_ON_CANVAS = 0.6;
const CANVAS_MARGIN = 0.05;
/** Aspect: rounding of a shrunk picture; and of detectors that round both sides to whole blocks. */
const ASPECT_TOLERANCE = 0.015;
const BLOCK_ASPECT_TOLERANCE = 0.08;
const BLOCK_PX = 64;

type Units = 'pixels' | 'shares' | 'centred';

/** What the coordinates are measured in, likeliest first; two answers when only the photo can tell. */
function unitsOf(people: readonly FilePerson[]): Units[] {
  let most = 0;
  let least = 0;
  let below = 0;
  let count = 0;
  let corners = 0;
  for (const { all } of people) {
    for (let i = 0; i < all.length; i += 3) {
      const [x, y, c] = all.subarray(i, i + 3);
      if (c <= 0 && x === -1 && y === -1) corners++;
      if (c <= 0 || (x === 0 && y === 0)) continue;
      count++;
      most = Math.max(most, Math.abs(x), Math.abs(y));
      least = Math.min(least, x, y);
      if (x < 0 || y < 0) below++;
    }
  }
  if (most > MAX_SHARE || count === 0) return ['pixels'];
  if (corners > 0) return ['centred'];
  const centred = least < CENTRED_FROM || below > CENTRED_SHARE * count;
  return centred ? ['centred', 'shares'] : ['shares', 'centred'];
}

const px = ({ width, height }: PictureSize) => `${width} × ${height} px`;

/** @throws StageError E_BAD_KEYPOINTS when the shapes differ. */
function assertSameShape(canvas: PictureSize, photo: PictureSize): void {
  const off = (w: number, h: number) => Math.abs(Math.log((w / h) * (photo.height / photo.width)));
  const blocks = canvas.width % BLOCK_PX === 0 && canvas.height % BLOCK_PX === 0;
  // One pixel of rounding matters on a small canvas.
  const rounding = 1 / canvas.width + 1 / canvas.height;
  if (off(canvas.width, canvas.height) <= (blocks ? BLOCK_ASPECT_TOLERANCE : ASPECT_TOLERANCE) + rounding)
    return;
  const turned = off(canvas.height, canvas.width) <= ASPECT_TOLERANCE + rounding;
  throw badKeypoints(
    `These keypoints belong to a picture of ${px(canvas)} and the photo is ${px(photo)}: ` +
      (turned
        ? 'width and height are swapped, so they were made before the photo was turned upright.'
        : 'the shapes differ, so it was cropped or is another one.'),
    turned
      ? 'Make the keypoints from the photo as it is shown here, or save the photo upright first.'
      : 'Make the keypoints from this very photo, or leave the file out: the pose is then estimated here.',
  );
}

function shareOnCanvas(people: readonly FilePerson[], { width, height }: PictureSize): number {
  let n = 0;
  let on = 0;
  for (const { all } of people) {
    for (let i = 0; i < all.length; i += 3) {
      const [x, y, c] = all.subarray(i, i + 3);
      if (c <= 0 || (x === 0 && y === 0)) continue;
      n++;
      const fits = (v: number, size: number) => v >= -CANVAS_MARGIN * size && v <= (1 + CANVAS_MARGIN) * size;
      if (fits(x, width) && fits(y, height)) on++;
    }
  }
  return n === 0 ? 0 : on / n;
}

const PIXELS: Placement = { map: (x, y) => [x, y], identity: true, notice: '' };

/**
 * Ways to read the coordinates of people of one picture, likeliest first.
 *
 * @param everybody all people of the file, whose points decide the units.
 * @param people those of the picture in question.
 * @throws StageError E_BAD_KEYPOINTS when the file names a picture of another shape.
 */
export function placementsOf(
  everybody: readonly FilePerson[],
  people: readonly FilePerson[],
  photo: PictureSize,
): Placement[] {
  const canvas = people.find((person) => person.canvas)?.canvas ?? null;
  const units = unitsOf(everybody);
  if (units[0] !== 'pixels') {
    if (canvas) assertSameShape(canvas, photo);
    const { width, height } = photo;
    return units.map((unit) =>
      unit === 'shares'
        ? {
            map: (x, y) => [x * width, y * height],
            identity: false,
            notice:
              'The keypoints are given as parts of the picture, from 0 to 1; they were scaled to the photo.',
          }
        : {
            map: (x, y) => [((x + 1) / 2) * width, ((y + 1) / 2) * height],
            identity: false,
            notice: 'The keypoints are given from −1 to 1; they were scaled to the photo.',
          },
    );
  }
  if (!canvas || (canvas.width === photo.width && canvas.height === photo.height)) return [PIXELS];
  if (shareOnCanvas(people, canvas) < MIN_ON_CANVAS) return [PIXELS];
  assertSameShape(canvas, photo);
  const sx = photo.width / canvas.width;
  const sy = photo.height / canvas.height;
  const scaled: Placement = {
    map: (x, y) => [x * sx, y * sy],
    identity: false,
    notice: `The keypoints belong to a picture of ${px(canvas)}; they were scaled to the photo of ${px(photo)}.`,
  };
  return [scaled, PIXELS];
}

/** A person's points in photo px; absent ones stay (0, 0, 0). A given table passes through `identity` unchanged. */
export function placePerson(person: FilePerson, placement: Placement): KeypointTable {
  const { landmarks } = person;
  if (landmarks) {
    const table = tableOfLandmarks(
      (row) => placement.map(landmarks[row * 3], landmarks[row * 3 + 1]),
      (row) => landmarks[row * 3 + 2],
    );
    // Hands that came with the landmarks are seen, not derived.
    for (let i = BODY_ROWS * 3; i < table.length; i += 3) {
      const [x, y, c] = person.table.subarray(i, i + 3);
      if (c > 0) table.set([...placement.map(x, y), c], i);
    }
    return table;
  }
  if (placement.identity) return person.table;
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  for (let i = 0; i < table.length; i += 3) {
    const [x, y, c] = person.table.subarray(i, i + 3);
    if (c > 0) table.set([...placement.map(x, y), c], i);
  }
  return table;
}
