/**
 * The pose graphs in a real browser on the bundled samples: the pose is near the true joints, the matte near the true
 * outline, nobody is nobody, and nothing is fetched from elsewhere.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GreyImage, RgbaImage } from '../../base/images.ts';
import { KEYPOINT_COUNT } from '../../geometry/body.ts';
import { squareMapping, toCanvas } from '../../geometry/keypoints.ts';
import { localRuntime } from '../../networks/runtime.ts';
import { keypointsFromBlazePose } from '../blazepose.ts';
import { decodeMask, decodePhoto } from '../decode.ts';
import type { EstimatedPose } from '../estimated-pose.ts';
import { parseKeypoints } from '../keypoints/keypoints-of-photo.ts';
import { makeMatte } from '../matte-test-kit.ts';
import { estimatePose } from './estimate-pose.ts';
import { createServedPoseGraphs, type ServedPoseGraphs } from './served-graphs.ts';

const TIMEOUT = 400_000;
const MAPPING = squareMapping(2048, 2048);
const sample = (file: string) => new URL(`/samples/${file}`, location.origin).href;
const blobOf = async (file: string) => (await fetch(sample(file))).blob();

let graphs: ServedPoseGraphs;
beforeAll(() => {
  graphs = createServedPoseGraphs(
    new URL('/pose/', location.origin).href,
    localRuntime({ backend: 'wasm', threads: 2 }),
  );
});
afterAll(async () => {
  await graphs.dispose();
  await graphs.dispose();
});

function iou(a: GreyImage, b: GreyImage): number {
  let both = 0;
  let any = 0;
  for (let i = 0; i < a.data.length; i++) {
    const [p, q] = [a.data[i] >= 128, b.data[i] >= 128];
    if (p && q) both++;
    if (p || q) any++;
  }
  return both / any;
}

describe('a person in a street', () => {
  let photo: RgbaImage;
  let found: EstimatedPose | null;
  beforeAll(async () => {
    photo = (await decodePhoto(await blobOf('crossing.jpg'))).image;
    found = (await estimatePose(photo, graphs)).pose;
  }, TIMEOUT);

  test('joints within 24 px of the true ones on average, none far off', async () => {
    const truth = toCanvas(
      parseKeypoints(await (await blobOf('crossing_keypoints.json')).text()).people[0].table,
      MAPPING,
      'robust',
    ).keypoints;
    const { keypoints } = keypointsFromBlazePose(found);
    let sum = 0;
    let most = 0;
    for (let i = 0; i < KEYPOINT_COUNT; i++) {
      const far = Math.hypot(keypoints[i * 3] - truth[i * 3], keypoints[i * 3 + 1] - truth[i * 3 + 1]);
      sum += far / KEYPOINT_COUNT;
      most = Math.max(most, far);
    }
    console.log(`crossing: mean joint error ${sum.toFixed(1)} px, largest ${most.toFixed(1)} px`);
    expect(sum).toBeLessThan(24);
    expect(most).toBeLessThan(120);
  });

  test('both hands and the face were looked at closely', () => {
    expect(found?.hands?.left).toHaveLength(21 * 2);
    expect(found?.hands?.right).toHaveLength(21 * 2);
    expect(found?.face).toHaveLength(468 * 2);
  });

  test('the matte is the person', async () => {
    const truth = await decodeMask(await blobOf('crossing_alpha.png'), { width: 2048, height: 2048 });
    const started = performance.now();
    const matte = await makeMatte({
      photo,
      mapping: MAPPING,
      hasAlpha: false,
      mask: null,
      robust: true,
      segment: async () => found,
    });
    console.log(
      `crossing: matte ${iou(matte.matte, truth).toFixed(4)} IoU, ${Math.round(performance.now() - started)} ms`,
    );
    expect(matte.source).toBe('segmentation');
    expect(iou(matte.matte, truth)).toBeGreaterThan(0.93);
  });

  test('nothing came from another origin', () => {
    const urls = performance.getEntriesByType('resource').map((entry) => new URL(entry.name));
    expect(urls.some((url) => url.pathname.endsWith('.graph'))).toBe(true);
    expect(
      urls.filter((url) => !['blob:', 'data:'].includes(url.protocol) && url.origin !== location.origin),
    ).toEqual([]);
  });
});

test(
  'an empty wall is nobody',
  async () => {
    const data = new Uint8ClampedArray(512 * 512 * 4);
    for (let i = 0; i < data.length; i++) data[i] = [0xb5, 0xae, 0xa4, 255][i % 4];
    expect(await estimatePose({ width: 512, height: 512, data }, graphs)).toEqual({ people: [], pose: null });
  },
  TIMEOUT,
);

test('a run that is not wanted any more stops between two graphs', async () => {
  const data = (await decodePhoto(await blobOf('crossing.jpg'))).image;
  const stop = () => {
    throw new Error('stopped');
  };
  await expect(estimatePose(data, graphs, stop)).rejects.toThrow('stopped');
});

test('a folder without graphs is one clear sentence, and the next try asks again', async () => {
  const lost = createServedPoseGraphs(
    new URL('/no-such-folder/', location.origin).href,
    localRuntime({ backend: 'wasm', threads: 2 }),
  );
  const picture = { width: 64, height: 64, data: new Uint8ClampedArray(64 * 64 * 4) };
  for (let k = 0; k < 2; k++) {
    await expect(estimatePose(picture, lost)).rejects.toThrow(/^The person finder could not be /);
  }
});

test('cut-out samples are taken as they are, without asking for a pose', async () => {
  for (const file of ['sweater-and-jeans.jpg', 'bomber-jacket.jpg']) {
    const { image } = await decodePhoto(await blobOf(file));
    const matte = await makeMatte({
      photo: image,
      mapping: MAPPING,
      hasAlpha: false,
      mask: null,
      robust: true,
      segment: () => Promise.reject(new Error('a pose was asked for')),
    });
    expect(matte.source, file).toBe('black background');
  }
});
