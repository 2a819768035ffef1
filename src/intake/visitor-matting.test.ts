/** A visitor's matting network cuts a person out: the true runtime on a tiny network, and U-2-Netp where it is at hand. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../../tests/shared.ts';
import type { RgbaImage } from '../base/images.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { squareMapping } from '../geometry/keypoints.ts';
import { type MattingShape, mattingShape } from '../networks/matting/matting-kind.ts';
import { readOnnxInterface } from '../networks/matting/onnx-interface.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { MATTE_PROVIDERS, matteFrom } from './matte.ts';
import { asAlpha, normed, type RunMatting, visitorMatting } from './visitor-matting.ts';

const CASES = resolve(import.meta.dirname, '../../tests/cases/matting');
const U2NETP = sharedPath('matte/u2netp.onnx');
const MAPPING = squareMapping(CANVAS_SIZE, CANVAS_SIZE);

async function open(path: string): Promise<{ shape: MattingShape; run: RunMatting }> {
  const bytes = readFileSync(path);
  const shape = mattingShape(readOnnxInterface(bytes, path), path);
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  return {
    shape,
    run: async (values, dims) => {
      const results = await session.run({ [session.inputNames[0]]: new Tensor('float32', values, dims) });
      return results[shape.output].data as Float32Array<ArrayBuffer>;
    },
  };
}

/** A body of two ellipses; and, red as well, somebody at the edge of the picture. */
const isPerson = (x: number, y: number) =>
  ((x - 1000) / 260) ** 2 + ((y - 1150) / 620) ** 2 < 1 ||
  ((x - 1000) / 130) ** 2 + ((y - 420) / 160) ** 2 < 1;
const isOther = (x: number, y: number) => ((x - 1900) / 100) ** 2 + ((y - 1150) / 500) ** 2 < 1;

function picture(): RgbaImage {
  const data = new Uint8ClampedArray(CANVAS_SIZE * CANVAS_SIZE * 4);
  for (let y = 0; y < CANVAS_SIZE; y++) {
    for (let x = 0; x < CANVAS_SIZE; x++) {
      const i = (y * CANVAS_SIZE + x) * 4;
      data.set(isPerson(x, y) || isOther(x, y) ? [220, 40, 40, 255] : [70, 150, 90 + (x % 40), 255], i);
    }
  }
  return { width: CANVAS_SIZE, height: CANVAS_SIZE, data };
}

/** The outline as the pose graphs see it, coarse, and landmarks on the body. */
function detected(): EstimatedPose {
  const side = 512;
  const mask = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) mask[y * side + x] = isPerson(x * 4, y * 4) ? 230 : 0;
  }
  const landmarks = new Float32Array(33 * 4);
  for (let i = 0; i < 33; i++) landmarks.set([1000 / 2048, (300 + 45 * i) / 2048, 0, 1], i * 4);
  return { landmarks, mask: { width: side, height: side, data: mask } };
}

function iou(matte: Uint8Array): number {
  let [both, any] = [0, 0];
  for (let y = 0; y < CANVAS_SIZE; y++) {
    for (let x = 0; x < CANVAS_SIZE; x++) {
      const [a, b] = [matte[y * CANVAS_SIZE + x] >= 128, isPerson(x, y)];
      both += Number(a && b);
      any += Number(a || b);
    }
  }
  return both / any;
}

const input = (photo: RgbaImage) => ({
  photo,
  mapping: MAPPING,
  hasAlpha: false,
  mask: null,
  robust: true,
  detected: null,
  matteNetwork: null,
});

test.each(['tiny-red.onnx', 'tiny-red-logits.onnx'])(
  '%s: the person, sharply, and nobody else',
  async (file) => {
    const { shape, run } = await open(join(CASES, file));
    const photo = picture();
    const ownNetwork = await visitorMatting(photo, MAPPING, detected(), shape, run);
    const provider = MATTE_PROVIDERS.find(({ source }) => source === 'own network');
    const found = await matteFrom(provider as (typeof MATTE_PROVIDERS)[number], {
      ...input(photo),
      ownNetwork,
    });
    expect(found?.source).toBe('own network');
    expect(iou(found?.matte.data as Uint8Array)).toBeGreaterThan(0.99);
  },
);

test('without a detection the network sees the whole photo', async () => {
  const { shape, run } = await open(join(CASES, 'tiny-red.onnx'));
  const { box, alpha } = await visitorMatting(picture(), MAPPING, null, shape, run);
  expect(box).toEqual({ left: 0, top: 0, width: CANVAS_SIZE, height: CANVAS_SIZE });
  expect(alpha.filter((v) => v > 0.5).length).toBeGreaterThan(400);
});

test('the visitor’s network is asked before black and plain grounds, after what was given', () => {
  const order = MATTE_PROVIDERS.map(({ source }) => source);
  expect(order.indexOf('own network')).toBeGreaterThan(order.indexOf('alpha'));
  expect(order.indexOf('own network')).toBeLessThan(order.indexOf('black background'));
  expect(order.indexOf('matte network')).toBeLessThan(order.indexOf('segmentation'));
});

describe('norms', () => {
  const shape = { width: 1, height: 2, channelsLast: false, output: '' } as const;
  const planes = () => Float32Array.of(0.5, 0.25, 0.5, 0.25, 0.5, 0.25);

  test('MODNet wants -1 to 1, IS-Net the picture by its largest value', () => {
    expect([...normed(planes(), { ...shape, kind: 'modnet' })]).toEqual([0, -0.5, 0, -0.5, 0, -0.5]);
    expect([...normed(planes(), { ...shape, kind: 'isnet' })]).toEqual([0.5, 0, 0.5, 0, 0.5, 0]);
  });

  test('channels last are interleaved', () => {
    const mixed = Float32Array.of(0, 1, 0.25, 0.5, 0.75, 1);
    const out = normed(mixed, { ...shape, kind: 'modnet', channelsLast: true });
    expect([...out]).toEqual([-1, -0.5, 0.5, 1, 0, 1]);
  });

  test('answers: logits through the logistic function, saliency stretched, MODNet as it is', () => {
    expect(asAlpha(Float32Array.of(-4, 0, 4), { ...shape, kind: 'birefnet' })[1]).toBe(0.5);
    expect([...asAlpha(Float32Array.of(0.25, 0.5, 0.75), { ...shape, kind: 'u2net' })]).toEqual([0, 0.5, 1]);
    expect([...asAlpha(Float32Array.of(0.25, 0.5, 0.75), { ...shape, kind: 'modnet' })]).toEqual([
      0.25, 0.5, 0.75,
    ]);
  });
});

describe.skipIf(!U2NETP)('U-2-Netp (shared/matte)', () => {
  test('cuts a sample out better than its outline alone', { timeout: 120_000 }, async () => {
    const { shape, run } = await open(U2NETP as string);
    const photo = picture();
    const ownNetwork = await visitorMatting(photo, MAPPING, detected(), shape, run);
    const provider = MATTE_PROVIDERS.find(({ source }) => source === 'own network');
    const found = await matteFrom(provider as (typeof MATTE_PROVIDERS)[number], {
      ...input(photo),
      ownNetwork,
    });
    expect(iou(found?.matte.data as Uint8Array)).toBeGreaterThan(0.97);
  });
});
