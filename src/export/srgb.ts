/** sRGB to linear light, for formats that want linear colour. Source: IEC 61966-2-1. */

/** Linear value in [0, 1] of an sRGB value in [0, 1]. */
export function linearFromSrgb(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Linear 16-bit value of each of the 256 sRGB values. */
export const LINEAR_16_FROM_SRGB_8: Uint16Array = Uint16Array.from({ length: 256 }, (_, v) =>
  Math.round(linearFromSrgb(v / 255) * 65535),
);
