/** What goes into a solve and what comes out. */
import type { DepthCamera } from './camera.ts';

/** A point cloud with normals; the arrays stay the caller's. */
export interface OrientedCloud {
  readonly count: number;
  /** 3 per point, in any unit; with a camera in its frame: x right, y up, z toward the camera. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** Pointing out of the body, of any length; 0 where a point has none. 3 per point. */
  readonly normals: Float32Array<ArrayBuffer>;
  /** sRGB, 3 per point. */
  readonly colours: Uint8Array<ArrayBuffer>;
  /** 0 = seen, 1 = guessed: decides `seen` and `confidence` of the mesh. */
  readonly sides: Uint8Array<ArrayBuffer>;
}

/** Closed and manifold unless trimmed; triangles counter-clockwise seen from outside. */
export interface SurfaceMesh {
  readonly positions: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  /** sRGB, 3 per vertex. */
  readonly colours: Uint8Array<ArrayBuffer>;
  /** Per vertex, 0 = guessed .. 255 = seen. */
  readonly seen: Uint8Array<ArrayBuffer>;
  /** Per vertex, 0 = far from every sample .. 255 = seen, with a sample beside it (confidence.ts). */
  readonly confidence: Uint8Array<ArrayBuffer>;
  readonly indices: Uint32Array<ArrayBuffer>;
}

export interface SurfaceStats {
  readonly points: number;
  readonly vertices: number;
  readonly triangles: number;
  readonly boundaryEdges: number;
  readonly nonManifoldEdges: number;
  readonly components: number;
  readonly elapsedMs: number;
  readonly peakBytes: number;
  readonly threads: number;
}

export interface SurfaceOptions {
  /** 2^depth cells along the longest side of the padded bounding cube; 6 to 11. */
  readonly depth: number;
  /** Screening weight alpha; 16 by default. */
  readonly pointWeight: number;
  /** Threads to use, the caller's own included; 0: as many as help on this machine (threads.ts). The mesh has the same bytes for any number. */
  readonly threads: number;
  /** Drop what no sample supports (trim.ts): the mesh is then open. */
  readonly trim: boolean;
  /**
   * Says that the points are the pixels of depth maps of this camera, front and back: their areas are then known exactly, flying
   * pixels lose their weight, and the mesh keeps inside the silhouette. Left out: areas come from the density.
   */
  readonly camera?: DepthCamera;
}

export const DEFAULT_SURFACE_OPTIONS: SurfaceOptions = { depth: 9, pointWeight: 16, threads: 0, trim: false };

export type SurfaceProgress = (fraction: number, note: string) => void;
