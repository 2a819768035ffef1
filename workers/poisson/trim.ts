/**
 * Takes away what no sample supports: for measuring, or for someone who prefers a hole to a guess. The result is open; its
 * boundary edges are counted in the stats.
 *
 * A triangle goes when one of its vertices is farther than TRIM_SPACINGS from every sample, and so do the scraps that this
 * leaves. Two fans may then share a single vertex; every edge still has one or two triangles.
 */

import { withoutScraps } from './clean.ts';
import { renumber, subsetMesh } from './mesh-subset.ts';
import { findPieces } from './topology.ts';
import type { SurfaceMesh } from './types.ts';

/** Spacings of the cloud (confidence.ts) beyond which a vertex has no support. */
export const TRIM_SPACINGS = 8;

/**
 * @param distances per vertex to the nearest sample, in spacings (measureSupport).
 * @returns the trimmed mesh and its pieces; the same mesh where everything is supported.
 */
export function trimUnsupported(
  mesh: SurfaceMesh,
  distances: Float32Array,
): { readonly mesh: SurfaceMesh; readonly pieces: number } {
  const near = new Uint8Array(distances.length);
  for (let v = 0; v < near.length; v++) near[v] = distances[v] <= TRIM_SPACINGS ? 1 : 0;
  const left = renumber(near, mesh.indices);
  if (left.indices.length === mesh.indices.length) {
    return { mesh, pieces: findPieces(mesh.positions, mesh.indices).count };
  }
  const trimmed = subsetMesh(mesh, left.target, left.count, left.indices);
  return withoutScraps(trimmed);
}
