/** The figure on screen in a real browser: over 65,535 vertices, in every shading, and nothing left behind. */

import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { CameraPose, Shading } from '../store/model-state.ts';
import type { Picked } from './figure-picking.tsx';
import { ModelScene, type ModelSceneProps } from './model-scene.tsx';

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

function render(
  shading: Shading,
  pose: CameraPose,
  serial = 1,
  shown = mesh,
  more: Partial<ModelSceneProps> = {},
) {
  root.render(
    <ModelScene
      mesh={shown}
      shading={shading}
      command={{ pose, serial }}
      turning={false}
      still={true}
      keys={null}
      {...more}
    />,
  );
}

/** What is drawn, once it stands still: the colour at a point given as shares of the picture. */
async function colours(): Promise<(x: number, y: number) => readonly number[]> {
  await look();
  const copy = new OffscreenCanvas(SIDE_PX, SIDE_PX);
  const g = copy.getContext('2d', { willReadFrequently: true })!;
  g.drawImage(host.querySelector('canvas')!, 0, 0, SIDE_PX, SIDE_PX);
  const { data } = g.getImageData(0, 0, SIDE_PX, SIDE_PX);
  return (x, y) => {
    const at = (Math.round(y * SIDE_PX) * SIDE_PX + Math.round(x * SIDE_PX)) * 4;
    return [...data.subarray(at, at + 4)];
  };
}

