/** The files worker through its client: the same pixels and bytes as in this thread, errors with their code, Cancel. */
import { expect, test } from 'vitest';
import type { FileResults } from '../digitizer/file-work.ts';
import { inThisThread } from '../digitizer/file-work.ts';
import type { RunReport } from '../digitizer/types.ts';
import { createFilesClient } from './files-client.ts';

const files = createFilesClient();
const never = new AbortController().signal;

async function picture(width: number, height: number, type = 'image/png'): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const gradient = context.createLinearGradient(0, 0, width, height);
  gradient.addColorStop(0, '#c33');
  gradient.addColorStop(1, '#3cc');
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  return canvas.convertToBlob({ type });
}

test('decodes to the same pixels', async () => {
  files.prepare();
  const photo = await picture(5000, 300);
  const [there, here] = await Promise.all([
    files.decodePhoto(photo, never),
    inThisThread.decodePhoto(photo, never),
  ]);
  expect([there.image.width, there.originalWidth]).toEqual([4096, 5000]);
  expect(there.notices).toEqual(here.notices);
  expect(there.image.data).toBeInstanceOf(Uint8ClampedArray);
  expect(there.image.data.every((value, i) => value === here.image.data[i])).toBe(true);

  const mask = await files.decodeMask(await picture(320, 256), { width: 320, height: 256 }, never);
  expect([mask.width, mask.height, mask.data.length]).toEqual([320, 256, 320 * 256]);
});

test('errors arrive with stage, code and fix', async () => {
  await expect(files.decodePhoto(new Blob(['just words']), never)).rejects.toMatchObject({
    stage: 'photo',
    code: 'E_NOT_AN_IMAGE',
  });
  const mask = await picture(300, 256);
  await expect(files.decodeMask(mask, { width: 320, height: 256 }, never)).rejects.toMatchObject({
    stage: 'matte',
    code: 'E_BAD_MASK',
  });
  await expect(files.write('glb', { results: {} })).rejects.toMatchObject({
    stage: 'export',
    code: 'E_NOT_READY',
  });
});

test('Cancel ends a decoding at once, and the next goes on', async () => {
  const large = await picture(6000, 6000, 'image/jpeg');
  const abort = new AbortController();
  const cancelled = files.decodePhoto(large, abort.signal);
  abort.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await expect(files.decodePhoto(large, abort.signal)).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect((await files.decodePhoto(await picture(320, 256), never)).image.width).toBe(320);
});

test('a file outlives its worker, and results stay the caller’s', async () => {
  const count = 300_000;
  const cloud = {
    count,
    positions: new Float32Array(3 * count).map((_, i) => i % 7),
    normals: new Float32Array(3 * count).fill(1),
    colours: new Uint8Array(3 * count),
    sides: new Uint8Array(count),
    pixels: new Uint32Array(count),
  };
  const results: FileResults = { cloud, report: { name: 'test' } as RunReport };
  const there = await files.write('cloudPly', { results });
  const here = await inThisThread.write('cloudPly', { results });
  expect(cloud.positions.length).toBe(3 * count);
  const [a, b] = await Promise.all(
    [there, here].map(async (blob) => new Uint8Array(await blob.arrayBuffer())),
  );
  expect(a.length).toBe(b.length);
  expect(a.every((value, i) => value === b[i])).toBe(true);
});
