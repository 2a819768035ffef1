/**
 * Places keypoints that nobody saw, so that no part is ever fitted to the image centre or left out.
 * Order: torso, limbs, feet, hands, head; each point from its nearest neighbours that were seen, by proportions of
 * a standing body; last resort is a standing figure fitted to everything that was seen (mirrored for a person seen
 * from behind). Proportions are medians over the 20 published keypoint sets (tests/golden/keypoints_affine.json).
 */
import { StageError } from '../base/errors.ts';
import {
  type CanvasPose,
  KEYPOINT_COUNT,
  KEYPOINT_IDS,
  type KeypointId,
  type KeypointTable,
} from './body.ts';
import { applySimilarity, fitSimilarity, type Point, type Similarity } from './similarity.ts';

/** Fewest points a body can be stood on, and their least spread, canvas px. */
const MIN_POINTS = 4;
const MIN_SPREAD_PX = 24;

/** Left half of a standing figure facing us, in torso lengths, origin between the hips, y down, person's left = +x. */
const FIGURE_LEFT: Readonly<Record<string, Point>> = {
  Eye: [0.07, -1.5],
  Ear: [0.166, -1.44],
  Shoulder: [0.33, -1],
  Elbow: [0.4, -0.49],
  Wrist: [0.45, -0.03],
  Hip: [0.213, 0],
  Knee: [0.22, 0.77],
  Ankle: [0.22, 1.46],
  BigToe: [0.246, 1.645],
  SmallToe: [0.33, 1.625],
  Heel: [0.188, 1.5],
  Finger1: [0.43, 0.21],
  Finger2: [0.46, 0.22],
  Finger3: [0.48, 0.2],
  Finger4: [0.5, 0.18],
};

const FIGURE: readonly Point[] = KEYPOINT_IDS.map((id): Point => {
  if (id === 'nose') return [0, -1.42];
  const [x, y] = FIGURE_LEFT[id.replace(/^(left|right)/, '')];
  return [id.startsWith('left') ? x : -x, y];
});

/** Eye distance / ear distance. */
const EYES_PER_EARS = 0.418;
/** Wrist to mean finger point / forearm, and the distance between neighbouring fingers / forearm. */
const FINGERS_PER_FOREARM = 0.486;
const FINGER_STEP_PER_FOREARM = 0.07;
/** Foot points from the ankle in shin lengths: along the shin and outward. */
const FOOT_PER_SHIN = { BigToe: [0.267, 0.037], SmallToe: [0.237, 0.147], Heel: [0.057, -0.047] } as const;
const SMALL_TOE_OUT_PER_SHIN = 0.11;

/** Nose, eyes and shoulders; hips; rows up to the shoulders are head and shoulders. */
const BUST_ROWS = (['nose', 'leftEye', 'rightEye', 'leftShoulder', 'rightShoulder'] as const).map((id) =>
  KEYPOINT_IDS.indexOf(id),
);
const HIP_ROWS = (['leftHip', 'rightHip'] as const).map((id) => KEYPOINT_IDS.indexOf(id));
const MOST_BUST_ROW = KEYPOINT_IDS.indexOf('rightShoulder');

type Side = 'left' | 'right';
const SIDES: readonly Side[] = ['left', 'right'];
const other = (side: Side): Side => (side === 'left' ? 'right' : 'left');
const indexOf = new Map<string, number>(KEYPOINT_IDS.map((id, i) => [id, i]));

class Body {
  readonly points: (Point | null)[] = [];
  readonly estimated: KeypointId[] = [];
  readonly figure: Similarity;
  /** -1 when the person is seen from behind (their left is on our left). */
  readonly mirror: 1 | -1;

  constructor(table: KeypointTable) {
    for (let i = 0; i < KEYPOINT_COUNT; i++) {
      this.points.push(table[i * 3 + 2] > 0 ? [table[i * 3], table[i * 3 + 1]] : null);
    }
    const fits = ([1, -1] as const).map((mirror) => this.fitFigure(mirror));
    this.mirror = fits[1].residual < 0.8 * fits[0].residual ? -1 : 1;
    this.figure = this.mirror === 1 ? fits[0].fit : fits[1].fit;
  }

