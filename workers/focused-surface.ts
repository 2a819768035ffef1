/** A solve whose mesh is refined where it matters: face and hands (poisson/refine.ts). */

import type { DepthCamera } from './poisson/camera.ts';
import { type Focus, refineMesh } from './poisson/refine.ts';
import { findPieces, reportEdges } from './poisson/topology.ts';
import type { OrientedCloud, SurfaceMesh, SurfaceStats } from './poisson/types.ts';

/** Deepest grid whose mesh is kept to MOST_TRIANGLES: who asks for a deeper one wants all of it. */
const CAPPED_DEPTH = 9;
const MOST_TRIANGLES = 400_000;

export interface Solved {
  readonly mesh: SurfaceMesh;
  readonly stats: SurfaceStats;
  /** Of the finest grid. */
  readonly cell: number;
}

/** @param depth that was asked for. */
export async function withFocus(
  { mesh, stats, cell }: Solved,
  cloud: OrientedCloud,
  camera: DepthCamera,
  focuses: readonly Focus[],
  depth: number,
): Promise<{ mesh: SurfaceMesh; stats: SurfaceStats }> {
  const since = performance.now();
  const triangles = depth <= CAPPED_DEPTH ? MOST_TRIANGLES : Number.POSITIVE_INFINITY;
  const refined = await refineMesh(mesh, cloud, camera, focuses, { cell, triangles });
  if (refined === mesh) return { mesh, stats };
  const vertices = refined.positions.length / 3;
  const edges = reportEdges(refined.indices, vertices);
  return {
    mesh: refined,
    stats: {
      ...stats,
      vertices,
      triangles: refined.indices.length / 3,
      boundaryEdges: edges.boundary,
      nonManifoldEdges: edges.nonManifold,
      components: findPieces(refined.positions, refined.indices).count,
      elapsedMs: stats.elapsedMs + performance.now() - since,
    },
  };
}
