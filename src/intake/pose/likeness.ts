/**
 * Who in a photo may be no person but the likeness of one: a mirror image of somebody else there, or a statue. Only doubts: a
 * team wears one shirt, and a person may be painted grey. So nobody is left out for one; who is in doubt is not whom a photo
 * is of while there are others, and the doubt is said.
 */
import type { RgbaImage } from '../../base/images.ts';
import { KEYPOINT_IDS, type KeypointId, type KeypointTable } from '../../geometry/body.ts';

export type Doubt = 'mirror image' | 'statue';

type Vector = readonly [x: number, y: number];

/** Side of the squares whose mean colour is taken, lengths of the trunk; half of it. */
const PATCH = 0.04;
/** Sum of red, green and blue below which a colour says nothing. */
const LEAST_LIGHT = 60;
/**
 * A statue is of one colour, lighter and darker: its colours, as shares of their light, lie within these distances of their
 * median (root mean square; largest). 97 rendered people have .023 and .051 at least, ten people in photos .018 and .052: grey
 * suits, but skin.
 */
const ONE_COLOUR = 0.012;
const ONE_COLOUR_AT_MOST = 0.03;
/** The photo around has colours, or it is a black-and-white one: distance of that kind. */
const COLOURFUL = 0.03;
/** Places of the body that must be seen. */
const LEAST_PLACES = 8;
/** Mean distances between two poses that are one in a mirror, lengths of the trunk, and how much nearer than unmirrored. */
const SAME_POSE = 0.14;
const MUCH_NEARER = 0.5;
/** Mean difference of the colours of what they wear, of 255. */
const SAME_CLOTHES = 36;
/** Columns and rows of places in the whole photo. */
const GRID = 24;

const rowOf = (id: KeypointId) => KEYPOINT_IDS.indexOf(id);

/** Places on a body by name: a row, or a share of the way between two. */
const LIMBS = [
  ['Shoulder', 'Elbow', 0.5],
  ['Elbow', 'Wrist', 0.5],
  ['Wrist', 'Finger2', 0.6],
  ['Hip', 'Knee', 0.5],
  ['Knee', 'Ankle', 0.5],
  ['Ankle', 'BigToe', 0.5],
] as const;

interface Body {
  readonly at: (id: KeypointId) => Vector;
  readonly trunk: number;
  readonly middle: Vector;
}

const between = (a: Vector, b: Vector, share = 0.5): Vector => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
];

function bodyOf(keypoints: KeypointTable): Body {
  const at = (id: KeypointId): Vector => [keypoints[rowOf(id) * 3], keypoints[rowOf(id) * 3 + 1]];
  const shoulders = between(at('leftShoulder'), at('rightShoulder'));
  const hips = between(at('leftHip'), at('rightHip'));
  const trunk = Math.max(8, Math.hypot(shoulders[0] - hips[0], shoulders[1] - hips[1]));
  return { at, trunk, middle: between(shoulders, hips) };
}

/** Face, chest, belly, then six places of each side; `mirrored`: the right side's first. */
function placesOf({ at, middle }: Body, mirrored = false): Vector[] {
  const sides = mirrored ? (['right', 'left'] as const) : (['left', 'right'] as const);
  const limbs = sides.flatMap((side) =>
    LIMBS.map(([from, to, share]) => between(at(`${side}${from}`), at(`${side}${to}`), share)),
  );
  return [at('nose'), between(at('leftShoulder'), at('rightShoulder')), middle, ...limbs];
}

/** Mean colour of a small square; null outside the photo. */
function colourAt({ width, height, data }: RgbaImage, [x, y]: Vector, half: number) {
  const [left, right] = [Math.max(0, Math.round(x - half)), Math.min(width - 1, Math.round(x + half))];
  const [top, bottom] = [Math.max(0, Math.round(y - half)), Math.min(height - 1, Math.round(y + half))];
  if (right < left || bottom < top) return null;
  const sum: [number, number, number] = [0, 0, 0];
  const step = Math.max(1, Math.floor((right - left) / 12));
  let count = 0;
  for (let row = top; row <= bottom; row += step) {
    for (let column = left; column <= right; column += step) {
      const i = (row * width + column) * 4;
      for (let c = 0; c < 3; c++) sum[c] += data[i + c];
      count++;
    }
  }
  return sum.map((value) => value / count) as [number, number, number];
}

