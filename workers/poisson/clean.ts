/**
 * After the solve: pieces that are no part of a figure go, and vertices without a sample near get a colour.
 *
 * A piece stays when it is not a bubble (its volume is positive) and has at least SMALLEST_SHARE of the triangles of
 * the largest piece.
 */
import type { SurfaceMesh } from '../../src/digitizer/types.ts';
import { renumber, subsetMesh, takeVertices } from './mesh-subset.ts';
import { findPieces } from './topology.ts';

/** Share of the largest piece's triangles below which a piece is an island. */
const SMALLEST_SHARE = 0.01;

/** A mesh as the module draws it. */
export interface RawMesh extends Omit<SurfaceMesh, 'confidence'> {
  /** Per vertex, 0 = no sample near enough for a colour. */
  readonly supported: Uint8Array<ArrayBuffer>;
}

/** Drops islands and bubbles. Returns the same mesh where there are none. */
export function keepLargePieces(mesh: RawMesh): { readonly mesh: RawMesh; readonly pieces: number } {
  const pieces = findPieces(mesh.positions, mesh.indices);
  let largest = 0;
  for (let k = 0; k < pieces.count; k++) {
    if (pieces.volumes[k] > 0) largest = Math.max(largest, pieces.triangles[k]);
  }
  const keep = Array.from(
    { length: pieces.count },
    (_, k) => pieces.volumes[k] > 0 && pieces.triangles[k] >= largest * SMALLEST_SHARE,
  );
  const kept = keep.filter(Boolean).length;
  if (kept === pieces.count || kept === 0) return { mesh, pieces: kept };

  const stays = new Uint8Array(mesh.positions.length / 3);
  for (let v = 0; v < stays.length; v++) stays[v] = keep[pieces.ofVertex[v]] ? 1 : 0;
  const { target, count, indices } = renumber(stays, mesh.indices);
  return {
    pieces: kept,
    mesh: {
      positions: takeVertices(mesh.positions, target, count),
      normals: takeVertices(mesh.normals, target, count),
      colours: takeVertices(mesh.colours, target, count),
      seen: takeVertices(mesh.seen, target, count),
      supported: takeVertices(mesh.supported, target, count),
      indices,
    },
  };
}

/** Like keepLargePieces for a mesh that may be open, where a piece has no volume; unused vertices go too. */
export function withoutScraps(mesh: SurfaceMesh): { readonly mesh: SurfaceMesh; readonly pieces: number } {
  const pieces = findPieces(mesh.positions, mesh.indices);
  const largest = pieces.triangles.reduce((most, n) => Math.max(most, n), 0);
  const stays = pieces.triangles.map((n) => (n > 0 && n >= largest * SMALLEST_SHARE ? 1 : 0));
  const kept = stays.reduce((sum, n) => sum + n, 0);
  if (kept === pieces.count) return { mesh, pieces: kept };
  const keep = Uint8Array.from(pieces.ofVertex, (piece) => stays[piece]);
  const { target, count, indices } = renumber(keep, mesh.indices);
  return { mesh: subsetMesh(mesh, target, count, indices), pieces: kept };
}

/**
 * Colours the vertices that have none: ring by ring, each takes the mean of its coloured neighbours. In place.
 * Vertices of a piece without any colour become mid grey.
 */
export function spreadColours(colours: Uint8Array, supported: Uint8Array, indices: Uint32Array): void {
  const known = supported.slice();
  let open: number[] = [];
  for (let i = 0; i < indices.length; i += 3) {
    if (!(known[indices[i]] && known[indices[i + 1]] && known[indices[i + 2]])) open.push(i);
  }
  const sums = new Map<number, [number, number, number, number]>();
  while (open.length > 0) {
    sums.clear();
    for (const i of open) {
      for (let k = 0; k < 3; k++) {
        const v = indices[i + k];
        if (known[v]) continue;
        for (let j = 1; j < 3; j++) {
          const other = indices[i + ((k + j) % 3)];
          if (!known[other]) continue;
          const sum = sums.get(v) ?? [0, 0, 0, 0];
          for (let c = 0; c < 3; c++) sum[c] += colours[other * 3 + c];
          sum[3]++;
          sums.set(v, sum);
        }
      }
    }
    if (sums.size === 0) break;
    for (const [v, sum] of sums) {
      for (let c = 0; c < 3; c++) colours[v * 3 + c] = Math.round(sum[c] / sum[3]);
      known[v] = 255;
    }
    open = open.filter((i) => !(known[indices[i]] && known[indices[i + 1]] && known[indices[i + 2]]));
  }
  for (let v = 0; v < known.length; v++) if (!known[v]) colours.fill(128, v * 3, v * 3 + 3);
}
