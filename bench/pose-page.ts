/**
 * The half of the pose benchmark that runs in the browser (see pose.ts): keypoints of one photo, and how long they took.
 * Returns plain numbers; no pixel leaves the page.
 */
import { KEYPOINT_COUNT } from '../src/geometry/body.ts';
import { squareMapping, toCanvas } from '../src/geometry/keypoints.ts';
import { keypointsFromBlazePose } from '../src/intake/blazepose.ts';
import { decodePhoto } from '../src/intake/decode-picture.ts';
import { parseKeypoints } from '../src/intake/keypoints/keypoints-of-photo.ts';
import { estimatePose } from '../src/intake/pose/estimate-pose.ts';
import { createServedPoseGraphs, type ServedPoseGraphs } from '../src/intake/pose/served-graphs.ts';
import { segmentedMatte } from '../src/intake/segmented-matte.ts';
import { localRuntime } from '../src/networks/runtime.ts';
import { squareOf } from './intake-page.ts';

export interface PoseFigures {
  /** Distance from the given point, canvas px; NaN where none is given or nobody was found. */
  readonly errors: readonly number[];
  readonly hands: number;
  /** From the decoded photo to points and outline, and from there to the matte. */
  readonly poseMs: number;
  readonly matteMs: number;
}

let graphs: ServedPoseGraphs | null = null;

export async function measurePose(photoUrl: string, keypointsJson: string): Promise<PoseFigures> {
  graphs ??= createServedPoseGraphs(
    new URL('/pose/', location.origin).href,
    localRuntime({ backend: 'wasm', threads: navigator.hardwareConcurrency }),
  );
  const { image } = await decodePhoto(await (await fetch(photoUrl)).blob());
  const mapping = squareMapping(image.width, image.height);
  const square = squareOf(image, mapping);
  const started = performance.now();
  const { pose } = await estimatePose(square, graphs);
  const poseMs = performance.now() - started;
  if (pose?.mask) segmentedMatte(square, mapping, pose.mask);
  const matteMs = performance.now() - started - poseMs;
  const found = pose && keypointsFromBlazePose(pose).keypoints;
  const truth = toCanvas(parseKeypoints(keypointsJson).people[0].table, mapping, 'robust').keypoints;
  return {
    errors: Array.from({ length: KEYPOINT_COUNT }, (_, i) =>
      found && truth[i * 3 + 2] > 0
        ? Math.hypot(found[i * 3] - truth[i * 3], found[i * 3 + 1] - truth[i * 3 + 1])
        : Number.NaN,
    ),
    hands: pose?.hands ? Object.values(pose.hands).filter(Boolean).length : 0,
    poseMs,
    matteMs,
  };
}
