/** The network for the far side: fetched and opened once, opened anew when its worker went, and never worth a run. */
import { afterEach, expect, test, vi } from 'vitest';
import { StageError } from '../base/errors.ts';
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { unpaced } from '../base/steps.ts';
import { PAINT_SIDE } from '../geometry/back-paint.ts';
import { sha256Hex } from '../networks/packs/sha256.ts';
import type { PreparedGraph } from '../networks/prepared-graph.ts';
import { BackPainter } from './back-painter.ts';
import { runBackPaint } from './stages/back-paint.ts';

afterEach(() => vi.restoreAllMocks());

const FILE = new Uint8Array([1, 2, 3]);
const CELLS = new Float32Array(4 * PAINT_SIDE ** 2).fill(0.25);

async function painterOf(served: Uint8Array<ArrayBuffer> = FILE) {
  const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(served));
  const painter = new BackPainter();
  const sha256 = await sha256Hex(FILE);
  painter.setNetwork({ url: 'https://example.org/back.onnx', bytes: FILE.length, sha256 });
  return { painter, fetched, sha256 };
}

function graphs() {
  const state = { opened: 0, lost: false, ran: [] as (readonly number[])[] };
  const openGraph = async (): Promise<PreparedGraph> => {
    state.opened++;
    state.lost = false;
    return {
      run: async (values, dims) => {
        state.ran.push(dims);
        return { back: values.map((v) => v * 2) };
      },
      isLost: () => state.lost,
      dispose: async () => {},
    };
  };
  return { state, runtime: { openGraph } };
}

test('a pack without one paints nothing', async () => {
  const painter = new BackPainter();
  expect(painter.key).toBe('');
  expect(await painter.paint(CELLS, graphs().runtime)).toBeNull();
});

test('it is fetched once, and asked with the whole canvas', async () => {
  const { painter, fetched, sha256 } = await painterOf();
  const { state, runtime } = graphs();
  expect(painter.key).toBe(sha256);
  const paint = await painter.paint(CELLS, runtime);
  await painter.paint(CELLS, runtime);
  expect(fetched).toHaveBeenCalledTimes(1);
  expect(state.opened).toBe(1);
  expect(state.ran[0]).toEqual([1, 4, PAINT_SIDE, PAINT_SIDE]);
  expect(paint?.painted[0]).toBe(0.5);
  expect(paint?.cells).toBe(CELLS);
});

test('after its worker was ended it is opened anew', async () => {
  const { painter } = await painterOf();
  const { state, runtime } = graphs();
  await painter.paint(CELLS, runtime);
  state.lost = true;
  await painter.paint(CELLS, runtime);
  expect(state.opened).toBe(2);
});

test('another file than the pack names is refused, and the next figure asks again', async () => {
  const { painter, fetched } = await painterOf(new Uint8Array([9]));
  const refused = painter.paint(CELLS, graphs().runtime);
  await expect(refused).rejects.toMatchObject({ code: 'E_BAD_PACK', stage: 'cloud' });
  fetched.mockImplementation(async () => new Response(FILE));
  expect(await painter.paint(CELLS, graphs().runtime)).not.toBeNull();
});

const photo: RgbaImage = { width: 256, height: 256, data: new Uint8ClampedArray(4 * 256 ** 2) };
const matte: GreyImage = { width: 256, height: 256, data: new Uint8Array(256 ** 2).fill(255) };

function stageWith(paintBack: () => Promise<null>) {
  return runBackPaint(photo, matte, { pace: unpaced, progress: () => {}, services: { paintBack } });
}

test('a network that cannot be had is said, and the back follows the rule', async () => {
  const gone = new StageError('cloud', 'E_DOWNLOAD', 'It did not come.', { fix: 'Reload the page.' });
  const { paint, notice } = await stageWith(() => Promise.reject(gone));
  expect(paint).toBeNull();
  expect(notice).toContain('It did not come.');
});

test('a cancelled run stays cancelled, and what is nobody’s fault is not hidden', async () => {
  const cancelled = new StageError('cloud', 'E_CANCELLED', 'Cancelled.', { fix: '' });
  await expect(stageWith(() => Promise.reject(cancelled))).rejects.toBe(cancelled);
  await expect(stageWith(() => Promise.reject(new TypeError('a mistake')))).rejects.toThrow('a mistake');
});
