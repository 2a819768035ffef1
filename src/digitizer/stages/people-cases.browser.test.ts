/**
 * Photos with a small person, one off the middle, one cut off, two who touch, in a frame, beside a portrait, a mirror, a statue: who is found,
 * how they lie on the canvas, what is cut out and what is said. The photos are made here of the CC0 samples; the same
 * kinds from outside the repository are read when they are there.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { GreyImage, RgbaImage } from '../../base/images.ts';
import { unpaced } from '../../base/steps.ts';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { figureBox } from '../../geometry/framing.ts';
import { createCpuKernels } from '../../gpu/cpu-kernels.ts';
import { decodePhoto } from '../../intake/decode.ts';
import { MATTE_PROVIDERS, type Matte } from '../../intake/matte.ts';
import { type PhotoWarning, photoWarnings } from '../../intake/photo-warnings.ts';
import { estimatePose } from '../../intake/pose/estimate-pose.ts';
import { findPeople } from '../../intake/pose/people.ts';
import { createServedPoseGraphs, type ServedPoseGraphs } from '../../intake/pose/served-graphs.ts';
import { localRuntime } from '../../networks/runtime.ts';
import type { StageContext } from '../stage.ts';
import { ONLY_SUBJECT, type SubjectId } from '../types.ts';
import { type PhotoSource, runFrame } from './frame.ts';
import { runMatte, runOthers } from './matte.ts';
import { runPhoto } from './photo.ts';
import { poseFromDetection } from './pose.ts';

const TIMEOUT = 400_000;
const shared = inject('sharedFolder');
const context = {
  kernels: createCpuKernels(),
  pace: unpaced,
  progress: () => {},
  signal: new AbortController().signal,
} as unknown as StageContext;

let graphs: ServedPoseGraphs;
/** Cut out of their samples, to their outline's box. */
let street: ImageBitmap;
let crossing: ImageBitmap;
let jacket: ImageBitmap;
let room: ImageBitmap;

const sample = async (name: string) => createImageBitmap(await (await fetch(`/samples/${name}`)).blob());

