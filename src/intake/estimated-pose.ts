/** Landmarks and outline detected in a picture; plain data, crosses between threads. All points lie in [0, 1] of the picture. */
export interface EstimatedPose {
  /** 33 BlazePose landmarks: x, y, z (same units as x, relative to the hips), visibility 0..1; row-major n x 4. */
  readonly landmarks: Float32Array<ArrayBuffer>;
  /** Person probability 0..255 of the whole picture, any size; null when the model gave none. */
  readonly mask: {
    readonly width: number;
    readonly height: number;
    readonly data: Uint8Array<ArrayBuffer>;
  } | null;
  /** 21 points (x, y) of each hand that the hand graph found: wrist, then four joints a finger. */
  readonly hands?: {
    readonly left: Float32Array<ArrayBuffer> | null;
    readonly right: Float32Array<ArrayBuffer> | null;
  };
  /** 468 points (x, y) of the face mesh; null when no face is to be seen. */
  readonly face?: Float32Array<ArrayBuffer> | null;
}
