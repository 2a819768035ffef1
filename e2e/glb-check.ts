/** Judges a GLB: the Khronos validator's errors, triangles, open and non-manifold edges, height on the ground. */

import { NodeIO } from '@gltf-transform/core';
import { validateBytes } from 'gltf-validator';

export interface GlbFacts {
  readonly errors: readonly string[];
  readonly triangles: number;
  readonly boundaryEdges: number;
  readonly nonManifoldEdges: number;
  readonly heightMeters: number;
  readonly lowestMeters: number;
}

export async function checkGlb(bytes: Uint8Array): Promise<GlbFacts> {
  const verdict = await validateBytes(new Uint8Array(bytes));
  const errors = verdict.issues.messages
    .filter((m: { severity: number }) => m.severity === 0)
    .map((m: { code: string; message: string }) => `${m.code}: ${m.message}`);
  const document = await new NodeIO().readBinary(new Uint8Array(bytes));
  const node = document.getRoot().listNodes()[0];
  const primitive = document.getRoot().listMeshes()[0].listPrimitives()[0];
  const indices = primitive.getIndices()?.getArray();
  const positions = primitive.getAttribute('POSITION')?.getArray();
  if (!indices || !positions) throw new Error('the GLB has no indexed triangles');

  // Each directed edge must occur once, and its reverse once: then every edge has two faces that agree.
  const vertexCount = positions.length / 3;
  const edges = new Map<number, number>();
  for (let i = 0; i < indices.length; i += 3) {
    for (let k = 0; k < 3; k++) {
      const edge = indices[i + k] * vertexCount + indices[i + ((k + 1) % 3)];
      edges.set(edge, (edges.get(edge) ?? 0) + 1);
    }
  }
  let boundaryEdges = 0;
  let nonManifoldEdges = 0;
  for (const [edge, count] of edges) {
    const reverse = (edge % vertexCount) * vertexCount + Math.floor(edge / vertexCount);
    if (!edges.has(reverse)) boundaryEdges++;
    if (count > 1) nonManifoldEdges++;
  }
  const scale = node.getWorldScale()[1];
  const lift = node.getWorldTranslation()[1];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < positions.length; i += 3) {
    low = Math.min(low, positions[i]);
    high = Math.max(high, positions[i]);
  }
  return {
    errors,
    triangles: indices.length / 3,
    boundaryEdges,
    nonManifoldEdges,
    heightMeters: (high - low) * scale,
    lowestMeters: low * scale + lift,
  };
}