async function cutOutOf(name: string): Promise<ImageBitmap> {
  const [photo, alpha] = [await sample(`${name}.jpg`), await sample(`${name}_alpha.png`)];
  const canvas = new OffscreenCanvas(photo.width, photo.height);
  const g = canvas.getContext('2d', { willReadFrequently: true })!;
  g.drawImage(alpha, 0, 0, photo.width, photo.height);
  const grey = g.getImageData(0, 0, photo.width, photo.height).data;
  g.drawImage(photo, 0, 0);
  const picture = g.getImageData(0, 0, photo.width, photo.height);
  let [left, top, right, bottom] = [photo.width, photo.height, 0, 0];
  for (let i = 0; i < grey.length; i += 4) {
    picture.data[i + 3] = grey[i];
    if (grey[i] < 128) continue;
    const [x, y] = [(i / 4) % photo.width, Math.floor(i / 4 / photo.width)];
    [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
  }
  g.putImageData(picture, 0, 0);
  return createImageBitmap(canvas, left, top, right - left, bottom - top);
}

beforeAll(async () => {
  const folder = new URL('/pose/', location.origin).href;
  graphs = createServedPoseGraphs(folder, localRuntime({ backend: 'wasm', threads: 2 }));
  [crossing, street, jacket, room] = await Promise.all([
    cutOutOf('crossing'),
    cutOutOf('green-jacket'),
    cutOutOf('white-jacket'),
    sample('crossing.jpg'),
  ]);
}, TIMEOUT);
afterAll(() => graphs.dispose());

interface Scene {
  readonly width: number;
  readonly height: number;
  paint(g: OffscreenCanvasRenderingContext2D): void;
}

function sourceOf({ width, height, paint }: Scene): PhotoSource {
  const g = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  paint(g);
  const { data } = g.getImageData(0, 0, width, height);
  const image: RgbaImage = { width, height, data: data as Uint8ClampedArray<ArrayBuffer> };
  return {
    image,
    hasAlpha: false,
    originalWidth: width,
    originalHeight: height,
    notices: [],
    focalPx: null,
  };
}

/** A wall that is not plain. */
function wall(g: OffscreenCanvasRenderingContext2D, width: number, height: number): void {
  const light = g.createLinearGradient(0, 0, width, height);
  light.addColorStop(0, '#b9b0a2');
  light.addColorStop(1, '#8f8a84');
  g.fillStyle = light;
  g.fillRect(0, 0, width, height);
  for (let k = 0; k < 40; k++) {
    g.fillStyle = `hsl(${(k * 67) % 360} 12% ${52 + ((k * 13) % 17)}%)`;
    g.fillRect((k * 523) % width, (k * 311) % height, 90 + ((k * 37) % 160), 60 + ((k * 53) % 140));
  }
}

/** Draws a figure `tall` px high whose feet stand at y, its middle at x. */
function stand(g: OffscreenCanvasRenderingContext2D, who: ImageBitmap, x: number, y: number, tall: number) {
  const wide = (who.width / who.height) * tall;
  g.drawImage(who, x - wide / 2, y - tall, wide, tall);
}

async function lookAt(source: PhotoSource, subject: SubjectId = ONLY_SUBJECT) {
  const people = { ...(await findPeople(source.image, graphs)), notices: [] };
  const inputs = { decoded: source, people, photoName: 'photo', poseFile: null, maskFile: null };
  const frame = await runFrame(inputs, subject, 'robust', context);
  const photo = await runPhoto(source, frame, people, 'robust', context);
  const detection = photo.whom && (await estimatePose(photo.square, graphs, undefined, photo.whom)).pose;
  return { people, frame, photo, detection };
}

async function cutOut({
  people,
  frame,
  photo,
  detection,
}: Awaited<ReturnType<typeof lookAt>>): Promise<Matte> {
  const others = await runOthers(people, frame, 1, unpaced);
  const extras = {
    maskFile: null,
    detection,
    outline: detection?.mask ?? null,
    others,
    ownNetwork: null,
    matteNetwork: null,
    mode: 'robust',
  } as const;
  for (const provider of MATTE_PROVIDERS) {
    const matte = await runMatte(provider, photo, extras, context);
    if (matte) return matte;
  }
  throw new Error('no provider answered');
}

function boxOfMatte({ matte }: { matte: GreyImage }) {
  const box = { left: CANVAS_SIZE, top: CANVAS_SIZE, right: 0, bottom: 0 };
  for (let i = 0; i < matte.data.length; i++) {
    if (matte.data[i] < 128) continue;
    const [x, y] = [i % CANVAS_SIZE, Math.floor(i / CANVAS_SIZE)];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x + 1);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y + 1);
  }
  return box;
}

test(
  'at 75, 60, 40 and 25 % of the height, in the middle and a quarter beside it: the same figure on the canvas',
  async () => {
    const tall: number[] = [];
    const middles: number[] = [];
    for (const [share, aside] of [
      [0.75, 0],
      [0.6, 0],
      [0.4, 0.25],
      [0.25, -0.25],
    ]) {
      const [width, height] = [2400, 2400];
      const source = sourceOf({
        width,
        height,
        paint(g) {
          wall(g, width, height);
          const y = aside === 0 ? height * (0.5 + share / 2) : height - 60;
          stand(g, crossing, width * (0.5 + aside), y, share * height);
        },
      });
      const { photo, detection } = await lookAt(source);
      const box = figureBox(poseFromDetection(detection, photo.mapping, 'robust').keypoints);
      tall.push((box.bottom - box.top) / CANVAS_SIZE);
      middles.push((box.left + box.right) / 2 / CANVAS_SIZE);
      // The figure itself, whose place in the photo is known.
      expect((share * height * photo.mapping.scale) / CANVAS_SIZE).toBeGreaterThan(0.69);
      expect((share * height * photo.mapping.scale) / CANVAS_SIZE).toBeLessThan(0.78);
    }
    console.log(`figures on the canvas: ${tall.map((value) => value.toFixed(3)).join(', ')}`);
    expect(Math.max(...tall) - Math.min(...tall)).toBeLessThan(0.03);
    for (const middle of middles) expect(Math.abs(middle - 0.5)).toBeLessThan(0.04);
  },
  TIMEOUT,
);