/** How far colours lie from their median, as shares of their light: root mean square, and the farthest. */
function spreadOf(colours: readonly (readonly [number, number, number] | null)[]) {
  const shares = colours.flatMap((colour): Vector[] => {
    const light = colour ? colour[0] + colour[1] + colour[2] : 0;
    if (!colour || light < LEAST_LIGHT) return [];
    return [[(colour[0] - colour[1]) / light, ((colour[0] + colour[1]) / 2 - colour[2]) / light]];
  });
  const median = [0, 1].map((k) => shares.map((s) => s[k]).sort((a, b) => a - b)[shares.length >> 1] ?? 0);
  // The first, the face, always counts; of the others the farthest may lie beside the body.
  const [face = 0, ...rest] = shares.map(([a, b]) => Math.hypot(a - median[0], b - median[1]));
  const away = [face, ...rest.sort((a, b) => a - b).slice(0, -1)];
  const square = away.reduce((sum, value) => sum + value * value, 0) / Math.max(1, away.length);
  return { places: shares.length, rms: Math.sqrt(square), most: Math.max(0, ...away) };
}

/** One colour from head to feet, in a photo that has others. */
function isStatue(photo: RgbaImage, body: Body): boolean {
  const own = spreadOf(placesOf(body).map((place) => colourAt(photo, place, PATCH * body.trunk)));
  if (own.places < LEAST_PLACES || own.rms > ONE_COLOUR || own.most > ONE_COLOUR_AT_MOST) return false;
  const whole = Array.from({ length: GRID * GRID }, (_, i) => {
    const at = (k: number, length: number) => ((k + 0.5) / GRID) * length;
    return colourAt(photo, [at(i % GRID, photo.width), at(Math.floor(i / GRID), photo.height)], 1);
  });
  return spreadOf(whole).rms >= COLOURFUL;
}

/** Poses and clothes are one another's in a mirror, and not the same unmirrored. */
function isMirrored(photo: RgbaImage, one: Body, other: Body): boolean {
  const posed = (body: Body, flip: 1 | -1) =>
    placesOf(body, flip < 0).map(
      ([x, y]): Vector => [(flip * (x - body.middle[0])) / body.trunk, (y - body.middle[1]) / body.trunk],
    );
  const apart = (flip: 1 | -1) => {
    const theirs = posed(other, flip);
    return (
      posed(one, 1).reduce((sum, [x, y], i) => sum + Math.hypot(x - theirs[i][0], y - theirs[i][1]), 0) /
      theirs.length
    );
  };
  const mirrored = apart(-1);
  if (mirrored > SAME_POSE || mirrored > MUCH_NEARER * apart(1)) return false;
  const theirs = placesOf(other, true);
  const differences = placesOf(one).flatMap((place, i) => {
    const [a, b] = [
      colourAt(photo, place, PATCH * one.trunk),
      colourAt(photo, theirs[i], PATCH * other.trunk),
    ];
    return a && b ? [(Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2])) / 3] : [];
  });
  const mean = differences.reduce((sum, value) => sum + value, 0) / Math.max(1, differences.length);
  return differences.length >= LEAST_PLACES && mean <= SAME_CLOTHES;
}

/**
 * @param people 31 points each, px of the photo, all placed.
 * @returns for each what it may be instead of a person; of a pair in a mirror the smaller one.
 */
export function doubts(photo: RgbaImage, people: readonly KeypointTable[]): (Doubt | null)[] {
  const bodies = people.map(bodyOf);
  return bodies.map((body) => {
    const larger = bodies.filter((other) => other !== body && other.trunk > body.trunk);
    if (larger.some((other) => isMirrored(photo, other, body))) return 'mirror image';
    return isStatue(photo, body) ? 'statue' : null;
  });
}
