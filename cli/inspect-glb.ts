/** What a GLB is worth: the Khronos validator's verdict, the topology and the shape of its mesh. */
import { NodeIO } from '@gltf-transform/core';
import { type ValidationMessage, validateBytes } from 'gltf-validator';
import { type Shape, shapeOf, type Topology, topologyOf } from './mesh-topology.ts';

export interface GlbVerdict {
  readonly errors: number;
  readonly warnings: number;
  readonly messages: readonly ValidationMessage[];
  /** This and what follows: all zero when the validator found errors, such a file is not read further. */
  readonly topology: Topology;
  readonly shape: Shape;
  /** Whether vertices may lie in one place: a texture's seams double them. */
  readonly textured: boolean;
  /** Size of the box around the mesh as placed in the scene, m. */
  readonly sizeMeters: readonly [number, number, number];
}

const NO_MESH = {
  topology: topologyOf(0, []),
  shape: shapeOf(new Float32Array(0), []),
  textured: false,
  sizeMeters: [0, 0, 0],
} as const;

export async function inspectGlb(bytes: Uint8Array): Promise<GlbVerdict> {
  const report = await validateBytes(bytes, { maxIssues: 50, writeTimestamp: false });
  const { numErrors, numWarnings, messages } = report.issues;
  const verdict = { errors: numErrors, warnings: numWarnings, messages };
  if (numErrors > 0) return { ...verdict, ...NO_MESH };
  const document = await new NodeIO().readBinary(bytes);
  const node = document.getRoot().listNodes()[0];
  const primitive = document.getRoot().listMeshes()[0]?.listPrimitives()[0];
  const positions = primitive?.getAttribute('POSITION');
  const indices = primitive?.getIndices()?.getArray();
  if (!positions || !indices) return { ...verdict, ...NO_MESH };
  const min = positions.getMin([0, 0, 0]);
  const max = positions.getMax([0, 0, 0]);
  const scale = node?.getScale() ?? [1, 1, 1];
  const size = (axis: number) => (max[axis] - min[axis]) * scale[axis];
  return {
    ...verdict,
    topology: topologyOf(positions.getCount(), indices),
    shape: shapeOf(Float32Array.from(positions.getArray() ?? []), indices),
    textured: primitive.getAttribute('TEXCOORD_0') !== null,
    sizeMeters: [size(0), size(1), size(2)],
  };
}
