/**
 * Contract of the surface worker (comlink): screened Poisson in WebAssembly, and fewer triangles of what it made. The
 * arrays of a cloud are transferred, the caller's copies are gone; a mesh to simplify is copied. The worker can be
 * terminated at any time to cancel; start a new one for the next solve.
 */

import {
  DEFAULT_SURFACE_OPTIONS,
  type SurfaceOptions,
  type SurfaceProgress,
} from '../../workers/poisson/types.ts';
import type { OrientedCloud } from '../base/cloud.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { SimplifiedMesh, SurfaceStats } from '../digitizer/types.ts';

export { DEFAULT_SURFACE_OPTIONS, type SurfaceOptions, type SurfaceProgress };

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