  private fitFigure(mirror: 1 | -1): { fit: Similarity; residual: number } {
    const from: Point[] = [];
    const to: Point[] = [];
    // Of a bust head and shoulders tell the size: arms stretched out would make it a small one.
    const isBust = BUST_ROWS.every((i) => this.points[i]) && HIP_ROWS.every((i) => !this.points[i]);
    this.points.forEach((p, i) => {
      if (!p || (isBust && i > MOST_BUST_ROW)) return;
      from.push([FIGURE[i][0] * mirror, FIGURE[i][1]]);
      to.push(p);
    });
    const fit = fitSimilarity(from, to);
    let residual = 0;
    from.forEach((p, i) => {
      const [x, y] = applySimilarity(fit, p);
      residual += (x - to[i][0]) ** 2 + (y - to[i][1]) ** 2;
    });
    return { fit, residual };
  }

  get(id: string): Point | null {
    return this.points[indexOf.get(id)!];
  }

  place(id: string, point: Point): void {
    const i = indexOf.get(id)!;
    this.points[i] = point;
    this.estimated.push(KEYPOINT_IDS[i]);
  }

  /** The standing figure's vector between two keypoints, turned and scaled to this person. */
  figureVector(from: string, to: string): Point {
    const a = FIGURE[indexOf.get(from)!];
    const b = FIGURE[indexOf.get(to)!];
    const x = (b[0] - a[0]) * this.mirror;
    const y = b[1] - a[1];
    const { a: c, b: s } = this.figure;
    return [c * x - s * y, s * x + c * y];
  }

  /** First anchor that exists plus the figure's vector; else the fitted figure itself. */
  placeFrom(id: string, anchors: readonly string[]): void {
    const anchor = anchors.find((a) => this.get(a));
    if (anchor) {
      this.place(id, plus(this.get(anchor)!, this.figureVector(anchor, id)));
    } else {
      const [x, y] = FIGURE[indexOf.get(id)!];
      this.place(id, applySimilarity(this.figure, [x * this.mirror, y]));
    }
  }
}

const plus = (a: Point, b: Point, factor = 1): Point => [a[0] + b[0] * factor, a[1] + b[1] * factor];
const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1]];
const middle = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
const lengthOf = (v: Point) => Math.hypot(v[0], v[1]);

function placeTorso(body: Body): void {
  for (const side of SIDES) {
    const far = other(side);
    if (!body.get(`${side}Shoulder`))
      body.placeFrom(`${side}Shoulder`, [`${far}Shoulder`, `${side}Hip`, `${far}Hip`]);
    if (!body.get(`${side}Hip`)) body.placeFrom(`${side}Hip`, [`${far}Hip`, `${side}Shoulder`]);
  }
}

/** Unit vector from between the shoulders to between the hips. */
function torsoAxis(body: Body): Point {
  const axis = minus(
    middle(body.get('leftHip')!, body.get('rightHip')!),
    middle(body.get('leftShoulder')!, body.get('rightShoulder')!),
  );
  const length = lengthOf(axis);
  return length > 1 ? [axis[0] / length, axis[1] / length] : [0, 1];
}

/**
 * Elbow or knee between two ends that were seen. Knees: halfway, the person stands. Elbows: where two bones of usual
 * length meet, on the side farther from the middle of the body, where elbows go in pictures of people.
 */
function bentJoint(body: Body, side: Side, root: string, joint: string, tip: string): Point {
  const from = body.get(`${side}${root}`)!;
  const to = body.get(`${side}${tip}`)!;
  const upper = lengthOf(body.figureVector(`${side}${root}`, `${side}${joint}`));
  const lower = lengthOf(body.figureVector(`${side}${joint}`, `${side}${tip}`));
  const centre = middle(from, to);
  const span = minus(to, from);
  const length = lengthOf(span);
  const height = Math.sqrt(Math.max(0, ((upper + lower) / 2) ** 2 - (length / 2) ** 2));
  if (joint === 'Knee' || length < 1) return centre;
  const out: Point = [-span[1] / length, span[0] / length];
  const heart = middle(
    middle(body.get('leftHip')!, body.get('rightHip')!),
    middle(body.get('leftShoulder')!, body.get('rightShoulder')!),
  );
  const candidates = [plus(centre, out, height), plus(centre, out, -height)];
  const far = candidates.map((p) => lengthOf(minus(p, heart)));
  return candidates[far[0] > far[1] ? 0 : 1];
}

const fingerIds = (side: Side) => [1, 2, 3, 4].map((n) => `${side}Finger${n}`);

