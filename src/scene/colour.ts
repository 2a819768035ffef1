/** sRGB 8 bit <-> linear light, by tables; and the colours of the page that drawings need. Source: IEC 61966-2-1. */
import type { PartKind } from '../geometry/body.ts';

/** Linear value 0..1 of each sRGB byte. */
export const LINEAR_FROM_SRGB: Float32Array = new Float32Array(256).map((_, byte) => {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

const TABLE_SIZE = 4096;
const SRGB_TABLE = new Uint8Array(TABLE_SIZE + 1).map((_, i) => {
  const v = i / TABLE_SIZE;
  return Math.round(255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055));
});

/** sRGB byte of a linear value; clamps to 0..1. Off by at most one step in the darkest tones. */
export function srgbFromLinear(value: number): number {
  return SRGB_TABLE[value <= 0 ? 0 : value >= 1 ? TABLE_SIZE : (value * TABLE_SIZE + 0.5) | 0];
}

/** One colour for each kind of part, the same everywhere; equals the --kind-* tokens of the page. */
export const KIND_COLOURS: Readonly<Record<PartKind, string>> = {
  face: '#f0c674',
  upper: '#e2a47c',
  arm: '#8fb8de',
  leg: '#a5c9a1',
  foot: '#c7a4d8',
};

/** Vertex colours for three: sRGB bytes (3 each) to linear 16 bit, padded to 4 so that each vertex is aligned. */
export function linearVertexColours(srgb: Uint8Array): Uint16Array<ArrayBuffer> {
  const count = srgb.length / 3;
  const out = new Uint16Array(count * 4);
  const table = Uint16Array.from(LINEAR_FROM_SRGB, (v) => Math.round(v * 65535));
  for (let i = 0, j = 0; i < srgb.length; i += 3, j += 4) {
    out[j] = table[srgb[i]];
    out[j + 1] = table[srgb[i + 1]];
    out[j + 2] = table[srgb[i + 2]];
    out[j + 3] = 65535;
  }
  return out;
}

/** Linear colours of guessed and seen surface: a cool slate, and the page's clay. */
const GUESSED: readonly number[] = [0x6b, 0x7f, 0xa8].map((b) => LINEAR_FROM_SRGB[b]);
const SEEN: readonly number[] = [0xe2, 0xa4, 0x7c].map((b) => LINEAR_FROM_SRGB[b]);

/** Colours that say which surface the photo shows (255) and which is guessed (0), same layout as above. */
export function seenVertexColours(seen: Uint8Array): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(seen.length * 4);
  for (let i = 0; i < seen.length; i++) {
    const t = seen[i] / 255;
    for (let c = 0; c < 3; c++)
      out[i * 4 + c] = Math.round(65535 * (GUESSED[c] + (SEEN[c] - GUESSED[c]) * t));
    out[i * 4 + 3] = 65535;
  }
  return out;
}
