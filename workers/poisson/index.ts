/** What the package offers on every platform; node.ts adds threads and the module's file for Node. */
export { type DepthCamera, liesOnPixels, METHOD_CAMERA, methodCameraOf } from './camera.ts';
export { checkSurface, type SurfaceCheck, surfaceProblem } from './clouds/check-surface.ts';
export { estimateNormals } from './clouds/estimate-normals.ts';
export type { CloudFile } from './clouds/from-columns.ts';
export {
  type NormalSource,
  type PreparedCloud,
  type PrepareOptions,
  prepareCloud,
} from './clouds/prepare-cloud.ts';
export { readCloud } from './clouds/read-cloud.ts';
export { type Reconstruction, reconstruct } from './clouds/reconstruct.ts';
export { SurfaceError, type SurfaceErrorCode } from './failures.ts';
export { withSharedMemory } from './share-memory.mjs';
export { simplifyMesh } from './simplify.ts';
export { type PhaseTime, type SolveResult, solveSurface } from './solver.ts';
export {
  type AnyWorker,
  type HelperThread,
  type StartHelper,
  startThreadPool,
  type ThreadPool,
  type ThreadPoolLimits,
  whenReady,
} from './thread-pool.ts';
export { usefulThreads } from './threads.ts';
export { type EdgeReport, findPieces, type Pieces, reportEdges } from './topology.ts';
export {
  DEFAULT_SURFACE_OPTIONS,
  type OrientedCloud,
  type SurfaceMesh,
  type SurfaceOptions,
  type SurfaceProgress,
  type SurfaceStats,
} from './types.ts';
