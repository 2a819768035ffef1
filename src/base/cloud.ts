/** Points in space, as the kernels make them and the surface solver and the exporters take them. */

export interface OrientedCloud {
  readonly count: number;
  /**
   * In the method's own frame and unit (docs/method.md#camera-and-cloud): x right, y up, z toward the camera, which stands at
   * z = 1 / 1.0367; a person is about 0.8 high. Metres come with the GLB's node (export/glb.ts). 3 per point.
   */
  readonly positions: Float32Array<ArrayBuffer>;
  /** Unit, pointing out of the body; 3 per point. */
  readonly normals: Float32Array<ArrayBuffer>;
  /** sRGB, 3 per point. */
  readonly colours: Uint8Array<ArrayBuffer>;
  /** 0 = front (seen by the camera), 1 = back (guessed). */
  readonly sides: Uint8Array<ArrayBuffer>;
  /** Row-major pixel index on the canvas each point came from. */
  readonly pixels: Uint32Array<ArrayBuffer>;
}
