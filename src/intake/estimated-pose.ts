/** What MediaPipe Pose tells about a picture; plain data, crosses from the page to the worker. */
export interface EstimatedPose {
  /** 33 BlazePose landmarks: x, y in [0, 1] of the picture, z (hip depth units), visibility 0..1; row-major n x 4. */
  readonly landmarks: Float32Array<ArrayBuffer>;
  /** Person probability 0..255, size of the picture given; null when the model gave none. */
  readonly mask: {
    readonly width: number;
    readonly height: number;
    readonly data: Uint8Array<ArrayBuffer>;
  } | null;
}
