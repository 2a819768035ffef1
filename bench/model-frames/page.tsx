/** Page of the frame benchmark: the figure's view and a bare three.js scene draw the same mesh in turn, and count their frames. */
import { createRoot } from 'react-dom/client';
import {
  BufferAttribute,
  BufferGeometry,
  DirectionalLight,
  HemisphereLight,
  Mesh,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  WebGLRenderer,
} from 'three';
import type { SurfaceMesh } from '../../src/base/mesh.ts';
import { linearVertexColours } from '../../src/scene/colour.ts';
import { ModelScene } from '../../src/scene/model-scene.tsx';

/** Twice the square of it: just over a million triangles. */
const SIDE = 708;

function ellipsoid(n: number): SurfaceMesh {
  const count = (n + 1) ** 2;
  const positions = new Float32Array(count * 3);
  const normals = new Float32Array(count * 3);
  const colours = new Uint8Array(count * 3).fill(160);
  const indices = new Uint32Array(n * n * 6);
  for (let i = 0, v = 0; i <= n; i++) {
    for (let j = 0; j <= n; j++, v++) {
      const [theta, phi] = [(i / n) * Math.PI, (j / n) * 2 * Math.PI];
      const p = [Math.sin(theta) * Math.sin(phi), Math.cos(theta), Math.sin(theta) * Math.cos(phi)];
      positions.set([p[0] * 0.2, p[1] * 0.5, p[2] * 0.2], v * 3);
      normals.set(p, v * 3);
    }
  }
  for (let i = 0, k = 0; i < n; i++) {
    for (let j = 0; j < n; j++, k += 6) {
      const a = i * (n + 1) + j;
      indices.set([a, a + n + 1, a + 1, a + 1, a + n + 1, a + n + 2], k);
    }
  }
  const bytes = new Uint8Array(count);
  return { positions, normals, colours, seen: bytes, confidence: bytes, indices };
}

const mesh = ellipsoid(SIDE);
const view = document.querySelector('#view') as HTMLElement;

/** Draws of the whole mesh, whoever makes them. */
let drawn = 0;
const { drawElements } = WebGL2RenderingContext.prototype;
WebGL2RenderingContext.prototype.drawElements = function (mode, count, type, offset) {
  if (count === mesh.indices.length) drawn++;
  drawElements.call(this, mode, count, type, offset);
};

const seconds = (s: number) => new Promise((resolve) => setTimeout(resolve, s * 1000));

/** Frames in so many seconds, after the first few are drawn: shaders and buffers are there then. */
async function framesIn(s: number): Promise<number> {
  const before = drawn;
  while (drawn < before + 3) await seconds(0.05);
  const [from, start] = [drawn, performance.now()];
  await seconds(s);
  return ((drawn - from) * 1000) / (performance.now() - start);
}

async function ours(s: number): Promise<number> {
  const root = createRoot(view);
  root.render(
    <ModelScene
      mesh={mesh}
      shading="colour"
      command={{ pose: 'front', serial: 1 }}
      turning
      still
      keys={null}
      onPick={() => {}}
    />,
  );
  const frames = await framesIn(s);
  root.unmount();
  await seconds(0.6);
  return frames;
}

async function bare(s: number): Promise<number> {
  const renderer = new WebGLRenderer({ antialias: true, alpha: true });
  renderer.setSize(view.clientWidth, view.clientHeight);
  view.append(renderer.domElement);
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(mesh.positions, 3));
  geometry.setAttribute('normal', new BufferAttribute(mesh.normals, 3));
  geometry.setAttribute('color', new BufferAttribute(linearVertexColours(mesh.colours), 4, true));
  geometry.setIndex(new BufferAttribute(mesh.indices, 1));
  const material = new MeshStandardMaterial({ vertexColors: true, roughness: 0.9 });
  const scene = new Scene();
  scene.add(new Mesh(geometry, material), new HemisphereLight('#fffaf4', '#6f675f', 2.85));
  for (const [x, y, z] of [
    [1, 1, 0.6],
    [-1, 0.2, 0.7],
    [-0.7, 0.7, -1],
  ]) {
    const lamp = new DirectionalLight('#ffffff', 0.7);
    lamp.position.set(x, y, z);
    scene.add(lamp);
  }
  const camera = new PerspectiveCamera(28, 1, 0.01, 20);
  let going = true;
  const frame = () => {
    if (!going) return;
    const angle = performance.now() / 2500;
    camera.position.set(2.5 * Math.sin(angle), 0, 2.5 * Math.cos(angle));
    camera.lookAt(0, 0, 0);
    renderer.render(scene, camera);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const frames = await framesIn(s);
  going = false;
  geometry.dispose();
  material.dispose();
  renderer.dispose();
  renderer.forceContextLoss();
  renderer.domElement.remove();
  await seconds(0.6);
  return frames;
}

async function runPair(s: number): Promise<{ ours: number; bare: number }> {
  return { ours: await ours(s), bare: await bare(s) };
}

Object.assign(globalThis, { runPair, triangles: mesh.indices.length / 3 });