const cutAt = (share: number): Scene => {
  const top = 300;
  const below = Math.round(top - 100 + share * 1478);
  return { width: 1500, height: below - 100, paint: (g) => g.drawImage(room, -280, -200) };
};

test.each<[string, number, PhotoWarning | null]>([
  ['whole', 1.076, null],
  ['at the shins', 0.813, 'cut off at the shins'],
  ['at the thighs', 0.541, 'cut off at the knees'],
  ['at the waist', 0.406, 'cut off at the hips'],
])(
  'cut off: %s',
  async (_, share, warning) => {
    const { photo, detection } = await lookAt(sourceOf(cutAt(share)));
    const warnings = photoWarnings({ photo: photo.square, mapping: photo.mapping, pose: detection! });
    expect(warnings.filter((one) => one.startsWith('cut off'))).toEqual(warning ? [warning] : []);
    // Scale from the joints: the head is as large as in the whole photo.
    expect(photo.mapping.scale).toBeGreaterThan(0.85);
    expect(photo.mapping.scale).toBeLessThan(1.25);
  },
  TIMEOUT,
);

describe('two who touch', () => {
  const source = () =>
    sourceOf({
      width: 1800,
      height: 1600,
      paint(g) {
        g.fillStyle = '#d6d6d2';
        g.fillRect(0, 0, 1800, 1600);
        stand(g, street, 650, 1540, 1300);
        stand(g, jacket, 1000, 1540, 1300);
      },
    });

  test(
    'both are found, from the left, and each comes out alone',
    async () => {
      const scene = source();
      const first = await lookAt(scene, 'person 1');
      const second = await lookAt(scene, 'person 2');
      expect(first.people.people).toHaveLength(2);
      expect(first.frame.notices.join()).toBe('2 people were found; number 1 from the left was chosen.');
      const onPhoto = ({ photo: { mapping } }: typeof first, box: ReturnType<typeof boxOfMatte>) => [
        box.left / mapping.scale - mapping.offsetX,
        box.right / mapping.scale - mapping.offsetX,
      ];
      const [left, right] = [boxOfMatte(await cutOut(first)), boxOfMatte(await cutOut(second))];
      const [, endOfFirst] = onPhoto(first, left);
      const [startOfSecond] = onPhoto(second, right);
      expect(endOfFirst).toBeLessThan(1130);
      expect(startOfSecond).toBeGreaterThan(650);
    },
    TIMEOUT,
  );

  test(
    'a person who is not there is a clear sentence',
    async () => {
      await expect(lookAt(source(), 'person 3')).rejects.toThrow(
        '2 people were found in this photo; there is no number 3.',
      );
    },
    TIMEOUT,
  );
});

test(
  'a photo in a black frame is cut out like one without',
  async () => {
    const source = sourceOf({
      width: 1048,
      height: 1048,
      paint(g) {
        g.fillRect(0, 0, 1048, 1048);
        g.drawImage(room, 12, 12, 1024, 1024);
      },
    });
    const looked = await lookAt(source);
    const matte = await cutOut(looked);
    const area = matte.matte.data.reduce((sum, value) => sum + (value >= 128 ? 1 : 0), 0);
    expect(matte.source).not.toBe('black background');
    expect(area / CANVAS_SIZE ** 2).toBeLessThan(0.3);
  },
  TIMEOUT,
);

