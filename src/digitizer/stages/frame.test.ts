/** Whom a run is of, and the square of the photo that becomes the canvas: from found people, a keypoints file, or neither. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CANVAS_SIZE, KEYPOINT_COUNT } from '../../geometry/body.ts';
import { focalPx } from '../../geometry/camera.ts';
import type { FigureBox } from '../../geometry/framing.ts';
import { canvasFromPhoto, squareMapping } from '../../geometry/keypoints.ts';
import { type FoundPerson, mainOf } from '../../intake/pose/people.ts';
import type { StageContext } from '../stage.ts';
import { ONLY_SUBJECT, type RunMode, type SubjectId } from '../types.ts';
import { type FrameInputs, type PhotoSource, runFrame } from './frame.ts';

const context = {} as StageContext;

function source(width: number, height: number, change: Partial<PhotoSource> = {}): PhotoSource {
  return {
    image: { width, height, data: new Uint8ClampedArray(0) },
    hasAlpha: false,
    originalWidth: width,
    originalHeight: height,
    notices: [],
    focalPx: null,
    ...change,
  };
}

const boxAt = (x: number, top: number, tall: number): FigureBox => ({
  left: x - tall / 6,
  right: x + tall / 6,
  top,
  bottom: top + tall,
});

function person(figure: FigureBox): FoundPerson {
  return {
    figure,
    box: figure,
    keypoints: new Float64Array(KEYPOINT_COUNT * 3),
    hips: [0, 0],
    top: [0, 0],
    seen: 1,
    doubt: null,
    outline: {
      region: { centreX: 0, centreY: 0, side: 1, angleRad: 0 },
      side: 1,
      data: new Uint8Array(1),
    },
  };
}

function frameOf(
  decoded: PhotoSource,
  people: readonly FoundPerson[],
  main: number | null,
  {
    subject = ONLY_SUBJECT,
    mode = 'robust',
    ...change
  }: Partial<FrameInputs> & {
    subject?: SubjectId;
    mode?: RunMode;
  } = {},
) {
  const found = mode === 'robust' ? { people, main, notices: [] } : null;
  const inputs = { decoded, people: found, photoName: 'a', poseFile: null, maskFile: null, ...change };
  return runFrame(inputs, subject, mode, context);
}

const TWO = [person(boxAt(600, 900, 400)), person(boxAt(2200, 300, 1200))];

test('the main person stands at three quarters of the canvas, in its middle', async () => {
  const { mapping, person: number, notices } = await frameOf(source(3000, 2000), TWO, 1);
  expect(number).toBe(1);
  const [x, top] = canvasFromPhoto(mapping, 2200, 300);
  const [, bottom] = canvasFromPhoto(mapping, 2200, 1500);
  expect(x).toBeCloseTo(1024, 0);
  expect((bottom - top) / CANVAS_SIZE).toBeCloseTo(0.75, 2);
  expect(notices).toEqual(['2 people were found; number 2 from the left is taken.']);
});

test('another one by number; one who is not there is named', async () => {
  const { mapping, notices } = await frameOf(source(3000, 2000), TWO, 1, { subject: 'person 1' });
  expect(Math.abs(canvasFromPhoto(mapping, 600, 1100)[0] - 1024)).toBeLessThan(3);
  expect(notices).toEqual(['2 people were found; number 1 from the left was chosen.']);
  await expect(frameOf(source(3000, 2000), TWO, 1, { subject: 'person 3' })).rejects.toThrow(
    'there is no number 3',
  );
  await expect(frameOf(source(3000, 2000), [], null, { subject: 'person 2' })).rejects.toThrow(
    'No people were found in this photo; there is no number 2.',
  );
});

test('who may be a mirror image or a statue is said, and taken only when nobody else is there', async () => {
  const [small, large] = TWO;
  const mirror = { ...large, doubt: 'mirror image' } as const;
  expect(mainOf([small, mirror])).toBe(0);
  expect(mainOf([small, large])).toBe(1);
  const { notices } = await frameOf(source(3000, 2000), [small, mirror], 0);
  expect(notices).toEqual([
    '2 people were found; number 1 from the left is taken.',
    'Number 2 looks like another one’s mirror image.',
  ]);
  const statue = { ...large, doubt: 'statue' } as const;
  expect(mainOf([statue])).toBe(0);
  expect((await frameOf(source(3000, 2000), [statue], 0)).notices).toEqual([
    'The person is of one colour from head to feet and may be a statue.',
  ]);
});

test('reference mode and nobody found: the photo as it lies, in the method’s camera', async () => {
  const whole = squareMapping(3000, 2000);
  for (const made of [
    await frameOf(source(3000, 2000, { focalPx: 5000 }), TWO, 1, { mode: 'reference' }),
    await frameOf(source(3000, 2000), [], null),
  ]) {
    expect(made.mapping).toEqual(whole);
    expect(made.person).toBe(null);
    expect(made.camera).toEqual({ focalPx: focalPx(CANVAS_SIZE), distance: 1, yawRad: 0, pitchRad: 0 });
  }
  await expect(
    frameOf(source(3000, 2000), TWO, 1, { mode: 'reference', subject: 'person 2' }),
  ).rejects.toThrow('Reference mode takes the photo as it is.');
});

test('a photo that was reduced while it was decoded is mapped at its own size', async () => {
  const small = await frameOf(source(3000, 2000), TWO, 1);
  const image = { width: 3000, height: 2000, data: new Uint8ClampedArray(0) };
  const large = await frameOf(source(9000, 6000, { image }), TWO, 1);
  expect(large.mapping.scale).toBeCloseTo(small.mapping.scale / 3, 9);
  expect(canvasFromPhoto(large.mapping, 6600, 900)).toEqual(
    canvasFromPhoto(small.mapping, 2200, 300).map((value) => expect.closeTo(value, 6)),
  );
});

test('a known lens: its perspective, and its direction to who stands aside', async () => {
  const { camera, mapping } = await frameOf(source(3000, 2000, { focalPx: 3000 }), TWO, 1);
  expect(camera.yawRad).toBeCloseTo(Math.atan((2200 - 1500) / 3000), 2);
  expect(camera.distance).toBeCloseTo(camera.focalPx / focalPx(CANVAS_SIZE), 9);
  expect(camera.focalPx).toBeGreaterThan(3000 * mapping.scale);
});

test('a keypoints file chooses its person among those found, and frames where nobody was', async () => {
  const poseFile = readFileSync('tests/golden/person_keypoints.json', 'utf8');
  const alone = await frameOf(source(2048, 2048), [], null, { poseFile });
  const side = CANVAS_SIZE / alone.mapping.scale;
  expect(side).toBeGreaterThan(1400);
  expect(side).toBeLessThan(2048);
  const his = person(boxAt(1024, 1024 - side * 0.375, side * 0.75));
  const found = await frameOf(source(2048, 2048), [his, person(boxAt(200, 0, 2000))], 1, { poseFile });
  expect(found.person).toBe(0);
});
