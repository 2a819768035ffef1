/**
 * The body as the method sees it: 31 keypoints, 12 parts, 5 kinds of part with fixed crop sizes.
 * Left and right are the person's own. Source: docs/method.md#keypoints and docs/method.md#part-crops.
 */

/** Side of the square working canvas, px. */
export const CANVAS_SIZE = 2048;

/** Side of the low-resolution canvas of the coarse networks, px. */
export const COARSE_SIZE = 256;

export const KEYPOINT_IDS = [
  'nose',
  'leftEye',
  'rightEye',
  'leftEar',
  'rightEar',
  'leftShoulder',
  'rightShoulder',
  'leftElbow',
  'rightElbow',
  'leftWrist',
  'rightWrist',
  'leftHip',
  'rightHip',
  'leftKnee',
  'rightKnee',
  'leftAnkle',
  'rightAnkle',
  'leftBigToe',
  'leftSmallToe',
  'leftHeel',
  'rightBigToe',
  'rightSmallToe',
  'rightHeel',
  'leftFinger1',
  'leftFinger2',
  'leftFinger3',
  'leftFinger4',
  'rightFinger1',
  'rightFinger2',
  'rightFinger3',
  'rightFinger4',
] as const;
export type KeypointId = (typeof KEYPOINT_IDS)[number];
export const KEYPOINT_COUNT = 31;

export const PART_IDS = [
  'head',
  'upperBody',
  'leftUpperArm',
  'leftForearm',
  'rightUpperArm',
  'rightForearm',
  'leftThigh',
  'leftShin',
  'rightThigh',
  'rightShin',
  'leftFoot',
  'rightFoot',
] as const;
export type PartId = (typeof PART_IDS)[number];
export const PART_COUNT = 12;

/** Parts of one kind share one network and one crop size. */
export const PART_KINDS = ['face', 'upper', 'arm', 'leg', 'foot'] as const;
export type PartKind = (typeof PART_KINDS)[number];

export const KIND_OF_PART: Readonly<Record<PartId, PartKind>> = {
  head: 'face',
  upperBody: 'upper',
  leftUpperArm: 'arm',
  leftForearm: 'arm',
  rightUpperArm: 'arm',
  rightForearm: 'arm',
  leftThigh: 'leg',
  leftShin: 'leg',
  rightThigh: 'leg',
  rightShin: 'leg',
  leftFoot: 'foot',
  rightFoot: 'foot',
};

export interface CropSize {
  readonly height: number;
  readonly width: number;
}

/** Crop size of each kind in canvas px. The crop is the centre of the warped 2048 canvas. */
export const CROP_SIZES: Readonly<Record<PartKind, CropSize>> = {
  face: { height: 368, width: 320 },
  upper: { height: 528, width: 336 },
  arm: { height: 352, width: 224 },
  leg: { height: 272, width: 256 },
  foot: { height: 176, width: 128 },
};

/**
 * 2x3 affine map, row-major [m00, m01, m02, m10, m11, m12], coordinates in [-1, 1], y down,
 * pixel j of N at (2j + 1)/N - 1 (align_corners = false). Names say the frames, read right to left:
 * `imageFromPart` takes part coordinates to the image (the reference's theta, used to sample a crop);
 * `partFromImage` is its inverse (the fit itself, used by the merge).
 */
export type Affine = Float32Array<ArrayBuffer>;

/** 31 points (x, y, confidence) row-major; x, y in px of the 2048 canvas unless the name says otherwise. */
export type KeypointTable = Float64Array<ArrayBuffer>;

/** Keypoints on the canvas; `estimated` names those that were not seen and were placed by body layout. */
export interface CanvasPose {
  readonly keypoints: KeypointTable;
  readonly estimated: readonly KeypointId[];
}
