/**
 * `npm run validate-glb -- MESH.glb...`: the Khronos validator's messages and the topology of each file.
 * Exit code 0 only when every file is valid, closed and manifold.
 */
import { readFileSync } from 'node:fs';
import { explain, inputFile, readArgs, runCommand, UsageError } from './command-line.ts';
import { type GlbVerdict, inspectGlb } from './inspect-glb.ts';

const SEVERITIES = ['error', 'warning', 'information', 'hint'] as const;

function print(file: string, verdict: GlbVerdict): boolean {
  const { topology, sizeMeters } = verdict;
  const lines = [
    `${file}`,
    `  validator            ${verdict.errors} errors, ${verdict.warnings} warnings`,
    ...verdict.messages.map((m) => `    ${SEVERITIES[m.severity]} ${m.code} ${m.pointer ?? ''} ${m.message}`),
    `  vertices             ${topology.vertices} (${topology.looseVertices} unused)`,
    `  triangles            ${topology.triangles} (${topology.degenerateTriangles} degenerate)`,
    `  boundary edges       ${topology.boundaryEdges}`,
    `  non-manifold edges   ${topology.nonManifoldEdges}`,
    `  components           ${topology.components} (largest: ${topology.largestComponentTriangles} triangles)`,
    `  size                 ${sizeMeters.map((s) => s.toFixed(3)).join(' x ')} m`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return verdict.errors === 0 && topology.boundaryEdges === 0 && topology.nonManifoldEdges === 0;
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
