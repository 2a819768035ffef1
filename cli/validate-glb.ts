/**
 * `npm run validate-glb -- MESH.glb...`: the Khronos validator's messages, the topology of each file by its indices, and by
 * its geometry, where vertices in one place are one. Exit code 0 only when every file is valid, closed and manifold both
 * ways, has no triangle without area and none that cuts another one.
 */
import { readFileSync } from 'node:fs';
import { explain, inputFile, readArgs, runCommand, UsageError } from './command-line.ts';
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
    verdict.textured ? 0 : topology.boundaryEdges,
    topology.nonManifoldEdges,
    verdict.textured ? 0 : shape.doubledPositions,
    shape.flatTriangles,
    shape.intersectingTriangles,
    shape.boundaryEdges,
    shape.nonManifoldEdges,
  ];
  return faults.every((count) => count === 0);
}

const USAGE = `npm run validate-glb -- MESH.glb...
  Exit code 0 only when every file is valid, closed and manifold.
`;

async function main(): Promise<number | null> {
  const { values, positionals } = readArgs({});
  if (values.help) return null;
  if (positionals.length === 0) throw new UsageError('Give at least one GLB file.');
  let code = 0;
  for (const file of positionals) {
    try {
      inputFile(file, 'a mesh.glb of digitize, or another GLB', ['glb'], 'refuse');
      if (!print(file, await inspectGlb(readFileSync(file)))) code = 1;
    } catch (error) {
      // The others are looked at all the same.
      code = explain(file, USAGE, error);
    }
  }
  return code;
}

await runCommand('validate-glb', USAGE, main);
