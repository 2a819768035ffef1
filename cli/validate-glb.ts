/**
 * `npm run validate-glb -- MESH.glb...`: the Khronos validator's messages, the topology of each file by its indices, and by
 * its geometry, where vertices in one place are one. Exit code 0 only when every file is valid, closed and manifold both
 * ways, has no triangle without area and none that cuts another one.
 */
import { readFileSync } from 'node:fs';
import { type GlbVerdict, inspectGlb } from './inspect-glb.ts';

const SEVERITIES = ['error', 'warning', 'information', 'hint'] as const;

function print(file: string, verdict: GlbVerdict): boolean {
  const { topology, shape, sizeMeters } = verdict;
  const lines = [
    `${file}`,
    `  validator            ${verdict.errors} errors, ${verdict.warnings} warnings`,
    ...verdict.messages.map((m) => `    ${SEVERITIES[m.severity]} ${m.code} ${m.pointer ?? ''} ${m.message}`),
    `  vertices             ${topology.vertices} (${topology.looseVertices} unused)`,
    `  triangles            ${topology.triangles} (${topology.degenerateTriangles} degenerate)`,
    `  boundary edges       ${topology.boundaryEdges}`,
    `  non-manifold edges   ${topology.nonManifoldEdges}`,
    `  by geometry          ${shape.doubledPositions} doubled positions, ${shape.flatTriangles} triangles without area, ` +
      `${shape.intersectingTriangles} that cut another, ${shape.boundaryEdges} boundary edges, ${shape.nonManifoldEdges} non-manifold`,
    `  components           ${topology.components} (largest: ${topology.largestComponentTriangles} triangles)`,
    `  size                 ${sizeMeters.map((s) => s.toFixed(3)).join(' x ')} m`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const faults = [
    verdict.errors,
    topology.boundaryEdges,
    topology.nonManifoldEdges,
    verdict.textured ? 0 : shape.doubledPositions,
    shape.flatTriangles,
    shape.intersectingTriangles,
    shape.boundaryEdges,
    shape.nonManifoldEdges,
  ];
  return faults.every((count) => count === 0);
}

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write('npm run validate-glb -- MESH.glb...\n');
  process.exitCode = 2;
}
for (const file of files) {
  try {
    if (!print(file, await inspectGlb(readFileSync(file)))) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
