/** A mesh with fewer triangles, with the counts that say what became of it: still closed, still one figure. */

import { StageError } from '../src/base/errors.ts';
import type { SurfaceMesh } from '../src/base/mesh.ts';
import type { SimplifiedMesh } from '../src/digitizer/types.ts';
import { simplifyMesh } from './poisson/simplify.ts';
import { findPieces, reportEdges } from './poisson/topology.ts';

/**
 * @param triangles most triangles wanted; a mesh that has no more comes back as it is.
 * @throws StageError E_BAD_MESH when nothing is left, E_MEMORY.
 */
export async function simplifiedMesh(mesh: SurfaceMesh, triangles: number): Promise<SimplifiedMesh> {
  const since = performance.now();
  const fewer = await simplifyMesh(mesh, triangles).catch((cause: unknown) => {
    throw isOutOfMemory(cause)
      ? new StageError('surface', 'E_MEMORY', 'There is not enough memory to make the mesh smaller.', {
          fix: 'Close other tabs, or choose a coarser surface first. The whole mesh is still there.',
          cause,
        })
      : cause;
  });
  if (fewer.indices.length === 0) {
    throw new StageError(
      'surface',
      'E_BAD_MESH',
      `Nothing is left of the figure with ${triangles} triangles.`,
      {
        fix: 'Ask for more triangles. The whole mesh is still there.',
      },
    );
  }
  const vertices = fewer.positions.length / 3;
  const edges = reportEdges(fewer.indices, vertices);
  return {
    mesh: fewer,
    report: {
      wantedTriangles: triangles,
      vertices,
      triangles: fewer.indices.length / 3,
      boundaryEdges: edges.boundary,
      nonManifoldEdges: edges.nonManifold,
      components: findPieces(fewer.positions, fewer.indices).count,
      elapsedMs: performance.now() - since,
    },
  };
}

/** Arrays that cannot be made, and a WebAssembly memory that cannot grow (its code then traps). */
function isOutOfMemory(thrown: unknown): boolean {
  return thrown instanceof RangeError || thrown instanceof WebAssembly.RuntimeError;
}