/** Mean of the finger points that were seen; null when there is none. */
function seenFingers(body: Body, side: Side): Point | null {
  const seen = fingerIds(side)
    .map((id) => body.get(id))
    .filter((p) => p !== null);
  if (seen.length === 0) return null;
  const sum = seen.reduce((total, p) => plus(total, p), [0, 0]);
  return [sum[0] / seen.length, sum[1] / seen.length];
}

function wristFromFingers(body: Body, side: Side): Point | null {
  const fingers = seenFingers(body, side);
  const elbow = body.get(`${side}Elbow`);
  if (!fingers || !elbow) return null;
  return plus(elbow, minus(fingers, elbow), 1 / (1 + FINGERS_PER_FOREARM));
}

function ankleFromFoot(body: Body, side: Side): Point | null {
  const point = ['Heel', 'BigToe', 'SmallToe'].find((name) => body.get(`${side}${name}`));
  return point
    ? plus(body.get(`${side}${point}`)!, body.figureVector(`${side}${point}`, `${side}Ankle`))
    : null;
}

/** A limb is root - middle joint - tip. Between neighbours if both are seen, else like the other limb mirrored. */
function placeLimb(body: Body, root: string, joint: string, tip: string): void {
  const axis = torsoAxis(body);
  const seen = new Set(KEYPOINT_IDS.filter((id) => body.get(id)));
  const mirrored = (side: Side, from: string, to: string): Point | null => {
    const a = `${other(side)}${from}` as KeypointId;
    const b = `${other(side)}${to}` as KeypointId;
    if (!seen.has(a) || !seen.has(b)) return null;
    const v = minus(body.get(b)!, body.get(a)!);
    const along = 2 * (v[0] * axis[0] + v[1] * axis[1]);
    return [along * axis[0] - v[0], along * axis[1] - v[1]];
  };
  for (const side of SIDES) {
    const rootPoint = body.get(`${side}${root}`)!;
    if (!body.get(`${side}${joint}`)) {
      const tipPoint = body.get(`${side}${tip}`);
      const vector = mirrored(side, root, joint) ?? body.figureVector(`${side}${root}`, `${side}${joint}`);
      body.place(
        `${side}${joint}`,
        tipPoint ? bentJoint(body, side, root, joint, tip) : plus(rootPoint, vector),
      );
    }
    const end = tip === 'Wrist' ? wristFromFingers(body, side) : ankleFromFoot(body, side);
    if (!body.get(`${side}${tip}`) && end) {
      body.place(`${side}${tip}`, end);
    } else if (!body.get(`${side}${tip}`)) {
      const vector = mirrored(side, joint, tip) ?? body.figureVector(`${side}${joint}`, `${side}${tip}`);
      body.place(`${side}${tip}`, plus(body.get(`${side}${joint}`)!, vector));
    }
  }
}

function placeFoot(body: Body, side: Side): void {
  const ankle = body.get(`${side}Ankle`)!;
  const shin = minus(ankle, body.get(`${side}Knee`)!);
  // Outward: away from the other leg, whichever way the person faces.
  const sign = (side === 'left' ? 1 : -1) * body.mirror;
  const out: Point = [sign * shin[1], -sign * shin[0]];
  const big = body.get(`${side}BigToe`);
  const small = body.get(`${side}SmallToe`);
  if (!big && small) body.place(`${side}BigToe`, plus(small, out, -SMALL_TOE_OUT_PER_SHIN));
  if (big && !small) body.place(`${side}SmallToe`, plus(big, out, SMALL_TOE_OUT_PER_SHIN));
  for (const point of ['BigToe', 'SmallToe', 'Heel'] as const) {
    if (body.get(`${side}${point}`)) continue;
    const [along, outward] = FOOT_PER_SHIN[point];
    body.place(`${side}${point}`, plus(plus(ankle, shin, along), out, outward));
  }
}

function placeFingers(body: Body, side: Side): void {
  const mean = seenFingers(body, side);
  const wrist = body.get(`${side}Wrist`)!;
  const forearm = minus(wrist, body.get(`${side}Elbow`)!);
  const sign = (side === 'left' ? 1 : -1) * body.mirror;
  const across: Point = [-sign * forearm[1], sign * forearm[0]];
  fingerIds(side).forEach((id, i) => {
    if (body.get(id)) return;
    // Only the mean of the fingers is ever used: a missing one must not move it.
    const guess = plus(
      plus(wrist, forearm, FINGERS_PER_FOREARM),
      across,
      (1.5 - i) * FINGER_STEP_PER_FOREARM,
    );
    body.place(id, mean ?? guess);
  });
}

