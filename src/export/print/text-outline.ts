/**
 * A line of text as outlines, in the system's own font: drawn large on a canvas, then traced. Needs an OffscreenCanvas. No
 * font is shipped, so what a machine can show, it can print.
 */
import { contours } from 'd3-contour';

export type Outline = readonly (readonly [x: number, y: number])[];

export interface TextOutlines {
  /** Outer and inner rings, y up, letters one unit tall, middle at (0, 0). */
  readonly rings: readonly Outline[];
  readonly width: number;
}

/** Px of the letters' height: at 5 mm tall that is 0.05 mm. */
const LETTER_PX = 96;
const PADDING_PX = 8;
/** Points nearer to the line between their neighbours than this are left out, px. */
const STRAIGHT_PX = 0.35;

/** Points that the line needs (Douglas and Peucker). */
function simplified(ring: Outline): Outline {
  const keep = new Uint8Array(ring.length);
  keep[0] = keep[ring.length - 1] = 1;
  const stack: [number, number][] = [[0, ring.length - 1]];
  for (let range = stack.pop(); range; range = stack.pop()) {
    const [from, to] = range;
    const [ax, ay] = ring[from];
    const [dx, dy] = [ring[to][0] - ax, ring[to][1] - ay];
    const length = Math.hypot(dx, dy);
    let [worst, at] = [STRAIGHT_PX, -1];
    for (let i = from + 1; i < to; i++) {
      const [px, py] = [ring[i][0] - ax, ring[i][1] - ay];
      const distance = length < 1e-9 ? Math.hypot(px, py) : Math.abs(px * dy - py * dx) / length;
      if (distance > worst) [worst, at] = [distance, i];
    }
    if (at === -1) continue;
    keep[at] = 1;
    stack.push([from, at], [at, to]);
  }
  // The last point is the first one again.
  return ring.filter((_, i) => keep[i] && i < ring.length - 1);
}

/** @returns null where the text leaves no mark (spaces only). */
export function textOutlines(text: string): TextOutlines | null {
  const font = `600 ${LETTER_PX}px system-ui, "Segoe UI", Helvetica, Arial, sans-serif`;
  const measure = new OffscreenCanvas(1, 1).getContext('2d');
  if (!measure) return null;
  measure.font = font;
  const width = Math.ceil(measure.measureText(text).width) + 2 * PADDING_PX;
  const height = Math.round(LETTER_PX * 1.5) + 2 * PADDING_PX;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.font = font;
  context.textBaseline = 'middle';
  context.fillText(text, PADDING_PX, height / 2);
  const { data } = context.getImageData(0, 0, width, height);
  const ink = new Float64Array(width * height);
  for (let i = 0; i < ink.length; i++) ink[i] = data[i * 4 + 3] / 255;
  const { coordinates } = contours()
    .size([width, height])
    .contour([...ink], 0.5);
  const rings = coordinates
    .flat()
    .map((ring) => simplified(ring as unknown as Outline))
    .filter((ring) => ring.length >= 3)
    .map((ring) =>
      ring.map(([x, y]) => [(x - width / 2) / LETTER_PX, (height / 2 - y) / LETTER_PX] as const),
    );
  return rings.length === 0 ? null : { rings, width: (width - 2 * PADDING_PX) / LETTER_PX };
}
