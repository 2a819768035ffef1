/** The figure on screen in a real browser: over 65,535 vertices, in every shading, and nothing left behind. */

import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { Shading } from '../store/state.ts';
import { ModelScene } from './model-scene.tsx';

const SIDE_PX = 240;

/** A tall ellipsoid of (n + 1)^2 vertices: red where it faces +z, green elsewhere. */
function ellipsoid(n: number): SurfaceMesh {
  const count = (n + 1) ** 2;
  const positions = new Float32Array(count * 3);
  const normals = new Float32Array(count * 3);
  const colours = new Uint8Array(count * 3);
  const seen = new Uint8Array(count);
  const indices = new Uint32Array(n * n * 6);
  for (let i = 0, v = 0; i <= n; i++) {
    for (let j = 0; j <= n; j++, v++) {
      const theta = (i / n) * Math.PI;
      const phi = (j / n) * 2 * Math.PI;
      const p = [Math.sin(theta) * Math.sin(phi), Math.cos(theta), Math.sin(theta) * Math.cos(phi)];
      positions.set([p[0] * 0.2, p[1] * 0.5, p[2] * 0.2], v * 3);
      normals.set(p, v * 3);
      colours.set(p[2] > 0 ? [200, 20, 20] : [20, 200, 20], v * 3);
      seen[v] = p[2] > 0 ? 255 : 0;
    }
  }
  for (let i = 0, k = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const a = i * (n + 1) + j;
      indices.set([a, a + n + 1, a + 1, a + 1, a + n + 1, a + n + 2], k);
      k += 6;
    }
  }
  // Measured in front, a guess beside a point behind, nothing near at the crown.
  const confidence = seen.map((value, v) => (positions[v * 3 + 1] > 0.4 ? 0 : value === 255 ? 255 : 128));
  return { positions, normals, colours, seen, confidence, indices };
}

// The scene draws on demand and does not keep what it drew; reading it back later needs a buffer that stays.
const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = new Proxy(getContext, {
  apply: (target, canvas, [kind, options]) =>
    Reflect.apply(target, canvas, [kind, { ...options, preserveDrawingBuffer: true }]),
});

const mesh = ellipsoid(280);
let host: HTMLDivElement;
let root: Root;

beforeEach(() => {
  host = document.createElement('div');
  host.style.cssText = `width:${SIDE_PX}px;height:${SIDE_PX}px;background:#000`;
  document.body.append(host);
  root = createRoot(host);
});
afterEach(() => {
  root.unmount();
  host.remove();
});

function render(shading: Shading, pose: 'front' | 'back', serial = 1, shown = mesh) {
  root.render(
    <ModelScene
      mesh={shown}
      shading={shading}
      command={{ pose, serial }}
      turning={false}
      still={true}
      keys={null}
    />,
  );
}

/** Mean colour and number of the pixels the figure covers, once the picture stands still. */
async function look(): Promise<{ covered: number; mean: [number, number, number] }> {
  const copy = new OffscreenCanvas(SIDE_PX, SIDE_PX);
  const g = copy.getContext('2d', { willReadFrequently: true })!;
  let before = -1;
  for (let tries = 0; tries < 400; tries++) {
    await new Promise(requestAnimationFrame);
    const canvas = host.querySelector('canvas');
    if (!canvas || canvas.width === 0) continue;
    g.clearRect(0, 0, SIDE_PX, SIDE_PX);
    g.drawImage(canvas, 0, 0, SIDE_PX, SIDE_PX);
    const { data } = g.getImageData(0, 0, SIDE_PX, SIDE_PX);
    let covered = 0;
    const sum: [number, number, number] = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] < 250) continue;
      covered++;
      for (let c = 0; c < 3; c++) sum[c] += data[i + c];
    }
    // Twice the same picture: what was asked for has been drawn.
    const settled = covered > 500 && covered === before;
    before = covered;
    if (settled) return { covered, mean: [sum[0] / covered, sum[1] / covered, sum[2] / covered] };
  }
  return { covered: 0, mean: [0, 0, 0] };
}

test('over 65,535 vertices are drawn, in the colours of the photo', async () => {
  expect(mesh.positions.length / 3).toBeGreaterThan(65_535);
  render('colour', 'front');
  const { covered, mean } = await look();
  expect(covered).toBeGreaterThan(SIDE_PX * SIDE_PX * 0.1);
  expect(mean[0]).toBeGreaterThan(mean[1] * 2.5);
});

test('from behind the other side shows', async () => {
  render('colour', 'back');
  const { mean } = await look();
  expect(mean[1]).toBeGreaterThan(mean[0] * 2.5);
});

test('normals are blue to the front', async () => {
  render('normals', 'front');
  const { mean } = await look();
  expect(mean[2]).toBeGreaterThan(190);
  expect(Math.abs(mean[0] - 128)).toBeLessThan(12);
  expect(Math.abs(mean[1] - 128)).toBeLessThan(12);
});

test.each(['clay', 'wireframe', 'seen'] as const)('%s shows the figure', async (name) => {
  render(name, 'front');
  expect((await look()).covered).toBeGreaterThan(SIDE_PX * SIDE_PX * 0.1);
});

test('confidence is straw where measured, blue grey where guessed, and lighter where it is more', async () => {
  render('confidence', 'front');
  const front = (await look()).mean;
  render('confidence', 'back', 2);
  // The first picture may still be the front: wait until it has changed.
  let back = (await look()).mean;
  for (let tries = 0; tries < 20 && back[0] === front[0]; tries++) back = (await look()).mean;
  expect(front[0]).toBeGreaterThan(front[2] * 1.2);
  expect(back[2]).toBeGreaterThan(back[0] * 1.05);
  expect(front[0] + front[1] + front[2]).toBeGreaterThan((back[0] + back[1] + back[2]) * 1.2);
});

test('another mesh takes the place of the one before, in the same shading', async () => {
  render('clay', 'front');
  await look();
  render('clay', 'front', 1, ellipsoid(6));
  const { covered } = await look();
  expect(covered).toBeGreaterThan(SIDE_PX * SIDE_PX * 0.08);
});

test('leaving the page takes the canvas along', async () => {
  render('clay', 'front');
  await look();
  root.unmount();
  await vi.waitFor(() => expect(host.querySelector('canvas')).toBeNull(), { timeout: 10_000 });
  root = createRoot(host);
});
