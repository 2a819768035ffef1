/**
 * Five pictures of a small figure (6,000 triangles that this product made of a sample) as they are to look, compared with
 * stored ones: a change of light, camera, colour space or material that nobody meant shows here.
 * After a change that is meant: `VITE_WRITE_RENDERS=1 npx vitest run --project browser src/scene/reference-renders`, look at
 * tests/golden/renders, commit them.
 */
import { createRoot } from 'react-dom/client';
import { beforeAll, expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import type { SurfaceMesh } from '../digitizer/types.ts';
import type { CameraPose, Shading } from '../store/model-state.ts';
import { ModelScene } from './model-scene.tsx';

const WIDTH_PX = 200;
const HEIGHT_PX = 360;
/** Drivers round edges and shading differently: mean of all channels, and share of pixels that differ clearly. */
const MOST_MEAN_LEVELS = 1.5;
const CLEAR_LEVELS = 40;
const MOST_CLEAR_SHARE = 0.01;
const FOLDER = 'tests/golden/renders';

const PICTURES: readonly (readonly [name: string, shading: Shading, pose: CameraPose])[] = [
  ['colour-front', 'colour', 'front'],
  ['clay-front', 'clay', 'front'],
  ['clay-side', 'clay', 'side'],
  ['normals-back', 'normals', 'back'],
  ['confidence-front', 'confidence', 'front'],
];

// What is drawn has to be read back later: the buffer must stay.
const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = new Proxy(getContext, {
  apply: (target, canvas, [kind, options]) =>
    Reflect.apply(target, canvas, [kind, { ...options, preserveDrawingBuffer: true }]),
});

let figure: SurfaceMesh;

/** The layout that src/export/ply.ts writes: 35 bytes a vertex, 13 a triangle, little-endian. */
function readFigure(bytes: ArrayBuffer): SurfaceMesh {
  const head = new TextDecoder().decode(bytes.slice(0, 1000));
  const count = (element: string) => Number(new RegExp(`element ${element} (\\d+)`).exec(head)![1]);
  const [vertices, triangles] = [count('vertex'), count('face')];
  const view = new DataView(bytes, head.indexOf('end_header\n') + 'end_header\n'.length);
  const mesh = {
    positions: new Float32Array(vertices * 3),
    normals: new Float32Array(vertices * 3),
    colours: new Uint8Array(vertices * 3),
    seen: new Uint8Array(vertices),
    confidence: new Uint8Array(vertices),
    indices: new Uint32Array(triangles * 3),
  };
  for (let v = 0; v < vertices; v++) {
    for (let c = 0; c < 3; c++) {
      mesh.positions[v * 3 + c] = view.getFloat32(v * 35 + c * 4, true);
      mesh.normals[v * 3 + c] = view.getFloat32(v * 35 + 12 + c * 4, true);
      mesh.colours[v * 3 + c] = view.getUint8(v * 35 + 24 + c);
    }
    mesh.seen[v] = Math.round(view.getFloat32(v * 35 + 27, true) * 255);
    mesh.confidence[v] = Math.round(view.getFloat32(v * 35 + 31, true) * 255);
  }
  for (let i = 0; i < triangles * 3; i++) {
    mesh.indices[i] = view.getUint32(vertices * 35 + Math.floor(i / 3) * 13 + 1 + (i % 3) * 4, true);
  }
  return mesh;
}

beforeAll(async () => {
  figure = readFigure(await (await fetch(`/${FOLDER}/figure.ply`)).arrayBuffer());
});

/** Draws until two pictures in a row are equal. */
async function picture(shading: Shading, pose: CameraPose): Promise<ImageData> {
  const host = document.createElement('div');
  host.style.cssText = `width:${WIDTH_PX}px;height:${HEIGHT_PX}px`;
  document.body.append(host);
  const root = createRoot(host);
  root.render(
    <ModelScene
      mesh={figure}
      shading={shading}
      command={{ pose, serial: 1 }}
      turning={false}
      still={true}
      keys={null}
    />,
  );
  const g = new OffscreenCanvas(WIDTH_PX, HEIGHT_PX).getContext('2d', { willReadFrequently: true })!;
  try {
    let before: Uint8ClampedArray | null = null;
    for (let equal = 0; equal < 3; ) {
      await new Promise(requestAnimationFrame);
      const canvas = host.querySelector('canvas');
      if (!canvas || canvas.width === 0) continue;
      g.fillStyle = '#181614';
      g.fillRect(0, 0, WIDTH_PX, HEIGHT_PX);
      g.drawImage(canvas, 0, 0, WIDTH_PX, HEIGHT_PX);
      const now = g.getImageData(0, 0, WIDTH_PX, HEIGHT_PX);
      const drawn = now.data.some((v, i) => i % 4 === 0 && v > 60);
      equal = drawn && before?.every((v, i) => v === now.data[i]) ? equal + 1 : 0;
      before = now.data;
      if (equal === 3) return now;
    }
    throw new Error('not reached');
  } finally {
    root.unmount();
    host.remove();
  }
}

async function base64Png(image: ImageData): Promise<string> {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''));
}

async function stored(name: string): Promise<ImageData> {
  const bitmap = await createImageBitmap(await (await fetch(`/${FOLDER}/${name}.png`)).blob());
  const g = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  g.drawImage(bitmap, 0, 0);
  return g.getImageData(0, 0, bitmap.width, bitmap.height);
}

test.each(PICTURES)('%s looks as it did', async (name, shading, pose) => {
  const drawn = await picture(shading, pose);
  if (import.meta.env.VITE_WRITE_RENDERS) {
    await commands.writeFile(`${FOLDER}/${name}.png`, await base64Png(drawn), 'base64');
    return;
  }
  const wanted = await stored(name);
  expect([drawn.width, drawn.height]).toEqual([wanted.width, wanted.height]);
  let sum = 0;
  let clear = 0;
  for (let i = 0; i < drawn.data.length; i += 4) {
    let most = 0;
    for (let c = 0; c < 3; c++) {
      const difference = Math.abs(drawn.data[i + c] - wanted.data[i + c]);
      sum += difference;
      most = Math.max(most, difference);
    }
    if (most > CLEAR_LEVELS) clear++;
  }
  const pixels = drawn.data.length / 4;
  expect(sum / (pixels * 3), 'mean difference, levels').toBeLessThan(MOST_MEAN_LEVELS);
  expect(clear / pixels, 'share of pixels that differ clearly').toBeLessThan(MOST_CLEAR_SHARE);
});
