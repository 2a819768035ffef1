/**
 * After the solve: pieces that are no part of a figure go, and vertices without a sample near get a colour.
 *
 * A piece stays when it is not a bubble (its volume is positive) and has at least SMALLEST_SHARE of the triangles of
 * the largest piece.
 */
import type { SurfaceMesh } from '../../src/digitizer/types.ts';
import { renumber, subsetMesh, takeVertices } from './mesh-subset.ts';
import { findPieces, type Pieces } from './topology.ts';

/** Share of the largest piece's triangles below which a piece is an island. */
const SMALLEST_SHARE = 0.01;

/** A mesh as the module draws it. */
export interface RawMesh extends Omit<SurfaceMesh, 'confidence'> {
  /** Per vertex, 0 = no sample near enough for a colour. */
  readonly supported: Uint8Array<ArrayBuffer>;
  /** Per vertex, to the nearest sample, in spacings (confidence.ts). */
  readonly distances: Float32Array<ArrayBuffer>;
}

/** @returns per piece, 1 = stays, 0 = an island or a bubble. */
export function largePieces({ triangles, volumes }: Pick<Pieces, 'triangles' | 'volumes'>): Uint8Array {
  let largest = 0;
  for (let k = 0; k < triangles.length; k++) if (volumes[k] > 0) largest = Math.max(largest, triangles[k]);
  return Uint8Array.from(triangles, (n, k) => (volumes[k] > 0 && n >= largest * SMALLEST_SHARE ? 1 : 0));
}

/** The mesh of the pieces that stay. @param ofVertex piece of each vertex. */
export function takePieces(mesh: RawMesh, ofVertex: Uint32Array, stays: Uint8Array): RawMesh {
  const keep = Uint8Array.from(ofVertex, (piece) => stays[piece]);
  const { target, count, indices } = renumber(keep, mesh.indices);
  return {
    positions: takeVertices(mesh.positions, target, count),
    normals: takeVertices(mesh.normals, target, count),
    colours: takeVertices(mesh.colours, target, count),
    seen: takeVertices(mesh.seen, target, count),
    supported: takeVertices(mesh.supported, target, count),
    distances: takeVertices(mesh.distances, target, count),
    indices,
  };
}

/** Drops islands of a mesh that may be open, where a piece has no volume; unused vertices go too. */
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
 *
 * @param triangles those with a vertex that has none, ascending; found when left out.
 */
export function spreadColours(
  colours: Uint8Array,
  supported: Uint8Array,
  indices: Uint32Array,
  triangles?: Uint32Array,
): void {
  const known = supported.slice();
  const isOpen = (i: number) => !(known[indices[i]] && known[indices[i + 1]] && known[indices[i + 2]]);
  let open: number[] = triangles ? Array.from(triangles, (t) => t * 3) : [];
  if (!triangles) for (let i = 0; i < indices.length; i += 3) if (isOpen(i)) open.push(i);
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
    open = open.filter(isOpen);
  }
  for (let v = 0; v < known.length; v++) if (!known[v]) colours.fill(128, v * 3, v * 3 + 3);
}
