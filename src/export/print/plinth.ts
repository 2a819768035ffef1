/** What a printed figure stands on: a disc or a plate under both feet, with a raised line of text on its front. mm, z up. */
import type { Manifold, ManifoldToplevel } from 'manifold-3d';
import type { PrintOptions } from './print-options.ts';
import { textOutlines } from './text-outline.ts';

/** Shares of the figure's height, and least measures in mm that still print well. */
const THICK = { share: 0.06, least: 3 };
const MARGIN = { share: 0.035, least: 2 };
/** Of the plinth's thickness: how tall the letters are. */
const LETTERS = 0.52;
/** How far letters stand out, mm; as deep they are rooted. */
const RAISED_MM = 0.8;
/** Segments of a circle. */
const SEGMENTS = 128;

const measure = ({ share, least }: { share: number; least: number }, heightMm: number) =>
  Math.max(least, share * heightMm);

export interface Footprint {
  /** Middle and half extents of the figure near the ground, mm. */
  readonly x: number;
  readonly y: number;
  readonly halfX: number;
  readonly halfY: number;
}

export function plinthThickness(heightMm: number): number {
  return measure(THICK, heightMm);
}

/** The box of what is within the lowest tenth of the figure: its feet, a hem, a stick. */
export function footprintOf(positions: Float32Array, heightMm: number): Footprint {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < positions.length; i += 3) {
    if (positions[i + 2] > heightMm * 0.1) continue;
    for (let axis = 0; axis < 2; axis++) {
      low[axis] = Math.min(low[axis], positions[i + axis]);
      high[axis] = Math.max(high[axis], positions[i + axis]);
    }
  }
  return {
    x: (low[0] + high[0]) / 2,
    y: (low[1] + high[1]) / 2,
    halfX: (high[0] - low[0]) / 2,
    halfY: (high[1] - low[1]) / 2,
  };
}

/** The text as a solid that lies on z = 0 .. depth, letters along x, no wider than `room`; null: no text. */
function letters(
  library: ManifoldToplevel,
  text: string,
  tall: number,
  room: number,
  depth: number,
): Manifold | null {
  const outlines = text.trim() === '' ? null : textOutlines(text.trim());
  if (!outlines) return null;
  const scale = Math.min(tall, room / outlines.width);
  const rings = outlines.rings.map((ring) =>
    ring.map(([x, y]) => [x * scale, y * scale] as [number, number]),
  );
  const section = library.CrossSection.ofPolygons(rings, 'EvenOdd');
  const solid = section.extrude(depth);
  section.delete();
  return solid;
}

/**
 * @returns the plinth's solid, its top at z = 0, with its letters; null for none. The caller frees it.
 */
export function plinthOf(
  library: ManifoldToplevel,
  { heightMm, plinth, text }: PrintOptions,
  feet: Footprint,
): Manifold | null {
  if (plinth === 'none') return null;
  const thick = plinthThickness(heightMm);
  const margin = measure(MARGIN, heightMm);
  const deep = 2 * RAISED_MM;
  if (plinth === 'square') {
    const [halfX, halfY] = [feet.halfX + margin, feet.halfY + margin];
    const plate = library.Manifold.cube([2 * halfX, 2 * halfY, thick], true).translate([
      feet.x,
      feet.y,
      -thick / 2,
    ]);
    const words = letters(library, text, thick * LETTERS, 2 * halfX * 0.9, deep);
    // Upright on the front, which looks along -y.
    const placed = words?.rotate([90, 0, 0]).translate([feet.x, feet.y - halfY + RAISED_MM, -thick / 2]);
    return placed ? library.Manifold.union(plate, placed) : plate;
  }
  const radius = Math.hypot(feet.halfX, feet.halfY) + margin;
  const disc = library.Manifold.cylinder(thick, radius, radius, SEGMENTS).translate([feet.x, feet.y, -thick]);
  const words = letters(library, text, thick * LETTERS, radius * 2, deep);
  // Bent around the disc: x becomes the way along the rim.
  const placed = words?.refineToLength(Math.max(0.5, radius / 24)).warp((vertex) => {
    const [along, up, out] = vertex;
    const angle = along / radius;
    const away = radius - RAISED_MM + out;
    vertex[0] = feet.x + away * Math.sin(angle);
    vertex[1] = feet.y - away * Math.cos(angle);
    vertex[2] = -thick / 2 + up;
  });
  return placed ? library.Manifold.union(disc, placed) : disc;
}
