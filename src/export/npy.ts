/** NumPy .npy files, format 1.0, C order, little endian. Source: numpy.lib.format documentation. */

export type NpyData = Float32Array | Uint8Array | Uint16Array;

function descriptionOf(data: NpyData): string {
  if (data instanceof Float32Array) return '<f4';
  return data instanceof Uint16Array ? '<u2' : '|u1';
}

/**
 * Writes an array as .npy.
 *
 * @param shape product equals data.length; an empty shape is a scalar.
 * @throws RangeError when shape and data disagree.
 */
export function writeNpy(shape: readonly number[], data: NpyData): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((product, side) => product * side, 1);
  if (count !== data.length) {
    throw new RangeError(`an array of shape (${shape.join(', ')}) has ${count} values, got ${data.length}`);
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descriptionOf(data)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Magic, version and length take 10 bytes; the header ends with a line break at a multiple of 64.
  const headerBytes = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const out = new Uint8Array(10 + headerBytes + data.byteLength);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const view = new DataView(out.buffer);
  view.setUint16(8, headerBytes, true);
  out.fill(0x20, 10, 10 + headerBytes - 1);
  out.set(new TextEncoder().encode(text), 10);
  out[10 + headerBytes - 1] = 0x0a;
  const start = 10 + headerBytes;
  if (data instanceof Uint8Array) out.set(data, start);
  else if (data instanceof Uint16Array) {
    for (let i = 0; i < data.length; i++) view.setUint16(start + 2 * i, data[i], true);
  } else {
    for (let i = 0; i < data.length; i++) view.setFloat32(start + 4 * i, data[i], true);
  }
  return out;
}
