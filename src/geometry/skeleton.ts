/**
 * A humanoid skeleton from the 31 keypoints and the finished mesh: each joint lies on its keypoint's ray, in the middle
 * between front and back, but no deeper than that limb is thick (before the body, the back is the body's). No licensed
 * body model. Limbs that have grown on to the body or are not there are found in the silhouette and told.
 */
import { BONE_IDS, BONE_PARENTS, type BoneId, type FigureSkeleton, type Place } from '../base/skeleton.ts';
import { CANVAS_SIZE, KEYPOINT_IDS, type KeypointId } from './body.ts';
import { CLOUD_DIVISOR } from './camera.ts';
import { type FigureDepths, figureDepths, placeAt } from './figure-depths.ts';

/** Half thickness of limbs at their joints, of the figure's height: adult means with cloth, at the upper end. */
const RADIUS: Readonly<Partial<Record<KeypointId, number>>> = {
  leftShoulder: 0.05,
  rightShoulder: 0.05,
  leftElbow: 0.035,
  rightElbow: 0.035,
  leftWrist: 0.024,
  rightWrist: 0.024,
  leftHip: 0.075,
  rightHip: 0.075,
  leftKnee: 0.05,
  rightKnee: 0.05,
  leftAnkle: 0.035,
  rightAnkle: 0.035,
  leftBigToe: 0.03,
  rightBigToe: 0.03,
};
/** Lengths of arms, of a standing figure's height (adult means), and how much longer than this no arm is. */
const UPPER_ARM = 0.143;
const FOREARM = 0.135;
const TOO_LONG = 1.1;
/** So much longer, and what is nearest is something else: the limb is hidden behind it. */
const HIDDEN = 1.5;
/** Middle of the shoulders to middle of the hips, of the height: who bends or sits is taller than their picture. */
const TRUNK = 0.272;
/** Farther from the figure than this a keypoint belongs to nothing of it, share of the canvas. */
const OFF_FIGURE = 0.03;
/** Places along a ray that are asked for a joint. */
const DEPTH_STEPS = 64;
/** Places along a limb that are looked at for a gap to the trunk; this share of them has to have one. */
const SAMPLES = 12;
const FREE_SHARE = 0.4;
/** Cosine to straight down of an upper arm that is held out, at most. */
const HELD_OUT = 0.64;
/** Legs whose ankles or knees are nearer to each other than this are one, of the figure's height. */
const ONE_LEG = 0.045;
/** Seen so short against the shin, a thigh points at the camera. */
const TOWARD_CAMERA = 0.6;
/** A knee is so much before the line from hip to ankle, of the figure's height. */
const KNEE_FORWARD = 0.012;
/** Thighs that rise less steeply than this (cosine to straight down) sit. */
const STANDING_COSINE = 0.6;

const add = (a: Place, b: Place, share = 1): Place => [
  a[0] + b[0] * share,
  a[1] + b[1] * share,
  a[2] + b[2] * share,
];
const between = (a: Place, b: Place, t: number): Place => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];
const distance = (a: Place, b: Place) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

type Pixel = readonly [column: number, row: number];

class Figure {
  readonly #depths: FigureDepths;
  readonly #keypoints: Float64Array;
  readonly height: number;