function placeHead(body: Body): void {
  const same = (a: Point | null, b: Point | null) => a && b && a[0] === b[0] && a[1] === b[1];
  // The OpenPose reader puts an absent ear on its eye. One ear: the head is turned and the far outline is near that
  // eye. Both ears: they were hidden (hat, hair), so widen the eyes to the usual distance instead.
  const onEye = SIDES.filter((side) => same(body.get(`${side}Ear`), body.get(`${side}Eye`)));
  const eyes = SIDES.every((side) => body.get(`${side}Eye`));
  const noEar = SIDES.every((side) => !body.get(`${side}Ear`) || onEye.includes(side));
  if (eyes && noEar) {
    const centre = middle(body.get('leftEye')!, body.get('rightEye')!);
    const half = minus(body.get('leftEye')!, centre);
    if (lengthOf(half) > 1) {
      for (const side of SIDES) {
        const drop = body.figureVector(`${side}Eye`, `${side}Ear`)[1] * 0.5;
        const x = half[0] * (side === 'left' ? 1 : -1) * (1 / EYES_PER_EARS);
        const y = half[1] * (side === 'left' ? 1 : -1) * (1 / EYES_PER_EARS);
        body.place(`${side}Ear`, [centre[0] + x, centre[1] + y + drop]);
      }
    }
  } else {
    for (const side of onEye) body.estimated.push(`${side}Ear`);
  }
  for (const side of SIDES) {
    const far = other(side);
    const nose = body.get('nose');
    const farEar = body.get(`${far}Ear`);
    if (!body.get(`${side}Ear`)) {
      const eye = body.get(`${side}Eye`);
      if (eye) body.place(`${side}Ear`, eye);
      else if (nose && farEar) body.place(`${side}Ear`, plus(nose, minus(nose, farEar), 0.3));
      else body.placeFrom(`${side}Ear`, [`${far}Ear`, 'nose', `${far}Eye`, `${side}Shoulder`]);
    }
    if (!body.get(`${side}Eye`)) body.placeFrom(`${side}Eye`, [`${far}Eye`, 'nose', `${side}Ear`]);
  }
  if (!body.get('nose')) body.placeFrom('nose', ['leftEye']);
}

/**
 * Fills the missing points (confidence 0) of a pose on the canvas.
 *
 * @param table 31 x (x, y, confidence), canvas px. Not changed.
 * @returns a new table in which every point has a place; estimated ones keep confidence 0 and are named.
 * @throws StageError E_BAD_KEYPOINTS when fewer than 4 points are there, or all in one spot.
 */
export function completePose(table: KeypointTable): CanvasPose {
  const seen: number[] = [];
  for (let i = 0; i < KEYPOINT_COUNT; i++) if (table[i * 3 + 2] > 0) seen.push(i);
  const spreadOf = (axis: number) => {
    const values = seen.map((i) => table[i * 3 + axis]);
    return Math.max(...values) - Math.min(...values);
  };
  if (seen.length < MIN_POINTS || Math.max(spreadOf(0), spreadOf(1)) < MIN_SPREAD_PX) {
    throw new StageError('pose', 'E_BAD_KEYPOINTS', `Only ${seen.length} usable keypoints were found.`, {
      fix: 'Use a photo that shows the whole person, or keypoints with at least the shoulders, hips and legs.',
    });
  }
  const body = new Body(table);
  placeTorso(body);
  placeLimb(body, 'Shoulder', 'Elbow', 'Wrist');
  placeLimb(body, 'Hip', 'Knee', 'Ankle');
  for (const side of SIDES) {
    placeFoot(body, side);
    placeFingers(body, side);
  }
  placeHead(body);

  const keypoints = new Float64Array(table);
  const estimated = KEYPOINT_IDS.filter((id) => body.estimated.includes(id));
  KEYPOINT_IDS.forEach((id, i) => {
    const [x, y] = body.points[i]!;
    const confidence = body.estimated.includes(id) ? 0 : table[i * 3 + 2];
    keypoints.set([x, y, confidence], i * 3);
  });
  return { keypoints, estimated };
}
