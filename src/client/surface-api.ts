/**
 * Contract of the surface worker (comlink): screened Poisson in WebAssembly, and fewer triangles of what it made. The
 * arrays of a cloud are transferred, the caller's copies are gone; a mesh to simplify is copied. The worker can be
 * terminated at any time to cancel; start a new one for the next solve.
 */

import type { OrientedCloud } from '../base/cloud.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { SimplifiedMesh, SurfaceStats } from '../digitizer/types.ts';

export interface SurfaceOptions {
  /** 2^depth cells along the longest side of the padded bounding cube; 6 to 11. */
  readonly depth: number;
  /** Screening weight alpha; 16 by default. */
  readonly pointWeight: number;
  /**
   * Threads to use, the worker's own included; 0: as many as help on this machine (poisson/threads.ts). One where the
   * page is not cross-origin isolated. The mesh has the same bytes for any number.
   */
  readonly threads: number;
  /** Drop what no sample supports (poisson/trim.ts): the mesh is then open. */
  readonly trim: boolean;
}

export const DEFAULT_SURFACE_OPTIONS: SurfaceOptions = { depth: 9, pointWeight: 16, threads: 0, trim: false };

export type SurfaceProgress = (fraction: number, note: string) => void;

export interface SurfaceApi {
  /** @throws StageError E_BAD_CLOUD (empty, not finite, no normals, flat), E_MEMORY. */
  reconstruct(
    cloud: OrientedCloud,
    options: SurfaceOptions,
    onProgress: SurfaceProgress,
  ): Promise<{ readonly mesh: SurfaceMesh; readonly stats: SurfaceStats }>;
  /** @throws StageError as simplified-mesh.ts. */
  simplify(mesh: SurfaceMesh, triangles: number): Promise<SimplifiedMesh>;
}
