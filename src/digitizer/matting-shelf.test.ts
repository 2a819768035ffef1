/** The matting networks of a session, opened by the true runtime: taken, used, replaced, removed, and what is refused. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { squareMapping } from '../geometry/keypoints.ts';
import type { PreparedGraph } from '../networks/prepared-graph.ts';
import { MattingShelf } from './matting-shelf.ts';

const CASES = resolve(import.meta.dirname, '../../tests/cases/matting');
const fileOf = (name: string) => new File([readFileSync(join(CASES, name))], name);
const MAPPING = squareMapping(CANVAS_SIZE, CANVAS_SIZE);

/** onnxruntime for Node in the place of the network worker. */
function runtime() {
  const counts = { opened: 0, closed: 0 };
  return {
    counts,
    async openGraph(bytes: Uint8Array<ArrayBuffer>): Promise<PreparedGraph> {
      const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
      counts.opened++;
      return {
        async run(values, dims) {
          const results = await session.run({ [session.inputNames[0]]: new Tensor('float32', values, dims) });
          return Object.fromEntries(
            Object.entries(results).map(([name, { data }]) => [name, data as Float32Array<ArrayBuffer>]),
          );
        },
        isLost: () => false,
        async dispose() {
          counts.closed++;
          await session.release();
        },
      };
    },
  };
}

/** Red on the left half, green on the right. */
function halves() {
  const data = new Uint8ClampedArray(CANVAS_SIZE * CANVAS_SIZE * 4);
  for (let i = 0; i < data.length; i += 4) {
    data.set((i / 4) % CANVAS_SIZE < CANVAS_SIZE / 2 ? [200, 20, 20, 255] : [20, 200, 20, 255], i);
  }
  return { width: CANVAS_SIZE, height: CANVAS_SIZE, data };
}

test('a network is taken, used for every photo in one session, and removed', async () => {
  const [shelf, device] = [new MattingShelf(), runtime()];
  expect(await shelf.cutOut('own', halves(), MAPPING, null, device)).toBeNull();
  const { summary, kept } = await shelf.import(fileOf('tiny-red.onnx'), device);
  expect(summary).toMatchObject({ name: 'tiny-red', width: 64, height: 64 });
  // Node has no storage of a browser: the network serves, and that it is not kept is said.
  expect(kept).toBe(false);
  expect(shelf.ownKey).toContain('tiny-red');
  for (let k = 0; k < 2; k++) {
    const cut = await shelf.cutOut('own', halves(), MAPPING, null, device);
    expect(cut?.alpha[10 * 64 + 5]).toBeGreaterThan(0.9);
    expect(cut?.alpha[10 * 64 + 60]).toBeLessThan(0.1);
  }
  expect(device.counts).toEqual({ opened: 1, closed: 0 });
  await shelf.remove();
  expect(device.counts.closed).toBe(1);
  expect(shelf.own).toBeNull();
  expect(shelf.ownKey).toBe('');
});

test('another one takes its place, under another key; a file that is none changes nothing', async () => {
  const [shelf, device] = [new MattingShelf(), runtime()];
  await shelf.import(fileOf('tiny-red.onnx'), device);
  const before = shelf.ownKey;
  await expect(shelf.import(new File(['<html>'], 'page.onnx'), device)).rejects.toThrow(
    /“page.onnx” cannot be read/,
  );
  // Read as a network, but the runtime does not take it.
  const spoilt = readFileSync(join(CASES, 'tiny-red.onnx'));
  spoilt.write('Cxnv', spoilt.indexOf('Conv'));
  await expect(shelf.import(new File([spoilt], 'spoilt.onnx'), device)).rejects.toThrow();
  expect(shelf.ownKey).toBe(before);
  await shelf.import(fileOf('tiny-red-logits.onnx'), device);
  expect(shelf.ownKey).not.toBe(before);
  expect(device.counts.closed).toBe(1);
  const cut = await shelf.cutOut('own', halves(), MAPPING, null, device);
  expect(cut?.alpha[10 * 64 + 5]).toBeGreaterThan(0.9);
});

test('a runtime that was given up: opened anew on the next one', async () => {
  const [shelf, device] = [new MattingShelf(), runtime()];
  await shelf.import(fileOf('tiny-red.onnx'), device);
  const next = runtime();
  await shelf.cutOut('own', halves(), MAPPING, null, next);
  expect(next.counts.opened).toBe(1);
});

test('the pack’s network is not asked when there is none, or nobody is seen', async () => {
  const [shelf, device] = [new MattingShelf(), runtime()];
  expect(shelf.packKey).toBe('');
  expect(await shelf.cutOut('pack', halves(), MAPPING, null, device)).toBeNull();
  shelf.setPackNetwork({ url: 'http://127.0.0.1:9/matte.onnx', bytes: 1, sha256: 'a' });
  expect(shelf.packKey).toBe('a');
  expect(await shelf.cutOut('pack', halves(), MAPPING, null, device)).toBeNull();
  const detected = {
    landmarks: new Float32Array(33 * 4).fill(0.5),
    mask: { width: 2, height: 2, data: new Uint8Array(4) },
  };
  const failed = shelf.cutOut('pack', halves(), MAPPING, detected, device);
  await expect(failed).rejects.toThrow(/The matte network could not be loaded/);
  await expect(failed).rejects.toBeInstanceOf(StageError);
});