  constructor(positions: Float32Array, indices: Uint32Array, keypoints: Float64Array) {
    this.#depths = figureDepths(positions, indices);
    this.#keypoints = keypoints;
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 1; i < positions.length; i += 3) {
      low = Math.min(low, positions[i]);
      high = Math.max(high, positions[i]);
    }
    this.height = high - low;
  }

  /** In px of the depth maps. */
  pixel(id: KeypointId): Pixel {
    const at = KEYPOINT_IDS.indexOf(id) * 3;
    const scale = this.#depths.size / CANVAS_SIZE;
    return [(this.#keypoints[at] + 0.5) * scale - 0.5, (this.#keypoints[at + 1] + 0.5) * scale - 0.5];
  }

  /** Found in the photo, not estimated from the rest of the body. */
  found(id: KeypointId): boolean {
    return this.#keypoints[KEYPOINT_IDS.indexOf(id) * 3 + 2] > 0;
  }

  filled(column: number, row: number): boolean {
    const { size, back } = this.#depths;
    const [c, r] = [Math.round(column), Math.round(row)];
    return c >= 0 && r >= 0 && c < size && r < size && back[r * size + c] > 0;
  }

  /** The filled pixel nearest to one, and how far it is, px; null where none is near. */
  nearest([column, row]: Pixel): { at: Pixel; away: number } | null {
    const reach = Math.ceil(this.#depths.size * OFF_FIGURE * 2);
    let best: { at: Pixel; away: number } | null = null;
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const at: Pixel = [Math.round(column) + dx, Math.round(row) + dy];
        const away = Math.hypot(dx, dy);
        if ((!best || away < best.away) && this.filled(...at)) best = { at, away };
      }
    }
    return best;
  }

  /** On the figure, or not far off. */
  isOn(id: KeypointId): boolean {
    const near = this.nearest(this.pixel(id));
    return near !== null && near.away <= this.#depths.size * OFF_FIGURE;
  }

  /** The joint of a keypoint, or of any pixel with a limb's half thickness (Infinity: the middle). */
  place(pixel: Pixel, radius: number): Place {
    const near = this.nearest(pixel)?.at;
    const { size, front, back } = this.#depths;
    if (!near) return placeAt(pixel[0], pixel[1], 1, size);
    const at = near[1] * size + near[0];
    const half = Math.min((back[at] - front[at]) / 2, radius);
    return placeAt(pixel[0], pixel[1], front[at] + half, size);
  }

  joint(id: KeypointId): Place {
    return this.place(this.pixel(id), (RADIUS[id] ?? Number.POSITIVE_INFINITY) * this.height);
  }

  /**
   * The joint of a limb that may be hidden: what is nearest to the camera is its own only where the bone from `parent` is then not too
   * long. Else it is what is farthest (a hand behind the back), else as near as the bone's length lets it.
   */
  limbJoint(id: KeypointId, parent: Place, length: number): Place {
    const near = this.joint(id);
    if (distance(parent, near) <= TOO_LONG * length) return near;
    const pixel = this.pixel(id);
    const at = this.nearest(pixel)?.at;
    if (!at) return near;
    const { size, front, back } = this.#depths;
    const radius = (RADIUS[id] ?? 0) * this.height;
    const [first, last] = [front[at[1] * size + at[0]] + radius, back[at[1] * size + at[0]] - radius];
    if (last <= first) return near;
    const far = placeAt(...pixel, last, size);
    const hidden = distance(parent, near) > HIDDEN * length;
    if (hidden && distance(parent, far) <= TOO_LONG * length) return far;
    let best = near;
    for (let k = 0; k <= DEPTH_STEPS; k++) {
      const place = placeAt(...pixel, first + ((last - first) * k) / DEPTH_STEPS, size);
      const missed = Math.abs(distance(parent, place) - length);
      if (missed < Math.abs(distance(parent, best) - length)) best = place;
    }
    return best;
  }

  /** At the z given, but inside the figure: where one leg is before the other, or both in a coat. */
  jointAt(id: KeypointId, z: number): Place {
    const pixel = this.pixel(id);
    const near = this.nearest(pixel)?.at;
    const { size, front, back } = this.#depths;
    if (!near) return this.joint(id);
    const at = near[1] * size + near[0];
    const half = Math.min((back[at] - front[at]) / 2, (RADIUS[id] ?? Number.POSITIVE_INFINITY) * this.height);
    const away = (1 - z * CLOUD_DIVISOR) / (1 - placeAt(...pixel, 1, size)[2] * CLOUD_DIVISOR);
    return placeAt(...pixel, Math.min(back[at] - half, Math.max(front[at] + half, away)), size);
  }

  /** Share of places along a limb from which a straight way to `target` leaves the figure. */
  gaps(from: Pixel, to: Pixel, target: (t: number) => Pixel, start: number): number {
    let free = 0;
    for (let k = 0; k < SAMPLES; k++) {
      const t = start + ((1 - start) * (k + 0.5)) / SAMPLES;
      const [x, y] = [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t];
      const [tx, ty] = target(t);
      const steps = Math.ceil(Math.hypot(tx - x, ty - y));
      let empty = false;
      for (let s = 0; s <= steps && !empty; s++) {
        empty = !this.filled(x + ((tx - x) * s) / steps, y + ((ty - y) * s) / steps);
      }
      if (empty) free++;
    }
    return free / SAMPLES;
  }
}

const meanPixel = (...pixels: Pixel[]): Pixel => [
  pixels.reduce((sum, [x]) => sum + x, 0) / pixels.length,
  pixels.reduce((sum, [, y]) => sum + y, 0) / pixels.length,
];

