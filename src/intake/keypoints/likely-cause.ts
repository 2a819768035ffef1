/**
 * Why keypoints do not lie on the person: the usual mistakes are undone one by one, and the one that puts the points
 * on the outline is the likely cause. A photo of another size, one that was not turned upright, mirrored or cropped.
 */
import type { KeypointTable } from '../../geometry/body.ts';
import type { PictureSize } from './find-people.ts';
import { bodyRowsOf, type Outline, type OutlineFit, POINTS_PER_OUTLINE } from './outline.ts';

export interface LikelyCause {
  /** Ends a sentence that began with what is wrong, without the full stop. */
  readonly says: string;
  readonly fix: string;
  readonly fit: OutlineFit;
}

/** What counts as lying on the person, for a guess that will be told as one. */
const MIN_ON = 0.88;
const MIN_SCORE = 0.5;
const HEIGHTS = [0.82, 1.25] as const;
/** A moved or scaled figure can be made to fit almost anything: it must be better than the plain causes by this. */
const MOVED_PENALTY = 0.08;
/** Round numbers are no accident. */
const PARTS_BONUS = 0.15;
const MIRROR_PENALTY = 0.05;
const MIN_SCALE_CHANGE = 0.03;

type Map2 = (x: number, y: number) => readonly [x: number, y: number];

function mapped(table: KeypointTable, map: Map2): KeypointTable {
  const out = table.slice();
  for (let i = 0; i < out.length; i += 3) {
    if (!(out[i + 2] > 0) || (out[i] === 0 && out[i + 1] === 0)) continue;
    const [x, y] = map(out[i], out[i + 1]);
    out[i] = x;
    out[i + 1] = y;
  }
  return out;
}

const holds = (fit: OutlineFit) =>
  fit.on >= MIN_ON && fit.score >= MIN_SCORE && fit.height > HEIGHTS[0] && fit.height < HEIGHTS[1];

/** The factor about the origin with which the points lie best on the outline. */
function bestScale(table: KeypointTable, outline: Outline): { scale: number; fit: OutlineFit } {
  let best = { scale: 1, fit: outline.fit(table), value: Number.NEGATIVE_INFINITY };
  const look = (scale: number) => {
    const fit = outline.fit(mapped(table, (x, y) => [x * scale, y * scale]));
    const value = fit.score - 0.5 * Math.abs(Math.log(Math.max(1e-3, fit.height)));
    if (value > best.value) best = { scale, fit, value };
  };
  for (let i = -200; i <= 200; i++) look(Math.exp((i / 200) * Math.log(24)));
  const { scale } = best;
  for (let i = -20; i <= 20; i++) look(scale * (1 + i * 0.0008));
  return best;
}

/** Sizes photos usually have along their longer side; the first list is asked first. */
const USUAL_SIDES: readonly [tolerance: number, sides: readonly number[]][] = [
  [0.03, [512, 1024, 2048, 4096]],
  [0.02, [256, 640, 768, 1280, 1536, 1920, 3024, 4032]],
  [0.01, [480, 600, 720, 800, 960, 1000, 1080, 1200, 1440, 1600, 2000, 2400, 3000, 3072, 3264, 3840, 4000]],
];

/** Size of the photo the points were made from, when they have to be multiplied by `scale`. */
function sizeBefore(photo: PictureSize, scale: number): string {
  const longest = Math.max(photo.width, photo.height) / scale;
  const near = USUAL_SIDES.flatMap(([tolerance, sides]) =>
    sides
      .filter((side) => Math.abs(side / longest - 1) <= tolerance)
      .sort((a, b) => Math.abs(a - longest) - Math.abs(b - longest)),
  )[0];
  const side = near ?? 10 * Math.round(longest / 10);
  const ratio = side / Math.max(photo.width, photo.height);
  const size = [photo.width, photo.height].map((v) => Math.max(1, Math.round(v * ratio)));
  return `${near ? '' : 'about '}${size[0]} × ${size[1]} px`;
}

const SAME_FILE =
  'Make the keypoints from this very file, or leave them out: the pose is then estimated here.';
const UPRIGHT = 'Make the keypoints from the photo as it is shown here, or save the photo upright first.';

