/** Opens a GLB with three.js' GLTFLoader and gives what it has, as the Python clients do. */
import { readFileSync } from 'node:fs';
import { Box3, type BufferAttribute, type Mesh, type MeshStandardMaterial, REVISION, Vector3 } from 'three';
import { MeshoptDecoder } from 'three/examples/jsm/libs/meshopt_decoder.module.js';
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js';
import type { Seen } from './compare.ts';
import type { Told } from './formats.ts';

/** What the loader has of the packed file (meshopt), with three.js' own decoder; a sentence where it has nothing. */
export async function packedByThree(path: string): Promise<Told | string> {
  const bytes = readFileSync(path);
  Object.assign(globalThis, { self: globalThis });
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const loader = new GLTFLoader().setMeshoptDecoder(MeshoptDecoder);
  const { scene } = await loader.parseAsync(buffer, '');
  const { min, max } = new Box3().setFromObject(scene, true);
  const mesh = scene.getObjectByProperty('isMesh', true) as Mesh | undefined;
  if (!mesh) return 'it has no mesh';
  const count = mesh.geometry.index?.count ?? 0;
  const attributes = Object.keys(mesh.geometry.attributes);
  return {
    version: `r${REVISION}`,
    height: max.y - min.y,
    floor: min.y,
    up: 'y',
    triangles: count / 3,
    closed: closedOf(mesh.geometry.index?.array ?? []),
    colours: attributes.includes('color') ? 'vertex colours' : 'none',
  };
}

/** Every edge in exactly two triangles, once each way. */
function closedOf(indices: ArrayLike<number>): boolean {
  const edges = new Set<number>();
  for (let t = 0; t < indices.length; t++) {
    const next = indices[t % 3 === 2 ? t - 2 : t + 1];
    const key = indices[t] * 2 ** 26 + next;
    if (edges.has(key)) return false;
    edges.add(key);
  }
  for (const key of edges) {
    if (!edges.has((key % 2 ** 26) * 2 ** 26 + Math.floor(key / 2 ** 26))) return false;
  }
  return true;
}

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