test(
  'beside a portrait on the wall the person is the person',
  async () => {
    const source = sourceOf({
      width: 2000,
      height: 1800,
      paint(g) {
        wall(g, 2000, 1800);
        g.fillStyle = '#2b2119';
        g.fillRect(180, 160, 560, 700);
        g.fillStyle = '#7d94a8';
        g.fillRect(210, 190, 500, 640);
        g.save();
        g.beginPath();
        g.rect(210, 190, 500, 640);
        g.clip();
        stand(g, jacket, 460, 2130, 1900);
        g.restore();
        stand(g, crossing, 1400, 1740, 1250);
      },
    });
    const { people, frame } = await lookAt(source);
    const { left, right } = people.people[frame.person!].box;
    expect((left + right) / 2).toBeGreaterThan(1000);
  },
  TIMEOUT,
);

test(
  'who stands whole on a poster does not count',
  async () => {
    const source = sourceOf({
      width: 2000,
      height: 1800,
      paint(g) {
        wall(g, 2000, 1800);
        g.fillStyle = '#2b2119';
        g.fillRect(86, 76, 798, 1548);
        g.fillStyle = '#7d94a8';
        g.fillRect(110, 100, 750, 1500);
        stand(g, jacket, 480, 1540, 1380);
        stand(g, crossing, 1450, 1740, 1150);
      },
    });
    const { people } = await lookAt(source);
    expect(people.people).toHaveLength(1);
    expect(people.people[0].box.left).toBeGreaterThan(860);
  },
  TIMEOUT,
);

describe('who is no person', () => {
  const size = [2000, 1700] as const;

  test(
    'a mirror image in a mirror without a frame: doubted, said, and not the main one',
    async () => {
      const source = sourceOf({
        width: size[0],
        height: size[1],
        paint(g) {
          wall(g, ...size);
          stand(g, crossing, 650, 1640, 1300);
          g.save();
          g.translate(2 * 1480, 0);
          g.scale(-1, 1);
          stand(g, crossing, 1480, 1500, 1000);
          g.restore();
        },
      });
      const { people, frame } = await lookAt(source);
      expect(people.people.map(({ doubt }) => doubt)).toEqual([null, 'mirror image']);
      expect(frame.person).toBe(0);
      expect(frame.notices).toContain('Number 2 looks like another one’s mirror image.');
    },
    TIMEOUT,
  );

  test(
    'a larger statue beside a visitor: the visitor is the person',
    async () => {
      const stone = new OffscreenCanvas(jacket.width, jacket.height);
      const g = stone.getContext('2d')!;
      g.filter = 'grayscale(1) contrast(0.7)';
      g.drawImage(jacket, 0, 0);
      const statue = stone.transferToImageBitmap();
      const source = sourceOf({
        width: size[0],
        height: size[1],
        paint(to) {
          to.fillStyle = '#6f8f5a';
          to.fillRect(0, 0, ...size);
          wall(to, size[0], 900);
          stand(to, statue, 600, 1660, 1500);
          stand(to, crossing, 1450, 1640, 1000);
        },
      });
      const { people, frame } = await lookAt(source);
      expect(people.people.map(({ doubt }) => doubt)).toEqual(['statue', null]);
      expect(frame.person).toBe(1);
    },
    TIMEOUT,
  );
});

describe.skipIf(!shared)('photos from outside the repository', () => {
  const load = async (path: string): Promise<PhotoSource> => {
    const blob = await (await fetch(`/@fs${shared}/cases/${path}`)).blob();
    return { ...(await decodePhoto(blob)), focalPx: null };
  };

  test.each([
    ['frames/frame_black.jpg', 1],
    ['people/two_people_plain_touching.jpg', 2],
    ['small_person/small_70.jpg', 1],
    ['small_person/small_50.jpg', 1],
  ])(
    '%s: %i found, at three quarters of the canvas, cut out alone',
    async (path, count) => {
      const looked = await lookAt(await load(path));
      expect(looked.people.people).toHaveLength(count);
      const box = boxOfMatte(await cutOut(looked));
      expect((box.bottom - box.top) / CANVAS_SIZE).toBeGreaterThan(0.66);
      expect((box.bottom - box.top) / CANVAS_SIZE).toBeLessThan(0.82);
      expect(box.right - box.left).toBeLessThan(0.92 * CANVAS_SIZE);
    },
    TIMEOUT,
  );
});
