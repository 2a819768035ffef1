/**
 * Pictures and maps in memory. Row 0 is the top row, column 0 the left column, everywhere in this code.
 * 8-bit pictures are interleaved and sRGB; float maps are planar [channels, height, width].
 */

/** Interleaved RGBA, 8 bit, sRGB, straight (not premultiplied) alpha; data.length = width * height * 4. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** One 8-bit channel; data.length = width * height. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export type MapShape = readonly [channels: number, height: number, width: number];

/** Planar f32 map in ordinary memory; data.length = channels * height * width. */
export interface PlanarMap {
  readonly shape: MapShape;
  readonly data: Float32Array<ArrayBuffer>;
}

export function planarMap(shape: MapShape, data?: Float32Array<ArrayBuffer>): PlanarMap {
  const length = shape[0] * shape[1] * shape[2];
  if (data && data.length !== length) {
    throw new RangeError(`planar map [${shape.join(', ')}] needs ${length} values, got ${data.length}`);
  }
  return { shape, data: data ?? new Float32Array(length) };
}

/** View of one channel; shares memory with the map. */
export function channelOf(map: PlanarMap, channel: number): Float32Array<ArrayBuffer> {
  const plane = map.shape[1] * map.shape[2];
  return map.data.subarray(channel * plane, (channel + 1) * plane);
}
