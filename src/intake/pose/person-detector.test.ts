/** Boxes of the person detector: decoding, one box a person, and the square around the body. */
import { expect, test } from 'vitest';
import { PicturePyramid } from './crop.ts';
import { bodyRegion, decodePeople, detectPeople, mergePeople } from './person-detector.ts';
import type { PoseGraphs } from './pose-graphs.ts';

const ANCHORS = 2254;
/** First anchor of the cell in the middle of the finest grid (28 x 28, two a cell): centre 14.5 / 28. */
const MIDDLE = (14 * 28 + 14) * 2;

/** An answer of the graph with these anchors set: logit, and x, y, w, h and four points in px of 224 from the centre. */
function answer(set: Record<number, { logit: number; raw: readonly number[] }>) {
  const boxes = new Float32Array(ANCHORS * 12);
  const scores = new Float32Array(ANCHORS).fill(-100);
  for (const [anchor, { logit, raw }] of Object.entries(set)) {
    scores[+anchor] = logit;
    boxes.set(raw, +anchor * 12);
  }
  return { boxes, scores };
}

const PERSON = [2, -4, 40, 56, 0, 30, 0, -60, 0, 0, 0, 0];

test('a box lies around its anchor, and so do its points', () => {
  const { boxes, scores } = answer({ [MIDDLE]: { logit: 3, raw: PERSON } });
  const [one, ...rest] = decodePeople(boxes, scores);
  expect(rest).toEqual([]);
  expect(one.score).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
  const centre = 14.5 / 28;
  const expected = [centre + (2 - 20) / 224, centre + (-4 - 28) / 224, centre + 22 / 224, centre + 24 / 224];
  expected.forEach((value, k) => {
    expect(one.values[k]).toBeCloseTo(value, 6);
  });
  expect(one.values[5]).toBeCloseTo(centre + 30 / 224, 6);
});

test('boxes of one person become their mean, others stay', () => {
  const shifted = PERSON.map((v, k) => (k === 0 ? v + 8 : v));
  const { boxes, scores } = answer({
    [MIDDLE]: { logit: 1, raw: PERSON },
    [MIDDLE + 1]: { logit: 1, raw: shifted },
    0: { logit: 4, raw: PERSON },
  });
  const people = mergePeople(decodePeople(boxes, scores));
  expect(people).toHaveLength(2);
  expect(people[0].score).toBeGreaterThan(people[1].score);
  expect((people[1].values[0] + people[1].values[2]) / 2).toBeCloseTo(14.5 / 28 + 6 / 224, 6);
});

test('in a wide picture the answer is in its own pixels', async () => {
  const graphs: PoseGraphs = {
    run: async () => answer({ [MIDDLE]: { logit: 5, raw: PERSON } }),
  };
  const picture = new PicturePyramid({
    width: 448,
    height: 224,
    data: new Uint8ClampedArray(448 * 224 * 4),
  });
  const [{ hips, top }] = await detectPeople(picture, graphs);
  // The square seen is 448 px, 112 px of black above and below.
  expect(hips[0]).toBeCloseTo((448 * 14.5) / 28, 3);
  expect(hips[1]).toBeCloseTo((448 * 14.5) / 28 + 60 - 112, 3);
  const region = bodyRegion(hips, top);
  expect(region.angleRad).toBeCloseTo(0, 6);
  expect(region.side).toBeCloseTo(1.25 * 2 * 180, 3);
});

test('who is too small for the whole picture is found in a window of it', async () => {
  let looks = 0;
  const graphs: PoseGraphs = {
    // The last of the nine windows: lower right.
    run: async () => answer(looks++ === 9 ? { [MIDDLE]: { logit: 5, raw: PERSON } } : {}),
  };
  const picture = new PicturePyramid({ width: 448, height: 448, data: new Uint8ClampedArray(448 * 448 * 4) });
  const people = await detectPeople(picture, graphs);
  expect(people).toHaveLength(1);
  // Windows of 224 px: one px of the graph is one of the picture.
  expect(people[0].hips[0]).toBeCloseTo(224 + (224 * 14.5) / 28, 3);
  expect(people[0].hips[1]).toBeCloseTo(224 + (224 * 14.5) / 28 + 30, 3);
});
