import { NodeIO } from '@gltf-transform/core';
import { validateBytes } from 'gltf-validator';
import { expect, test } from 'vitest';
import type { EncodedPicture, TexturedMesh } from '../base/textured-mesh.ts';
import { sphereMesh } from './mesh-fixtures.ts';
import { encodeRgbaPng } from './png.ts';
import { writeTexturedGlb } from './textured-glb.ts';

const picture = (value: number): EncodedPicture => {
  const data = new Uint8ClampedArray(16 * 16 * 4).fill(value);
  return { mime: 'image/png', width: 16, height: 16, bytes: encodeRgbaPng({ width: 16, height: 16, data }) };
};

/** A ball in one chart that is cut from pole to pole: the first column is there twice. */
function texturedSphere(columns: number, rows: number): TexturedMesh {
  const mesh = sphereMesh(columns, rows);
  const count = mesh.seen.length;
  return {
    positions: mesh.positions,
    normals: mesh.normals,
    uvs: Float32Array.from({ length: count * 2 }, (_, i) => ((i * 37) % 101) / 101),
    tangents: Float32Array.from({ length: count * 4 }, (_, i) => (i % 4 === 0 || i % 4 === 3 ? 1 : 0)),
    indices: mesh.indices,
    sources: Uint32Array.from({ length: count }, (_, v) => v),
    mesh,
    colour: picture(200),
    normal: picture(128),
    notices: [],
  };
}

/** Value by value; a matcher takes a minute for so many. */
const same = (a: ArrayLike<number> | null | undefined, b: ArrayLike<number>) =>
  a?.length === b.length && Array.prototype.every.call(b, (value, i) => a[i] === value);

test.each([
  ['16-bit indices', texturedSphere(12, 9)],
  ['over 65,535 vertices', texturedSphere(260, 260)],
])('passes the Khronos validator and reads back: %s', async (_, textured) => {
  const bytes = writeTexturedGlb(textured, { name: 'ball', generator: 'test', heightMeters: 1.8 });
  const report = await validateBytes(bytes, { maxIssues: 20 });
  expect(report.issues.messages.filter((m) => m.severity < 2)).toEqual([]);
  const root = (await new NodeIO().readBinary(bytes)).getRoot();
  expect(root.listMaterials().length).toBe(1);
  const [material] = root.listMaterials();
  expect(same(material.getBaseColorTexture()?.getImage(), textured.colour.bytes)).toBe(true);
  expect(same(material.getNormalTexture()?.getImage(), textured.normal.bytes)).toBe(true);
  const primitive = root.listMeshes()[0].listPrimitives()[0];
  expect(primitive.getAttribute('COLOR_0')).toBeNull();
  expect(same(primitive.getAttribute('TEXCOORD_0')?.getArray(), textured.uvs)).toBe(true);
  expect(same(primitive.getAttribute('TANGENT')?.getArray(), textured.tangents)).toBe(true);
  expect(same(Uint32Array.from(primitive.getIndices()?.getArray() ?? []), textured.indices)).toBe(true);
  const height = textured.positions.filter((_, i) => i % 3 === 1);
  const scale = root.listNodes()[0].getScale()[1];
  expect(
    scale * (Math.max(...height.slice(0, 1000)) - Math.min(...height.slice(0, 1000))),
  ).toBeLessThanOrEqual(1.8001);
});
