/** Reads the meshes that the peers write: binary little-endian PLY, positions float or double, triangles. */
import type { Mesh } from './measure.ts';

const SIZES: Readonly<Record<string, number>> = {
  float: 4,
  double: 8,
  uchar: 1,
  int: 4,
  uint: 4,
  uint8: 1,
  int32: 4,
  float32: 4,
  float64: 8,
  uint32: 4,
};

export function readPlyMesh(bytes: Uint8Array): Mesh {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 8192));
  const end = head.indexOf('end_header\n') + 'end_header\n'.length;
  if (!head.includes('format binary_little_endian') || end < 20) throw new Error('not a binary PLY');
  const vertices = Number(/element vertex (\d+)/.exec(head)?.[1]);
  const faces = Number(/element face (\d+)/.exec(head)?.[1]);
  const part = (from: string, to: string) => head.slice(head.indexOf(from), head.indexOf(to));
  const properties = [...part('element vertex', 'element face').matchAll(/property (\w+) (\w+)/g)];
  const stride = properties.reduce((sum, [, type]) => sum + SIZES[type], 0);
  const wide = properties[0][1] === 'double' || properties[0][1] === 'float64';
  const countBytes = SIZES[/property list (\w+)/.exec(head)?.[1] ?? ''];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const positions = new Float32Array(vertices * 3);
  let at = end;
  for (let v = 0; v < vertices; v++, at += stride) {
    for (let k = 0; k < 3; k++) {
      positions[v * 3 + k] = wide ? view.getFloat64(at + 8 * k, true) : view.getFloat32(at + 4 * k, true);
    }
  }
  const indices = new Uint32Array(faces * 3);
  for (let f = 0; f < faces; f++) {
    const corners = countBytes === 1 ? view.getUint8(at) : view.getUint32(at, true);
    if (corners !== 3) throw new Error(`a face has ${corners} corners`);
    at += countBytes;
    for (let k = 0; k < 3; k++, at += 4) indices[f * 3 + k] = view.getUint32(at, true);
  }
  return { positions, indices };
}
