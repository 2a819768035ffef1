/** Opens a GLB with three.js' GLTFLoader and gives what it has, as the Python clients do. */
import { readFileSync } from 'node:fs';
import { type BufferAttribute, type Mesh, type MeshStandardMaterial, REVISION, Vector3 } from 'three';
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js';
import type { Seen } from './compare.ts';

/** @returns null where the loader finds no mesh. */
export async function seenByThree(path: string): Promise<Seen | null> {
  const bytes = readFileSync(path);
  // The loader asks for the browser's global object; without textures it uses nothing of it.
  Object.assign(globalThis, { self: globalThis });
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const gltf = await new GLTFLoader().parseAsync(buffer, '');
  gltf.scene.updateMatrixWorld(true);
  let found: Mesh | null = null;
  gltf.scene.traverse((node) => {
    if ((node as Mesh).isMesh) found = node as Mesh;
  });
  if (!found) return null;
  const { geometry, material, matrixWorld } = found as Mesh;
  const position = geometry.getAttribute('position');
  const normal = geometry.getAttribute('normal');
  const colour = geometry.getAttribute('color');
  const vertices = new Float32Array(position.count * 9).fill(Number.NaN);
  const at = new Vector3();
  for (let v = 0; v < position.count; v++) {
    at.fromBufferAttribute(position, v)
      .applyMatrix4(matrixWorld)
      .toArray(vertices, v * 9);
    if (colour) for (let k = 0; k < 3; k++) vertices[v * 9 + 3 + k] = colour.getComponent(v, k) * 255;
    if (normal) at.fromBufferAttribute(normal, v).toArray(vertices, v * 9 + 6);
  }
  return {
    version: `r${REVISION}`,
    up: 'y',
    triangles: (geometry.index?.count ?? 0) / 3,
    material: (material as MeshStandardMaterial).name,
    manifold: null,
    colours: 'linear',
    attributes: Object.entries(geometry.attributes)
      .filter(([name]) => name.startsWith('_'))
      .map(([name, { array }]) => `${name} ${(array as BufferAttribute['array']).constructor.name}`),
    vertices,
  };
}
