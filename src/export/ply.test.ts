import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { cloudOfMesh, sphereMesh } from './mesh-fixtures.ts';
import { writeCloudPly, writeMeshPly } from './ply.ts';

/** Reads what a PLY says of itself, with nothing of the writer's: type sizes and offsets from the header alone. */
function readPly(bytes: Uint8Array) {
  const marker = 'end_header\n';
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 2000));
  const start = text.indexOf(marker) + marker.length;
  const lines = text.slice(0, start).split('\n');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const elements: { name: string; count: number; properties: string[][] }[] = [];
  for (const line of lines) {
    const words = line.split(' ');
    if (words[0] === 'element') elements.push({ name: words[1], count: Number(words[2]), properties: [] });
    if (words[0] === 'property') elements[elements.length - 1].properties.push(words.slice(1));
  }
  let at = start;
  const read = (type: string): number => {
    const value =
      type === 'float'
        ? view.getFloat32(at, true)
        : type === 'uint'
          ? view.getUint32(at, true)
          : view.getUint8(at);
    at += type === 'uchar' ? 1 : 4;
    return value;
  };
  const rows: Record<string, Record<string, number | number[]>[]> = {};
  for (const { name, count, properties } of elements) {
    rows[name] = Array.from({ length: count }, () =>
      Object.fromEntries(
        properties.map((p) =>
          p[0] === 'list' ? [p[3], Array.from({ length: read(p[1]) }, () => read(p[2]))] : [p[1], read(p[0])],
        ),
      ),
    );
  }
  return { lines, rows, leftOver: bytes.length - at };
}

describe('PLY', () => {
  test('a mesh reads back as it was', () => {
    const mesh = sphereMesh(6, 9);
    const { rows, leftOver } = readPly(writeMeshPly(mesh));
    expect(leftOver).toBe(0);
    expect(rows.vertex.flatMap((v) => [v.x, v.y, v.z])).toEqual([...mesh.positions]);
    expect(rows.vertex.flatMap((v) => [v.nx, v.ny, v.nz])).toEqual([...mesh.normals]);
    expect(rows.vertex.flatMap((v) => [v.red, v.green, v.blue])).toEqual([...mesh.colours]);
    expect(rows.vertex.map((v) => (v.quality as number) * 255)).toEqual([...mesh.seen]);
    expect(rows.vertex.map((v) => Math.round((v.confidence as number) * 255))).toEqual([...mesh.confidence]);
    expect(rows.face.flatMap((f) => f.vertex_indices)).toEqual([...mesh.indices]);
  });

  test('a cloud reads back as it was, front 1 and back 0', () => {
    const cloud = cloudOfMesh(sphereMesh(6, 9));
    const { rows, leftOver } = readPly(writeCloudPly(cloud));
    expect(leftOver).toBe(0);
    expect(rows.vertex.flatMap((v) => [v.x, v.y, v.z])).toEqual([...cloud.positions]);
    expect(rows.vertex.map((v) => v.quality)).toEqual([...cloud.sides].map((s) => 1 - s));
    expect(rows.face).toBeUndefined();
  });

  test('a mesh over 65,535 vertices keeps its last triangle', () => {
    const mesh = sphereMesh(260, 260);
    const bytes = writeMeshPly(mesh);
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(bytes.length - 4, true)).toBe(mesh.indices[mesh.indices.length - 1]);
  });

  test('comments cannot break the header', () => {
    const { lines, rows } = readPly(
      writeMeshPly(sphereMesh(3, 4), { comments: ['metres\nelement vertex 9', 'Zoë'] }),
    );
    expect(lines).toContain('comment metres element vertex 9');
    expect(rows.vertex).toHaveLength(10);
  });

  test('same data, same bytes', () => {
    const mesh = {
      positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0),
      normals: Float32Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1),
      colours: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255),
      seen: Uint8Array.of(255, 0, 255),
      confidence: Uint8Array.of(255, 128, 0),
      indices: Uint32Array.of(0, 1, 2),
    };
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect([hash(writeMeshPly(mesh)), hash(writeCloudPly(cloudOfMesh(mesh)))]).toEqual([
      'c025b5224d982dce61fd53f72c670823e434c6a7ad1003c6b24ad6c126cec81a',
      '9b5c7991e989b3f9a5eb4e5fd3ebe2700d0eb063bfc8334185e41794d281196c',
    ]);
  });

  test('refuses the empty and the not finite', () => {
    const mesh = sphereMesh(3, 4);
    const cloud = cloudOfMesh(mesh);
    const positions = mesh.positions.slice();
    positions[2] = Number.NaN;
    expect(() => writeMeshPly({ ...mesh, indices: new Uint32Array(0) })).toThrow(/empty/);
    expect(() => writeMeshPly({ ...mesh, positions })).toThrow(/Vertex 0 has no finite position/);
    expect(() => writeCloudPly({ ...cloud, count: 0 })).toThrow(/empty/);
    expect(() => writeCloudPly({ ...cloud, count: 11 })).toThrow(/shorter/);
    expect(() => writeCloudPly({ ...cloud, positions })).toThrow(/Point 0 is not finite/);
  });
});
