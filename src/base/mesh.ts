/** Triangle meshes, as the surface solver makes them and the viewer and the exporters take them. */

/** In the frame of OrientedCloud. Typed arrays are transferred between workers. */
export interface SurfaceMesh {
  readonly positions: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  /** sRGB, 3 per vertex. */
  readonly colours: Uint8Array<ArrayBuffer>;
  /** Per vertex, 0 = guessed (back, gaps) .. 255 = seen in the photo. */
  readonly seen: Uint8Array<ArrayBuffer>;
  /** Per vertex, 0 = far from every sample .. 255 = seen, with a sample beside it (workers/poisson/confidence.ts). */
  readonly confidence: Uint8Array<ArrayBuffer>;
  /** 3 per triangle, counter-clockwise from outside. */
  readonly indices: Uint32Array<ArrayBuffer>;
}

/** What a mesh is made of, and whether it is closed. */
export interface MeshCounts {
  readonly vertices: number;
  readonly triangles: number;
  readonly boundaryEdges: number;
  readonly nonManifoldEdges: number;
  readonly components: number;
}
