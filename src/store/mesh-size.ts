/** The sizes a mesh can be had in, and which of them the page shows. */
import type { SimplifiedReport } from '../digitizer/types.ts';
import type { ResourceId } from './resources.ts';

export const MESH_SIZES = ['full', '200k', '50k', '10k'] as const;
export type MeshSize = (typeof MESH_SIZES)[number];

/** Most triangles of each size; null: as many as the surface has. */
export const TRIANGLES_OF_SIZE: Readonly<Record<MeshSize, number | null>> = {
  full: null,
  '200k': 200_000,
  '50k': 50_000,
  '10k': 10_000,
};

export interface SimplifiedEntry {
  readonly mesh: ResourceId<'mesh'>;
  readonly report: SimplifiedReport;
}

/** By size; `full` is the run's own mesh and never among them. */
export type SimplifiedEntries = Readonly<Partial<Record<MeshSize, SimplifiedEntry>>>;

/** The whole surface has no more triangles than that: there is nothing to make. */
export function isAlreadyThatSmall(size: MeshSize, surfaceTriangles: number): boolean {
  const most = TRIANGLES_OF_SIZE[size];
  return most !== null && surfaceTriangles <= most;
}