/**
 * @param positions of the mesh, 3 per vertex, method's frame.
 * @param keypoints 31 x (x, y, confidence) on the canvas; confidence 0: estimated.
 */
export function estimateSkeleton(
  positions: Float32Array,
  indices: Uint32Array,
  keypoints: Float64Array,
): FigureSkeleton {
  const figure = new Figure(positions, indices, keypoints);
  const { height } = figure;
  const joint = (id: KeypointId) => figure.joint(id);
  const middleOf = (a: KeypointId, b: KeypointId) =>
    figure.place(meanPixel(figure.pixel(a), figure.pixel(b)), Number.POSITIVE_INFINITY);
  const shoulders = middleOf('leftShoulder', 'rightShoulder');
  const hipMiddle = between(
    figure.jointAt('leftHip', shoulders[2]),
    figure.jointAt('rightHip', shoulders[2]),
    0.5,
  );
  const face = figure.place(meanPixel(figure.pixel('leftEye'), figure.pixel('rightEye')), 0.055 * height);
  const trunk: Place = [
    shoulders[0] - hipMiddle[0],
    shoulders[1] - hipMiddle[1],
    shoulders[2] - hipMiddle[2],
  ];
  const hips = add(hipMiddle, trunk, 0.08);
  const neck = add(shoulders, trunk, 0.06);
  // The skull turns at about the height of the mouth.
  const head: Place = [
    between(neck, face, 0.45)[0],
    between(neck, face, 0.45)[1],
    neck[2] * 0.7 + face[2] * 0.3,
  ];
  const crown: Place = [face[0], face[1] + (face[1] - head[1]) * 1.4, head[2]];
  const heads: Partial<Record<BoneId, Place>> = {
    hips,
    spine: between(hips, neck, 0.3),
    chest: between(hips, neck, 0.58),
    neck,
    head,
  };
  const tails: Partial<Record<BoneId, Place>> = { head: crown };
  const tall = Math.max(height, Math.hypot(...trunk) / TRUNK);
  const grownOn: BoneId[] = [];
  const missing: BoneId[] = [];
  const notes: string[] = [];
  const trunkAt = (row: number): Pixel => {
    const [top, bottom] = [
      meanPixel(figure.pixel('leftShoulder'), figure.pixel('rightShoulder')),
      meanPixel(figure.pixel('leftHip'), figure.pixel('rightHip')),
    ];
    const t = (row - top[1]) / (bottom[1] - top[1] || 1);
    return [top[0] + (bottom[0] - top[0]) * Math.min(1.2, Math.max(0, t)), row];
  };

  for (const side of ['left', 'right'] as const) {
    const [upper, lower, hand] = [`${side}UpperArm`, `${side}LowerArm`, `${side}Hand`] as const;
    const shoulder = joint(`${side}Shoulder`);
    heads[`${side}Shoulder`] = between(shoulders, shoulder, 0.25);
    heads[upper] = between(shoulder, shoulders, 0.06);
    heads[lower] = figure.limbJoint(`${side}Elbow`, shoulder, UPPER_ARM * tall);
    heads[hand] = figure.limbJoint(`${side}Wrist`, heads[lower], FOREARM * tall);
    const fingers = ([1, 2, 3, 4] as const)
      .map((n) => `${side}Finger${n}` as const)
      .filter((id) => figure.found(id) && figure.isOn(id));
    const along = add(heads[hand], heads[lower], -1);
    tails[hand] =
      fingers.length > 0
        ? figure.place(meanPixel(...fingers.map((id) => figure.pixel(id))), 0.02 * height)
        : add(heads[hand], along, 0.6);
    const bones = [upper, lower, hand] as const;
    if (!figure.isOn(`${side}Elbow`) || !figure.isOn(`${side}Wrist`)) {
      missing.push(...bones);
      notes.push(`The ${side} arm was not found: its bones are there and move nothing.`);
      continue;
    }
    const elbow = figure.pixel(`${side}Elbow`);
    const wrist = figure.pixel(`${side}Wrist`);
    const start = figure.pixel(`${side}Shoulder`);
    const row = (from: Pixel, to: Pixel) => (t: number) => trunkAt(from[1] + (to[1] - from[1]) * t);
    const free =
      (figure.gaps(elbow, wrist, row(elbow, wrist), 0) + figure.gaps(start, elbow, row(start, elbow), 0.5)) /
      2;
    // An arm that is held out has nothing beside it to grow on to.
    const steep = (elbow[1] - start[1]) / (Math.hypot(elbow[0] - start[0], elbow[1] - start[1]) || 1);
    if (free < FREE_SHARE && steep > HELD_OUT) {
      grownOn.push(...bones);
      notes.push(`The ${side} arm is one with the body in this photo: it moves with the chest.`);
    }
  }

  for (const side of ['left', 'right'] as const) {
    // A knee or a hand may be before it: hips are under the shoulders.
    heads[`${side}UpperLeg`] = figure.jointAt(`${side}Hip`, shoulders[2]);
    const [hipPixel, kneePixel, anklePixel] = (['Hip', 'Knee', 'Ankle'] as const).map((joint) =>
      figure.pixel(`${side}${joint}`),
    );
    const thigh = Math.hypot(hipPixel[0] - kneePixel[0], hipPixel[1] - kneePixel[1]);
    const shin = Math.hypot(kneePixel[0] - anklePixel[0], kneePixel[1] - anklePixel[1]);
    if (thigh < TOWARD_CAMERA * shin) {
      // A thigh that points at the camera: the knee is what is nearest, the ankle under it.
      const knee = joint(`${side}Knee`);
      heads[`${side}LowerLeg`] = knee;
      heads[`${side}Foot`] = figure.jointAt(`${side}Ankle`, knee[2]);
    } else {
      // The front may be the other leg's or a coat's: an ankle is under its hip, a knee between the two.
      const hip = (heads[`${side}UpperLeg`] as Place)[2];
      const ankle = figure.jointAt(`${side}Ankle`, hip);
      heads[`${side}Foot`] = ankle;
      heads[`${side}LowerLeg`] = figure.jointAt(`${side}Knee`, (hip + ankle[2]) / 2 + KNEE_FORWARD * height);
    }
    const toe = `${side}BigToe` as const;
    tails[`${side}Foot`] = figure.isOn(toe)
      ? joint(toe)
      : add(heads[`${side}Foot`] as Place, [0, -0.02 * height, 0.06 * height]);
  }
  const leg = (side: 'left' | 'right') =>
    [`${side}UpperLeg`, `${side}LowerLeg`, `${side}Foot`] as const satisfies readonly BoneId[];
  const same =
    distance(heads.leftLowerLeg as Place, heads.rightLowerLeg as Place) < ONE_LEG * height &&
    distance(heads.leftFoot as Place, heads.rightFoot as Place) < ONE_LEG * height;
  for (const side of ['left', 'right'] as const) {
    const gone = !figure.isOn(`${side}Knee`) || !figure.isOn(`${side}Ankle`);
    const doubled =
      same && side === (figure.found('leftAnkle') && !figure.found('rightAnkle') ? 'right' : 'left');
    if (!gone && !doubled) continue;
    missing.push(...leg(side));
    notes.push(`The ${side} leg was not found: its bones are there and move nothing.`);
  }
  const [leftHip, leftKnee, rightHip, rightKnee] = (
    ['leftHip', 'leftKnee', 'rightHip', 'rightKnee'] as const
  ).map((id) => figure.pixel(id));
  const across = (t: number): Pixel => [
    rightHip[0] + (rightKnee[0] - rightHip[0]) * t,
    rightHip[1] + (rightKnee[1] - rightHip[1]) * t,
  ];
  const legsTogether =
    missing.every((bone) => !bone.includes('Leg')) && figure.gaps(leftHip, leftKnee, across, 0.45) < 0.25;
  if (legsTogether) {
    notes.push('There is no gap between the thighs (a skirt, a coat, legs held together): steps are small.');
  }
  const steepness = (side: 'left' | 'right') => {
    const [from, to] = [heads[`${side}UpperLeg`], heads[`${side}LowerLeg`]] as [Place, Place];
    return (from[1] - to[1]) / (distance(from, to) || 1);
  };
  const sits = (['left', 'right'] as const).some(
    (side) => !missing.includes(`${side}UpperLeg`) && steepness(side) < STANDING_COSINE,
  );
  if (sits) notes.push('The figure does not stand upright: it is left out of walking.');

  for (const bone of BONE_IDS) {
    if (tails[bone]) continue;
    const child = BONE_IDS.find((other) => BONE_PARENTS[other] === bone);
    tails[bone] = heads[child as BoneId];
  }
  return {
    heads: heads as FigureSkeleton['heads'],
    tails: tails as FigureSkeleton['tails'],
    grownOn,
    missing,
    legsTogether,
    sits,
    notes,
  };
}
