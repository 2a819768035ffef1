/** Framing: wherever a person stands in a photo and however small, the canvas is the same. */
import { expect, test } from 'vitest';
import { CANVAS_SIZE, KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId } from './body.ts';
import { focalPx, pixelTangents, unproject } from './camera.ts';
import { cameraOf, figureBox, framedMapping, remapped, unprojectFramed } from './framing.ts';
import { canvasFromPhoto, squareMapping, toCanvas } from './keypoints.ts';

/** A figure of height 1 with its head at y = 0, around x = 0; person's left to our right. */
const POINTS: Partial<Record<KeypointId, readonly [number, number]>> = {
  nose: [0, 0.09],
  leftShoulder: [0.1, 0.19],
  rightShoulder: [-0.1, 0.19],
  leftElbow: [0.13, 0.34],
  rightElbow: [-0.13, 0.34],
  leftWrist: [0.15, 0.47],
  rightWrist: [-0.15, 0.47],
  leftHip: [0.06, 0.5],
  rightHip: [-0.06, 0.5],
  leftKnee: [0.07, 0.73],
  rightKnee: [-0.07, 0.73],
  leftAnkle: [0.075, 0.94],
  rightAnkle: [-0.075, 0.94],
};

/** Photo px; points below `cutAt` of the photo's height are absent. */
function figure(x: number, y: number, height: number, cutAt = Number.POSITIVE_INFINITY) {
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  for (const [id, [u, v]] of Object.entries(POINTS)) {
    const point = [x + u * height, y + v * height, 0.9];
    if (point[1] < cutAt) table.set(point, KEYPOINT_IDS.indexOf(id as KeypointId) * 3);
  }
  return table;
}

function framed(table: Float64Array<ArrayBuffer>, width: number, height: number) {
  const before = squareMapping(width, height);
  const placed = toCanvas(table, before, 'robust').keypoints;
  const asPhoto = remapped(placed, before, { ...before, offsetX: 0, offsetY: 0, scale: 1 });
  const mapping = framedMapping(figureBox(asPhoto), before);
  return { before, mapping, keypoints: remapped(placed, before, mapping) };
}

test.each([
  [0.75, 0, 0],
  [0.6, 0, 0],
  [0.4, 0.25, 0],
  [0.25, -0.25, 0.25],
  [0.9, 0.1, 0],
])(
  'a figure of %f of the height, off the middle by (%f, %f), lies on the canvas as any other',
  (share, dx, dy) => {
    const [width, height] = [3000, 2400];
    const want = framed(figure(1500, 300, 1800), width, height).keypoints;
    const size = share * height;
    const x = width / 2 + dx * width;
    const y = height / 2 + dy * height - size / 2;
    const { keypoints } = framed(figure(x, y, size), width, height);
    for (let i = 0; i < want.length; i++) expect(Math.abs(keypoints[i] - want[i])).toBeLessThan(4);
  },
);

test('a figure fills three quarters of the height, in the middle', () => {
  const { keypoints } = framed(figure(400, 100, 500), 2000, 3000);
  const box = figureBox(keypoints);
  expect((box.bottom - box.top) / CANVAS_SIZE).toBeCloseTo(0.75, 2);
  expect(box.top + box.bottom).toBeCloseTo(CANVAS_SIZE, -1);
  expect(box.left + box.right).toBeCloseTo(CANVAS_SIZE, -1);
});

test('a photo that is right already stays, to the pixel', () => {
  const { before, mapping } = framed(figure(1024, 270, 1536), 2048, 2048);
  expect(mapping).toBe(before);
});

test('raised or spread arms stay in the picture', () => {
  const table = figure(1000, 300, 900);
  table.set([100, 480, 0.9], KEYPOINT_IDS.indexOf('rightWrist') * 3);
  table.set([1900, 480, 0.9], KEYPOINT_IDS.indexOf('leftWrist') * 3);
  const { keypoints } = framed(table, 2000, 1500);
  for (let i = 0; i < keypoints.length; i += 3) {
    expect(keypoints[i]).toBeGreaterThan(0);
    expect(keypoints[i]).toBeLessThan(CANVAS_SIZE);
  }
});

test('a person cut off at the knees is as large as the joints say, not as the rest of the photo is', () => {
  const whole = framed(figure(1000, 100, 1600), 2000, 2000).mapping;
  const cut = framed(figure(1000, 100, 1600, 1200), 2000, 1200).mapping;
  expect(cut.scale / whole.scale).toBeGreaterThan(0.9);
  expect(cut.scale / whole.scale).toBeLessThan(1.1);
});

test('without a known lens, a point is where the method has it', () => {
  const camera = cameraOf(squareMapping(2048, 2048), null);
  const tangents = pixelTangents(CANVAS_SIZE);
  for (const [column, row, distance] of [
    [1024, 1024, 1],
    [300, 1700, 1.05],
    [1800, 90, 0.93],
  ]) {
    const want = unproject(tangents[column], tangents[row], distance);
    const got = unprojectFramed(camera, column + 0.5, row + 0.5, distance);
    // The method's tangents end half a pixel inside.
    got.forEach((value, axis) => {
      expect(value).toBeCloseTo(want[axis], 6);
    });
  }
});

test('a long lens makes near and far hands equally large, and keeps the figure as large as it was', () => {
  const mapping = squareMapping(2048, 2048);
  const wide = cameraOf(mapping, null);
  const long = cameraOf(mapping, 4 * focalPx(CANVAS_SIZE));
  const halfWidth = (camera: typeof wide, distance: number) =>
    unprojectFramed(camera, 1524.5, 1024, distance)[0];
  expect(halfWidth(long, 1.025)).toBeCloseTo(halfWidth(wide, 1.025), 2);
  const growth = (camera: typeof wide) => halfWidth(camera, 1.2) / halfWidth(camera, 0.9);
  expect(growth(wide)).toBeCloseTo(1.2 / 0.9, 6);
  expect(growth(long)).toBeLessThan(1.1);
});

test('the right lens undoes what it did: a person at the edge stands upright again', () => {
  // A vertical pole with its foot 0.3 below the axis, seen by a level camera; the crop's middle is where the pole's is.
  const photoFocal = 1500;
  const [width, height] = [2000, 2000];
  const pole = [0.1, 0.5].map((y): [number, number] => [1000 + photoFocal * 0.25, 1000 + photoFocal * y]);
  const [top, bottom] = pole;
  const side = 800;
  const mapping = {
    ...squareMapping(width, height),
    offsetX: -(top[0] - side / 2),
    offsetY: -((top[1] + bottom[1]) / 2 - side / 2),
    scale: CANVAS_SIZE / side,
  };
  const camera = cameraOf(mapping, photoFocal);
  expect(camera.pitchRad).toBeGreaterThan(0.2);
  // Seen along the middle ray, which goes down, the pole's foot is farther than its head.
  const ends = [top, bottom].map(([x, y]) => {
    const [column, row] = canvasFromPhoto(mapping, x, y);
    const own = focalPx(CANVAS_SIZE);
    const t = (row - CANVAS_SIZE / 2) / camera.focalPx;
    const slope = Math.tan(camera.pitchRad);
    const z = camera.distance / (1 - t * slope);
    const relief = z - camera.distance;
    const distance = (1 + relief) * Math.hypot((column - 1024) / own, (row - 1024) / own, 1);
    return unprojectFramed(camera, column, row, distance);
  });
  const lean = Math.atan2(ends[1][2] - ends[0][2], ends[1][1] - ends[0][1]);
  expect(Math.abs(lean) * (180 / Math.PI)).toBeLessThan(2);
});
