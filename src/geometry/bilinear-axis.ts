/** Interpolation weights from a small picture to a larger one along one axis, pixel centres on pixel centres. */
export interface BilinearAxis {
  /** The first of the two source cells. */
  readonly index: Int32Array;
  /** Share of the second one. */
  readonly fraction: Float32Array;
}

/** @param size of the larger picture. @param side of the smaller one. */
export function bilinearAxis(size: number, side: number): BilinearAxis {
  const index = new Int32Array(size);
  const fraction = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const v = Math.max(0, Math.min(side - 1, ((i + 0.5) * side) / size - 0.5));
    index[i] = Math.min(side - 2, Math.floor(v));
    fraction[i] = v - index[i];
  }
  return { index, fraction };
}
