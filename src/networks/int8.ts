/**
 * Weights as bytes: one scale for each row (a convolution's output channel), code = round(value / scale), the largest value of
 * a row being 127 scales. Rounding moves a value by at most half a scale, 0.4 % of its row's largest; what that does to a pack is
 * measured like everything else of it (`accuracy`).
 */

const LARGEST_CODE = 127;

/** @param rows how many equal parts `values` has. @returns the scale of each; 0 for a row of zeros. */
export function rowScales(values: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const length = values.length / rows;
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let i = row * length; i < (row + 1) * length; i++) largest = Math.max(largest, Math.abs(values[i]));
    scales[row] = largest / LARGEST_CODE;
  }
  return scales;
}

/** @param scales as `rowScales` gives them. */
export function codesFromFloats(values: Float32Array, scales: Float32Array): Int8Array<ArrayBuffer> {
  const length = values.length / scales.length;
  return Int8Array.from(values, (value, i) => {
    const scale = scales[Math.floor(i / length)];
    return scale === 0 ? 0 : Math.round(value / scale);
  });
}

/** The values that the codes stand for. */
export function floatsFromCodes(codes: Int8Array, scales: Float32Array): Float32Array<ArrayBuffer> {
  const length = codes.length / scales.length;
  const out = new Float32Array(codes.length);
  for (let row = 0; row < scales.length; row++) {
    const scale = scales[row];
    for (let i = row * length; i < (row + 1) * length; i++) out[i] = codes[i] * scale;
  }
  return out;
}