/**
 * @param table a person in photo px, who does not lie on the outline.
 * @returns the likeliest cause, or null when nothing brings the points onto the person.
 */
export function likelyCause(table: KeypointTable, outline: Outline, photo: PictureSize): LikelyCause | null {
  const { width: w, height: h } = photo;
  const found: (LikelyCause & { readonly value: number })[] = [];
  const offer = (says: string, fix: string, fit: OutlineFit, penalty = 0) => {
    if (holds(fit)) found.push({ says, fix, fit, value: fit.score - penalty });
  };
  const { scale, fit } = bestScale(table, outline);
  if (Math.abs(Math.log(scale)) > MIN_SCALE_CHANGE) {
    offer(`they belong to a photo of ${sizeBefore(photo, scale)}, it seems`, SAME_FILE, fit);
  }
  for (const most of [100, 1000]) {
    // In a square photo the numbers of a 1000 px picture look the same, and that is likelier.
    if (most === 1000 && w === h) continue;
    const map: Map2 = (x, y) => [(x * w) / most, (y * h) / most];
    const says = `they seem to be parts of the picture from 0 to ${most}, not pixels`;
    offer(says, 'Save the keypoints in pixels of the photo.', outline.fit(mapped(table, map)), -PARTS_BONUS);
  }
  const asStored = `they belong to the photo of ${h} × ${w} px as the camera stored it, before it was turned upright`;
  const turns: readonly [says: string, fix: string, map: Map2][] = [
    [asStored, UPRIGHT, (x, y) => [w - y, x]],
    [asStored, UPRIGHT, (x, y) => [y, h - x]],
    ['they belong to the photo upside down', UPRIGHT, (x, y) => [w - x, h - y]],
    ['x and y are swapped in them', 'Save the keypoints with x before y.', (x, y) => [y, x]],
    ['they belong to the mirror image of this photo', SAME_FILE, (x, y) => [w - x, y]],
  ];
  for (const [says, fix, map] of turns) {
    offer(says, fix, outline.fit(mapped(table, map)), fix === SAME_FILE ? MIRROR_PENALTY : 0);
  }
  const moved = bestMove(table, outline);
  if (moved) offer(moved.says, SAME_FILE, moved.fit, MOVED_PENALTY);
  found.sort((a, b) => b.value - a.value);
  return found[0] ?? null;
}

/** Lays the box of the points into the box of the outline: a photo that was cropped, or padded, after the pose was made. */
function bestMove(table: KeypointTable, outline: Outline): { says: string; fit: OutlineFit } | null {
  const rows = bodyRowsOf(table);
  if (rows.length < 8) return null;
  const xs = rows.map((r) => table[r * 3]);
  const ys = rows.map((r) => table[r * 3 + 1]);
  const { box } = outline;
  const tall = Math.max(...ys) - Math.min(...ys);
  if (!(tall > 0)) return null;
  const middleX = (Math.min(...xs) + Math.max(...xs)) / 2;
  const middleY = (Math.min(...ys) + Math.max(...ys)) / 2;
  const height = box.bottom - box.top;
  const full = (POINTS_PER_OUTLINE * height) / tall;
  let best: { says: string; fit: OutlineFit } | null = null;
  // Moved alone first: a crop at the same size is the usual case.
  for (const scale of Math.abs(Math.log(full)) < 0.1 ? [1, full] : [full]) {
    for (let i = -6; i <= 6; i++) {
      for (let j = -6; j <= 6; j++) {
        const toX = (box.left + box.right) / 2 + i * 0.015 * height;
        const toY = (box.top + box.bottom) / 2 + (0.01 + j * 0.01) * height;
        const fit = outline.fit(
          mapped(table, (x, y) => [toX + (x - middleX) * scale, toY + (y - middleY) * scale]),
        );
        if (best && fit.score <= best.fit.score) continue;
        const how =
          Math.abs(Math.log(scale)) < MIN_SCALE_CHANGE ? 'cropped' : 'cropped or padded, and scaled,';
        best = {
          says: `they would lie on this person if moved, so the photo was ${how} after they were made, or they are another person's`,
          fit,
        };
      }
    }
  }
  return best;
}
