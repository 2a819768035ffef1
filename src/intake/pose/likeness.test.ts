/** Mirror images and statues are doubted; teams in one shirt, grey suits and black-and-white photos are not. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RgbaImage } from '../../base/images.ts';
import { KEYPOINT_IDS, type KeypointTable } from '../../geometry/body.ts';
import { parseKeypoints } from '../keypoints/keypoints-of-photo.ts';
import { doubts } from './likeness.ts';

/** A true skeleton, not symmetric: a stride. */
const STRIDE = parseKeypoints(readFileSync('public/samples/crossing_keypoints.json', 'utf8')).people[0].table;
const [WIDTH, HEIGHT] = [600, 350];

type Colour = readonly [number, number, number];
type Wears = (id: string) => Colour;

const swapped = (id: string) =>
  id.startsWith('left') ? id.replace('left', 'right') : id.replace('right', 'left');

/** The skeleton at x, `tall` px from top to toe. */
function standing(x: number, tall: number, mirrored = false): KeypointTable {
  const ys = KEYPOINT_IDS.map((_, i) => STRIDE[i * 3 + 1]);
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const scale = tall / (bottom - top);
  const hips =
    (STRIDE[KEYPOINT_IDS.indexOf('leftHip') * 3] + STRIDE[KEYPOINT_IDS.indexOf('rightHip') * 3]) / 2;
  const out = new Float64Array(KEYPOINT_IDS.length * 3);
  KEYPOINT_IDS.forEach((id, i) => {
    const from = KEYPOINT_IDS.indexOf((mirrored ? swapped(id) : id) as typeof id) * 3;
    out[i * 3] = x + (mirrored ? -1 : 1) * scale * (STRIDE[from] - hips);
    out[i * 3 + 1] = HEIGHT - 15 - (bottom - STRIDE[from + 1]) * scale;
    out[i * 3 + 2] = 1;
  });
  return out;
}

/** A wall with colours, and a disc of what is worn there around every point and on the way to its neighbours. */
function photo(people: readonly (readonly [KeypointTable, Wears])[], grey = false): RgbaImage {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  const put = (x: number, y: number, [r, g, b]: Colour) => {
    const mean = (r + g + b) / 3;
    data.set(grey ? [mean, mean, mean, 255] : [r, g, b, 255], (y * WIDTH + x) * 4);
  };
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++)
      put(x, y, y > 250 ? [90, 140, 60] : [150 + ((x * 7) % 60), 160, 200 - ((y * 3) % 40)]);
  }
  const bones = [
    ...['left', 'right'].flatMap((s) =>
      [
        'Shoulder-Elbow',
        'Elbow-Wrist',
        'Wrist-Finger2',
        'Hip-Knee',
        'Knee-Ankle',
        'Ankle-BigToe',
        'Shoulder-Hip',
      ].map((bone) => bone.split('-').map((joint) => s + joint)),
    ),
    ['leftShoulder', 'rightShoulder'],
    ['leftShoulder', 'rightHip'],
    ['nose', 'nose'],
  ];
  for (const [table, wears] of people) {
    for (const [from, to] of bones) {
      const [a, b] = [from, to].map((id) => KEYPOINT_IDS.indexOf(id as (typeof KEYPOINT_IDS)[number]) * 3);
      for (let k = 0; k <= 40; k++) {
        const [x, y] = [0, 1].map((c) => Math.round(table[a + c] + ((table[b + c] - table[a + c]) * k) / 40));
        for (let dy = -6; dy <= 6; dy++) for (let dx = -6; dx <= 6; dx++) put(x + dx, y + dy, wears(from));
      }
    }
  }
  return { width: WIDTH, height: HEIGHT, data };
}

/** Skin, a red shirt, blue trousers; one arm has a white sleeve. */
const dressed: Wears = (id) =>
  /nose|Wrist/.test(id)
    ? [205, 150, 120]
    : id === 'leftElbow'
      ? [230, 230, 225]
      : /Shoulder|Elbow/.test(id)
        ? [180, 40, 40]
        : [40, 50, 110];
const inMirror: Wears = (id) => dressed(swapped(id));
const stone =
  ([r, g, b]: Colour): Wears =>
  (id) => {
    const light = 0.6 + ((id.length * 7) % 5) / 12;
    return [r * light, g * light, b * light];
  };

test('a smaller one in the same clothes, left and right exchanged, is a mirror image', () => {
  const [large, small] = [standing(175, 300), standing(450, 210, true)];
  const shown = photo([
    [large, dressed],
    [small, inMirror],
  ]);
  expect(doubts(shown, [large, small])).toEqual([null, 'mirror image']);
  expect(doubts(shown, [small, large])).toEqual(['mirror image', null]);
});

test('a team in one shirt is no mirror: neither in the same stride, nor in other clothes', () => {
  const [one, other] = [standing(175, 300), standing(450, 210)];
  const team = photo([
    [one, dressed],
    [other, dressed],
  ]);
  expect(doubts(team, [one, other])).toEqual([null, null]);
  const mirrored = standing(450, 210, true);
  const green: Wears = (id) => (/nose|Wrist/.test(id) ? [120, 80, 60] : [60, 170, 90]);
  const two = photo([
    [one, dressed],
    [mirrored, green],
  ]);
  expect(doubts(two, [one, mirrored])).toEqual([null, null]);
});

test.each<[string, Colour]>([
  ['stone', [170, 168, 160]],
  ['bronze', [120, 90, 50]],
])('who is of %s from head to feet is a statue', (_, colour) => {
  const [statue, visitor] = [standing(175, 300), standing(450, 210)];
  const shown = photo([
    [statue, stone(colour)],
    [visitor, dressed],
  ]);
  expect(doubts(shown, [statue, visitor])).toEqual(['statue', null]);
});

test('a grey suit with a face is none, nor is anybody in a black-and-white photo', () => {
  const one = standing(300, 300);
  const suit: Wears = (id) => (/nose|Wrist/.test(id) ? [190, 140, 115] : [110, 110, 112]);
  expect(doubts(photo([[one, suit]]), [one])).toEqual([null]);
  expect(doubts(photo([[one, dressed]], true), [one])).toEqual([null]);
});
