import { beforeAll, expect, test, vi } from 'vitest';
import { StageError } from '../../base/errors.ts';
import { encodeMesh } from '../encode-mesh.ts';
import { DEFAULT_FILE_OPTIONS } from '../formats.ts';
import type { MeshData } from '../mesh-data.ts';
import { sphereMesh } from '../mesh-fixtures.ts';

const FACTS = { name: 'ball', generator: 'test', extras: {} };
let mesh: MeshData;
beforeAll(() => {
  // Red in front, green behind, a ball.
  const ball = sphereMesh(40, 40);
  mesh = {
    ...ball,
    colours: ball.colours.map(
      (_, i) =>
        [
          [30, 200, 30],
          [220, 40, 40],
        ][ball.positions[i - (i % 3) + 2] > 0 ? 1 : 0][i % 3],
    ),
  };
});

async function pixelsOf(bytes: Uint8Array<ArrayBuffer>) {
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const at = (x: number, y: number) => {
    const i = (Math.round(y * (bitmap.height - 1)) * bitmap.width + Math.round(x * (bitmap.width - 1))) * 4;
    return [...data.slice(i, i + 4)];
  };
  return { width: bitmap.width, height: bitmap.height, at };
}

test('the picture shows the front in its colours; behind it is the background, or nothing', async () => {
  const opaque = await pixelsOf(await encodeMesh('png', mesh, FACTS, DEFAULT_FILE_OPTIONS));
  expect([opaque.width, opaque.height]).toEqual([1536, 2048]);
  const [red, green] = opaque.at(0.5, 0.5);
  expect(red - green).toBeGreaterThan(100);
  expect(opaque.at(0.02, 0.02)[3]).toBe(255);
  const clear = await pixelsOf(
    await encodeMesh('png', mesh, FACTS, { ...DEFAULT_FILE_OPTIONS, transparent: true }),
  );
  expect(clear.at(0.02, 0.02)[3]).toBe(0);
  expect(clear.at(0.5, 0.5)[3]).toBe(255);
});

test('the turntable is a video of one turn: front, back, and said how far it is', async () => {
  const told: number[] = [];
  const bytes = await encodeMesh('webm', mesh, FACTS, DEFAULT_FILE_OPTIONS, (fraction) =>
    told.push(fraction),
  );
  expect(told.length).toBeGreaterThan(100);
  expect(Math.max(...told)).toBeGreaterThan(0.9);
  const video = document.createElement('video');
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([bytes], { type: 'video/webm' }));
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => reject(new Error(video.error?.message));
  });
  expect(video.duration).toBeCloseTo(5, 0);
  expect([video.videoWidth, video.videoHeight]).toEqual([720, 960]);
  const colourAt = async (seconds: number) => {
    video.currentTime = seconds;
    await new Promise((resolve) => {
      video.onseeked = resolve;
    });
    const canvas = new OffscreenCanvas(720, 960);
    const context = canvas.getContext('2d')!;
    context.drawImage(video, 0, 0);
    return [...context.getImageData(360, 480, 1, 1).data];
  };
  const [front, back] = [await colourAt(0.05), await colourAt(2.5)];
  expect(front[0] - front[1]).toBeGreaterThan(60);
  expect(back[1] - back[0]).toBeGreaterThan(60);
});

test('a browser without an encoder says so, and what to take instead', async () => {
  vi.stubGlobal('VideoEncoder', undefined);
  try {
    const refused = await encodeMesh('webm', mesh, FACTS, DEFAULT_FILE_OPTIONS).catch((thrown) => thrown);
    expect(refused).toBeInstanceOf(StageError);
    expect(refused.fix).toContain('picture (PNG)');
  } finally {
    vi.unstubAllGlobals();
  }
});
