/**
 * Contract of the surface worker (comlink): screened Poisson in WebAssembly, and fewer triangles of what it made. The
 * arrays of a cloud are transferred, the caller's copies are gone; a mesh to simplify is copied. The worker can be
 * terminated at any time to cancel; start a new one for the next solve.
 */
import type { SimplifiedMesh, SurfaceMesh, SurfaceStats } from '../src/digitizer/types.ts';
import type { OrientedCloud } from '../src/gpu/kernel-set.ts';
import { DEFAULT_SURFACE_OPTIONS, type SurfaceOptions, type SurfaceProgress } from './poisson/types.ts';

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
