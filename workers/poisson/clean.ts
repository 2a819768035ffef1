/**
 * After the solve: pieces that are no part of a figure go.
 *
 * A piece stays when it is not a bubble (its volume is positive) and has at least SMALLEST_SHARE of the triangles of
 * the largest piece.
 */

import { renumber, subsetMesh } from './mesh-subset.ts';
import { findPieces, type Pieces } from './topology.ts';
import type { SurfaceMesh } from './types.ts';

/** Share of the largest piece's triangles below which a piece is an island. */
const SMALLEST_SHARE = 0.01;

/** @returns per piece, 1 = stays, 0 = an island or a bubble. */
export function largePieces({ triangles, volumes }: Pick<Pieces, 'triangles' | 'volumes'>): Uint8Array {
  let largest = 0;
  for (let k = 0; k < triangles.length; k++) if (volumes[k] > 0) largest = Math.max(largest, triangles[k]);
  return Uint8Array.from(triangles, (n, k) => (volumes[k] > 0 && n >= largest * SMALLEST_SHARE ? 1 : 0));
}

/** Drops islands of a mesh that may be open, where a piece has no volume; unused vertices go too. */
export function withoutScraps(mesh: SurfaceMesh): { readonly mesh: SurfaceMesh; readonly pieces: number } {
  const pieces = findPieces(mesh.positions, mesh.indices);
  const largest = pieces.triangles.reduce((most, n) => Math.max(most, n), 0);
  const stays = pieces.triangles.map((n) => (n > 0 && n >= largest * SMALLEST_SHARE ? 1 : 0));
  const kept = stays.reduce((sum, n) => sum + n, 0);
  if (kept === pieces.count) return { mesh, pieces: kept };
  const vertexStays = Uint8Array.from(pieces.ofVertex, (piece) => stays[piece]);
  const { target, count, indices } = renumber(vertexStays, mesh.indices);
  return { mesh: subsetMesh(mesh, target, count, indices), pieces: kept };
}
