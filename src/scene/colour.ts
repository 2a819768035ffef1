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

type Rgb = readonly [number, number, number];

const bytesOf = (hex: string): Rgb => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];
const linearOf = (bytes: Rgb) => bytes.map((byte) => LINEAR_FROM_SRGB[byte]);

/** Vertex colours, same layout as above: to each value 0..255 its colour, linear in 0..1. */
function paintBytes(
  values: Uint8Array,
  colourOf: (byte: number) => readonly number[],
): Uint16Array<ArrayBuffer> {
  const table = Uint16Array.from(
    { length: 256 * 3 },
    (_, i) => 65535 * colourOf(Math.floor(i / 3))[i % 3] + 0.5,
  );
  const out = new Uint16Array(values.length * 4);
  for (let i = 0; i < values.length; i++) {
    for (let c = 0; c < 3; c++) out[i * 4 + c] = table[values[i] * 3 + c];
    out[i * 4 + 3] = 65535;
  }
  return out;
}

/** Linear colours of guessed and seen surface: a cool slate, and the page's clay. */
const GUESSED = linearOf([0x6b, 0x7f, 0xa8]);
const SEEN = linearOf([0xe2, 0xa4, 0x7c]);

/** Colours that say which surface the photo shows (255) and which is guessed (0). */
export function seenVertexColours(seen: Uint8Array): Uint16Array<ArrayBuffer> {
  return paintBytes(seen, (byte) => GUESSED.map((low, c) => low + ((SEEN[c] - low) * byte) / 255));
}

/**
 * Confidence from none to full, evenly spaced, mixed in sRGB as a CSS gradient mixes them. Lightness rises in equal steps
 * (OKLab 0.38 to 0.925) and the hue goes from blue to straw, which the common kinds of colour blindness keep apart.
 */
export const CONFIDENCE_RAMP = ['#313d74', '#4e699a', '#7f92ac', '#d7b489', '#ffe3a0'] as const;

/** sRGB bytes of the ramp at `t` in 0..1. */
export function confidenceColour(t: number): Rgb {
  const last = CONFIDENCE_RAMP.length - 1;
  const below = Math.min(last - 1, Math.floor(t * last));
  const [low, high] = [bytesOf(CONFIDENCE_RAMP[below]), bytesOf(CONFIDENCE_RAMP[below + 1])];
  const mix = (c: 0 | 1 | 2) => Math.round(low[c] + (high[c] - low[c]) * (t * last - below));
  return [mix(0), mix(1), mix(2)];
}

/** Colours of each vertex's confidence, 0..255 (workers/poisson/confidence.ts). */
export function confidenceVertexColours(confidence: Uint8Array): Uint16Array<ArrayBuffer> {
  return paintBytes(confidence, (byte) => linearOf(confidenceColour(byte / 255)));
}