/** Mean colour and number of the pixels the figure covers, once the picture stands still. */
async function look(): Promise<{ covered: number; mean: [number, number, number] }> {
  const copy = new OffscreenCanvas(SIDE_PX, SIDE_PX);
  const g = copy.getContext('2d', { willReadFrequently: true })!;
  let before = -1;
  let frames = 0;
  let equal = 0;
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
    // The picture before stays for some frames; then what was asked for has been drawn, when it does not change any more.
    const content = data.reduce((total, value, i) => total + value * ((i % 7) + 1), 0);
    equal = covered > 500 && content === before ? equal + 1 : 0;
    before = content;
    if (++frames > 12 && equal >= 4)
      return { covered, mean: [sum[0] / covered, sum[1] / covered, sum[2] / covered] };
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

test.each(['clay', 'matcap', 'wireframe', 'points', 'seen'] as const)('%s shows the figure', async (name) => {
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

test('a wire of edges smaller than pixels is one calm tone, and lines again from near', async () => {
  // 280 x 280 squares on a figure of some 100 px: about three edges a pixel.
  render('wireframe', 'front');
  const at = await colours();
  const steps = [];
  for (let y = 0.42; y < 0.58; y += 1 / SIDE_PX) {
    const [here, beside] = [at(0.5, y), at(0.5 + 1 / SIDE_PX, y)];
    steps.push(Math.abs(here[0] - beside[0]));
  }
  expect(Math.max(...steps)).toBeLessThan(12);
  render('wireframe', 'front', 2, ellipsoid(10));
  // The first picture may still be the fine one: wait until it has changed.
  let range = 0;
  for (let tries = 0; tries < 40 && range <= 50; tries++) {
    const coarse = await colours();
    const row = Array.from({ length: 60 }, (_, i) => coarse(0.4 + (0.2 * i) / 60, 0.5)[0]);
    range = Math.max(...row) - Math.min(...row);
  }
  expect(range).toBeGreaterThan(50);
});

test('a section opens the figure: the upper half is gone, the cut is drawn, and only what is left is picked', async () => {
  const section = { axis: 'y', at: 0.5, flipped: false } as const;
  const keys = document.createElement('div');
  keys.tabIndex = 0;
  host.append(keys);
  const picked: Picked[] = [];
  const onPick = (one: Picked) => picked.push(one);
  render('clay', 'front', 1, mesh, { section, keys, onPick });
  const front = await colours();
  expect(front(0.5, 0.3)[3]).toBe(0);
  expect(front(0.5, 0.7)[3]).toBe(255);
  render('clay', 'top', 2, mesh, { section, keys, onPick });
  const [red, green, blue] = (await colours())(0.5, 0.5);
  // The clay hatch, not the pale clay of the surface.
  expect(red).toBeGreaterThan(blue + 50);
  expect(red).toBeGreaterThan(green + 25);
  const enter = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true });
  keys.dispatchEvent(enter);
  // On the cut itself, halfway up the figure.
  expect(picked).toHaveLength(1);
  expect(picked[0].vertex).toBeNull();
  expect(Math.abs(picked[0].point[1])).toBeLessThan(1e-5);
  render('clay', 'top', 3, mesh, { section: { ...section, flipped: true }, keys, onPick });
  await look();
  keys.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  expect(picked[1].point[1]).toBeGreaterThan(0.4);
  expect(picked[1].vertex).not.toBeNull();
});

test('a double-click, or F for the middle, looks at the point from near; beside the figure it does nothing', async () => {
  const keys = document.createElement('div');
  host.append(keys);
  render('clay', 'front', 1, mesh, { keys });
  const whole = (await look()).covered;
  const twice = (x: number, y: number) => {
    const canvas = host.querySelector('canvas')!;
    const { left, top } = canvas.getBoundingClientRect();
    const at = { clientX: left + x * SIDE_PX, clientY: top + y * SIDE_PX };
    canvas.dispatchEvent(new MouseEvent('dblclick', { ...at, bubbles: true }));
  };
  twice(0.02, 0.02);
  expect((await look()).covered).toBe(whole);
  // The crown: it comes to the middle of the view, with empty room above it.
  twice(0.5, 0.16);
  const near = await colours();
  expect((await look()).covered).toBeGreaterThan(1.3 * whole);
  expect(near(0.5, 0.03)[3]).toBe(0);
  expect(near(0.5, 0.97)[3]).toBe(255);
  const { covered } = await look();
  keys.dispatchEvent(new KeyboardEvent('keydown', { key: 'f', bubbles: true }));
  expect((await look()).covered).toBeGreaterThan(covered);
  render('clay', 'front', 2, mesh, { keys });
  expect((await look()).covered).toBe(whole);
});

test('the figure before stands left of the seam, the one now right of it', async () => {
  const green = { ...mesh, colours: mesh.colours.map((_, i) => [20, 200, 20][i % 3]) };
  render('colour', 'front', 1, mesh, { before: { mesh: green, seam: 0.5 } });
  await look();
  const at = await colours();
  expect(at(0.46, 0.5)[1]).toBeGreaterThan(at(0.46, 0.5)[0] + 60);
  expect(at(0.54, 0.5)[0]).toBeGreaterThan(at(0.54, 0.5)[1] + 60);
});

test('the lamp moves with its ball; exposure makes the figure brighter, not what is read off it', async () => {
  render('clay', 'front', 1, mesh, { light: { x: -0.9, y: 0 } });
  const left = await colours();
  expect(left(0.44, 0.5)[0]).toBeGreaterThan(left(0.56, 0.5)[0] + 20);
  render('clay', 'front', 1, mesh, { light: { x: 0.9, y: 0 } });
  await look();
  // The picture before may still be there.
  await vi.waitFor(
    async () => {
      const right = await colours();
      expect(right(0.56, 0.5)[0]).toBeGreaterThan(right(0.44, 0.5)[0] + 20);
    },
    { timeout: 20_000 },
  );
  const sum = ([r, g, b]: readonly number[]) => r + g + b;
  for (const [shading, brighter] of [
    ['colour', true],
    ['confidence', false],
  ] as const) {
    render(shading, 'front', 1, mesh, { exposure: 0 });
    await look();
    const before = sum((await colours())(0.5, 0.5));
    render(shading, 'front', 1, mesh, { exposure: 1 });
    for (let turn = 0; turn < 3; turn++) await look();
    const after = async () => sum((await colours())(0.5, 0.5));
    if (brighter) {
      await vi.waitFor(async () => expect(await after()).toBeGreaterThan(before + 30), { timeout: 20_000 });
    } else expect(Math.abs((await after()) - before)).toBeLessThan(4);
  }
});

/** Red of the middle as soon as anything is drawn there: a camera that moves never stands still. */
async function firstRed(): Promise<number> {
  const copy = new OffscreenCanvas(SIDE_PX, SIDE_PX);
  const g = copy.getContext('2d', { willReadFrequently: true })!;
  for (let tries = 0; tries < 400; tries++) {
    await new Promise(requestAnimationFrame);
    const canvas = host.querySelector('canvas');
    if (!canvas || canvas.width === 0) continue;
    g.clearRect(0, 0, SIDE_PX, SIDE_PX);
    g.drawImage(canvas, 0, 0, SIDE_PX, SIDE_PX);
    const [red, , , alpha] = g.getImageData(SIDE_PX / 2, SIDE_PX / 2, 1, 1).data;
    if (alpha === 255) return red;
  }
  throw new Error('nothing was drawn');
}

test('first as the photo has it, then a little aside; not for those who want less motion', async () => {
  const camera = async (still: boolean) => {
    root.unmount();
    root = createRoot(host);
    render('normals', 'home', 1, mesh, { photo: {}, still });
    const from = await firstRed();
    await new Promise((resolve) => setTimeout(resolve, 3200));
    return [from, (await colours())(0.5, 0.5)[0]];
  };
  // Red of the normals: which way the middle of the picture faces.
  const [start, end] = await camera(false);
  expect(Math.abs(start - 128)).toBeLessThan(8);
  expect(128 - end).toBeGreaterThan(20);
  const [first, last] = await camera(true);
  expect(Math.abs(first - 128)).toBeLessThan(4);
  expect(last).toBe(first);
});

test('who comes back to the figure finds it as it was left, until the camera is sent somewhere', async () => {
  const memory: ModelSceneProps['memory'] = { current: null };
  render('colour', 'back', 5, mesh, { memory });
  await look();
  root.unmount();
  root = createRoot(host);
  render('colour', 'front', 5, mesh, { memory });
  const { mean } = await look();
  expect(mean[1]).toBeGreaterThan(mean[0] * 2);
  render('colour', 'front', 6, mesh, { memory });
  await vi.waitFor(
    async () => {
      const front = (await look()).mean;
      expect(front[0]).toBeGreaterThan(front[1] * 2);
    },
    { timeout: 20_000 },
  );
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
