/**
 * The half of the intake benchmark that runs in the browser (see intake.ts): pose of one photo, and the segmentation
 * matte of the same person before an invented background. Returns plain numbers; no pixel leaves the page.
 */
import type { GreyImage, RgbaImage } from '../src/base/images.ts';
import { CANVAS_SIZE, KEYPOINT_COUNT } from '../src/geometry/body.ts';
import { type SquareMapping, squareMapping, toCanvas } from '../src/geometry/keypoints.ts';
import { keypointsFromBlazePose } from '../src/intake/blazepose.ts';
import { decodePhoto } from '../src/intake/decode-picture.ts';
import { parseKeypoints } from '../src/intake/keypoints/keypoints-of-photo.ts';
import { blackBackgroundMatte } from '../src/intake/matte.ts';
import { estimatePose } from '../src/intake/pose/estimate-pose.ts';
import { createServedPoseGraphs, type ServedPoseGraphs } from '../src/intake/pose/served-graphs.ts';
import { segmentedMatte } from '../src/intake/segmented-matte.ts';
import { localRuntime } from '../src/networks/runtime.ts';

export interface PhotoFigures {
  /** Distance from OpenPose's point, canvas px; NaN where OpenPose has none. */
  readonly errors: readonly number[];
  readonly poseMs: number;
  /** Before an invented background; null for photos that are not cut out. */
  readonly iou: { readonly coarse: number; readonly refined: number; readonly matteMs: number } | null;
}

let graphs: ServedPoseGraphs | null = null;

function servedGraphs(): ServedPoseGraphs {
  graphs ??= createServedPoseGraphs(
    new URL('/pose/', location.origin).href,
    localRuntime({ backend: 'wasm', threads: navigator.hardwareConcurrency }),
  );
  return graphs;
}

/** Square canvas picture, replicate padding left out: black instead. */
export function squareOf(image: RgbaImage, mapping: SquareMapping): RgbaImage {
  const source = new OffscreenCanvas(image.width, image.height);
  source.getContext('2d')!.putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
  const context = new OffscreenCanvas(CANVAS_SIZE, CANVAS_SIZE).getContext('2d')!;
  context.fillRect(0, 0, CANVAS_SIZE, CANVAS_SIZE);
  context.imageSmoothingQuality = 'high';
  const { offsetX, offsetY, scale, width, height } = mapping;
  context.drawImage(source, offsetX * scale, offsetY * scale, width * scale, height * scale);
  return {
    width: CANVAS_SIZE,
    height: CANVAS_SIZE,
    data: context.getImageData(0, 0, CANVAS_SIZE, CANVAS_SIZE).data,
  };
}

/** A room: wall with uneven light, floor, door, shelf with things of many colours, sensor noise. */
export function inventedRoom(seed: number): RgbaImage {
  let state = seed * 2654435761 + 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const context = new OffscreenCanvas(CANVAS_SIZE, CANVAS_SIZE).getContext('2d')!;
  const colour = (light: number) => `hsl(${random() * 360} ${10 + random() * 40}% ${light * 100}%)`;
  const wall = context.createLinearGradient(0, 0, CANVAS_SIZE, CANVAS_SIZE);
  wall.addColorStop(0, colour(0.7));
  wall.addColorStop(1, colour(0.45));
  context.fillStyle = wall;
  context.fillRect(0, 0, CANVAS_SIZE, CANVAS_SIZE);
  context.fillStyle = colour(0.35);
  context.fillRect(0, 1650, CANVAS_SIZE, 400);
  for (let k = 0; k < 40; k++) {
    context.fillStyle = colour(0.15 + random() * 0.7);
    const size = 40 + random() * 300;
    context.fillRect(random() * CANVAS_SIZE, random() * 1700, size * (0.2 + random()), size);
  }
  const image = context.getImageData(0, 0, CANVAS_SIZE, CANVAS_SIZE);
  for (let i = 0; i < image.data.length; i++) if (i % 4 !== 3) image.data[i] += (random() - 0.5) * 12;
  return { width: CANVAS_SIZE, height: CANVAS_SIZE, data: image.data };
}

/** Person over room with an edge softened over 3 px, as a lens does. */
export function composite(person: RgbaImage, matte: GreyImage, room: RgbaImage): RgbaImage {
  const data = room.data.slice();
  const n = CANVAS_SIZE;
  for (let y = 1; y < n - 1; y++) {
    for (let x = 1; x < n - 1; x++) {
      const i = y * n + x;
      let alpha = 0;
      for (const d of [-n, -1, 0, 1, n]) alpha += matte.data[i + d] / (5 * 255);
      // The cut-out's own rim is dark: take the person's colour only where it is inside.
      if (matte.data[i] < 128) alpha = Math.min(alpha, 0.2);
      for (let c = 0; c < 3; c++) {
        data[i * 4 + c] = person.data[i * 4 + c] * alpha + room.data[i * 4 + c] * (1 - alpha);
      }
    }
  }
  return { width: n, height: n, data };
}

function iouOf(a: Uint8Array, b: Uint8Array): number {
  let both = 0;
  let any = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] >= 128, b[i] >= 128];
    if (x && y) both++;
    if (x || y) any++;
  }
  return both / any;
}

function enlarged(mask: GreyImage): Uint8Array {
  const out = new Uint8Array(CANVAS_SIZE * CANVAS_SIZE);
  for (let y = 0; y < CANVAS_SIZE; y++) {
    const row = Math.floor((y * mask.height) / CANVAS_SIZE) * mask.width;
    for (let x = 0; x < CANVAS_SIZE; x++) {
      out[y * CANVAS_SIZE + x] = mask.data[row + Math.floor((x * mask.width) / CANVAS_SIZE)];
    }
  }
  return out;
}

/** Measures one photo. */
export async function measure(photoUrl: string, keypointsJson: string): Promise<PhotoFigures> {
  const { image } = await decodePhoto(await (await fetch(photoUrl)).blob());
  const mapping = squareMapping(image.width, image.height);
  const square = squareOf(image, mapping);
  const started = performance.now();
  const { pose: found } = await estimatePose(square, servedGraphs());
  const poseMs = performance.now() - started;
  const pose = found && keypointsFromBlazePose(found).keypoints;
  const truth = toCanvas(parseKeypoints(keypointsJson).people[0].table, mapping, 'robust').keypoints;
  const errors = Array.from({ length: KEYPOINT_COUNT }, (_, i) =>
    truth[i * 3 + 2] > 0 && pose
      ? Math.hypot(pose[i * 3] - truth[i * 3], pose[i * 3 + 1] - truth[i * 3 + 1])
      : Number.NaN,
  );
  const cutOut = blackBackgroundMatte(square, mapping);
  if (!cutOut) return { errors, poseMs, iou: null };
  const scene = composite(square, cutOut, inventedRoom(photoUrl.length));
  const { pose: segmented } = await estimatePose(scene, servedGraphs());
  if (!segmented?.mask) return { errors, poseMs, iou: { coarse: 0, refined: 0, matteMs: 0 } };
  const before = performance.now();
  const matte = segmentedMatte(scene, mapping, segmented.mask);
  const matteMs = performance.now() - before;
  return {
    errors,
    poseMs,
    iou: {
      coarse: iouOf(enlarged(segmented.mask), cutOut.data),
      refined: iouOf(matte.data, cutOut.data),
      matteMs,
    },
  };
}
