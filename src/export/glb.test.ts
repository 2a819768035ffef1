import { createHash } from 'node:crypto';
import { NodeIO } from '@gltf-transform/core';
import { validateBytes } from 'gltf-validator';
import { describe, expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { writeGlb } from './glb.ts';
import type { MeshData } from './mesh-data.ts';
import { sphereMesh } from './mesh-fixtures.ts';
import { linearFromSrgb } from './srgb.ts';

const OPTIONS = { name: 'sphere', generator: 'Statuette test', extras: { triangles: 30, mode: 'robust' } };

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof StageError) return thrown.code;
    throw thrown;
  }
  return 'nothing thrown';
}

describe('writeGlb', () => {
  test.each([
    ['16-bit indices', sphereMesh(6, 9)],
    ['most vertices of 16-bit indices', sphereMesh(2, 65533)],
    ['over 65,535 vertices', sphereMesh(260, 260)],
  ])('passes the Khronos validator without errors and warnings: %s', async (_, mesh) => {
    const report = await validateBytes(writeGlb(mesh, OPTIONS), { maxIssues: 20 });
    expect(report.issues.messages.filter((m) => m.severity < 3)).toEqual([]);
    expect(report.info?.totalTriangleCount).toBe(mesh.indices.length / 3);
    expect(report.info?.totalVertexCount).toBe(mesh.seen.length);
  });

  test.each([
    ['16-bit indices', sphereMesh(6, 9)],
    ['32-bit indices', sphereMesh(260, 260)],
  ])('reads back as it was: %s', async (_, mesh) => {
    const document = await new NodeIO().readBinary(writeGlb(mesh, { ...OPTIONS, heightMeters: 1.8 }));
    const root = document.getRoot();
    expect(root.getAsset().extras).toEqual({ triangles: 30, mode: 'robust' });
    const primitive = root.listMeshes()[0].listPrimitives()[0];
    expect(primitive.getAttribute('POSITION')?.getArray()).toEqual(mesh.positions);
    expect(Uint32Array.from(primitive.getIndices()?.getArray() ?? [])).toEqual(mesh.indices);
    expect(primitive.getAttribute('_SEEN')?.getArray()).toEqual(Float32Array.from(mesh.seen, (v) => v / 255));
    expect(primitive.getAttribute('_CONFIDENCE')?.getArray()).toEqual(
      Float32Array.from(mesh.confidence, (v) => v / 255),
    );
    const normals = primitive.getAttribute('NORMAL')?.getArray() ?? [];
    let worst = 0;
    for (let i = 0; i < mesh.normals.length; i++)
      worst = Math.max(worst, Math.abs(normals[i] - mesh.normals[i]));
    expect(worst).toBeLessThan(1e-6);
    const colours = primitive.getAttribute('COLOR_0');
    const sample = [0, 0, 0, 0];
    for (const vertex of [0, 5, 17]) {
      colours?.getElement(vertex, sample);
      for (let c = 0; c < 3; c++) {
        expect(sample[c]).toBeCloseTo(linearFromSrgb(mesh.colours[vertex * 3 + c] / 255), 4);
      }
      expect(sample[3]).toBe(1);
    }
  });

  test('every attribute has a type that importers know: custom scalars are floats, nothing is a normalised byte', async () => {
    const document = await new NodeIO().readBinary(writeGlb(sphereMesh(6, 9), OPTIONS));
    const primitive = document.getRoot().listMeshes()[0].listPrimitives()[0];
    const types = primitive.listSemantics().map((name) => {
      const accessor = primitive.getAttribute(name)!;
      return [name, accessor.getType(), accessor.getComponentType(), accessor.getNormalized()];
    });
    // Blender takes custom scalars of type float and plain byte only (get_attribute_type in its io_scene_gltf2).
    expect(types).toEqual([
      ['POSITION', 'VEC3', 5126, false],
      ['NORMAL', 'VEC3', 5126, false],
      ['COLOR_0', 'VEC4', 5123, true],
      ['_SEEN', 'SCALAR', 5126, false],
      ['_CONFIDENCE', 'SCALAR', 5126, false],
    ]);
  });

  test('stands on y = 0 at the height asked for, centred, and 1.70 m tall when nobody says', async () => {
    const mesh = sphereMesh(6, 9);
    for (const [options, height] of [
      [OPTIONS, 1.7],
      [{ ...OPTIONS, heightMeters: 0.92 }, 0.92],
    ] as const) {
      const document = await new NodeIO().readBinary(writeGlb(mesh, options));
      const node = document.getRoot().listNodes()[0];
      const [scale] = node.getScale();
      const [, shiftY] = node.getTranslation();
      expect(shiftY + scale * -0.5).toBeCloseTo(0, 6);
      expect(shiftY + scale * 0.5).toBeCloseTo(height, 6);
    }
  });

  test('same mesh, same bytes, on every machine', () => {
    const bytes = writeGlb(sphereMesh(6, 9), OPTIONS);
    expect(bytes).toEqual(writeGlb(sphereMesh(6, 9), OPTIONS));
    const mesh = latticeMesh();
    expect(createHash('sha256').update(writeGlb(mesh, OPTIONS)).digest('hex')).toBe(
      '058807c95158566771c203457ff1ad4cd22cb640ac1484847b598b3073b625c7',
    );
  });

  test('makes normals unit length and gives vertices without a normal one', async () => {
    const mesh = sphereMesh(6, 9);
    const normals = mesh.normals.map((v) => v * 3);
    normals.set([0, 0, 0], 0);
    const report = await validateBytes(writeGlb({ ...mesh, normals }, OPTIONS));
    expect(report.issues.numErrors).toBe(0);
  });

  test('refuses what is not a mesh', () => {
    const mesh = sphereMesh(6, 9);
    const broken = (change: Partial<MeshData>) => codeOf(() => writeGlb({ ...mesh, ...change }, OPTIONS));
    const notFinite = mesh.positions.slice();
    notFinite[7] = Number.NaN;
    const infiniteNormal = mesh.normals.slice();
    infiniteNormal[4] = Number.POSITIVE_INFINITY;
    expect(broken({ positions: notFinite })).toBe('E_BAD_MESH');
    expect(broken({ normals: infiniteNormal })).toBe('E_BAD_MESH');
    expect(broken({ indices: Uint32Array.of(0, 1, 5000) })).toBe('E_BAD_MESH');
    expect(broken({ indices: new Uint32Array(0) })).toBe('E_BAD_MESH');
    expect(broken({ seen: new Uint8Array(3) })).toBe('E_BAD_MESH');
    expect(broken({ confidence: new Uint8Array(3) })).toBe('E_BAD_MESH');
    expect(broken({ positions: mesh.positions.map((v, i) => (i % 3 === 1 ? 0 : v)) })).toBe('E_BAD_MESH');
    const nothing = { ...mesh, positions: new Float32Array(0), indices: new Uint32Array(0) };
    expect(codeOf(() => writeGlb(nothing, OPTIONS))).toBe('E_BAD_MESH');
    expect(codeOf(() => writeGlb(mesh, { ...OPTIONS, heightMeters: 0 }))).toBe('E_BAD_MESH');
  });
});

/** Octahedron with exact coordinates: sine and cosine may differ in the last bit between machines. */
function latticeMesh(): MeshData {
  return {
    positions: Float32Array.of(1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1),
    normals: Float32Array.of(1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1),
    colours: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 128, 128, 128, 255, 255, 255),
    seen: Uint8Array.of(255, 255, 128, 128, 255, 0),
    confidence: Uint8Array.of(255, 200, 128, 64, 1, 0),
    indices: Uint32Array.of(0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5),
  };
}
