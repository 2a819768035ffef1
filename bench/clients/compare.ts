/** What a program has of a file, beside what we wrote into it. */
import { NodeIO } from '@gltf-transform/core';

export interface Seen {
  readonly version: string;
  /** Which way is up in the program. */
  readonly up: string;
  readonly triangles: number;
  readonly material: string | null;
  /** What the program's own check says; null: it has none. */
  readonly manifold: boolean | null;
  /** How its colours are coded. */
  readonly colours?: 'linear' | 'srgb';
  /** Names and types of the custom attributes that it kept. */
  readonly attributes: readonly string[];
  /** 9 a vertex: place with y up, colour of 0 to 255, normal; NaN where the program has none. */
  readonly vertices: Float32Array;
}

/** The file itself: 9 a vertex, as in Seen, colours sRGB. */
export interface Written {
  readonly vertices: Float32Array;
  readonly triangles: number;
}

/** Reads a GLB by its own numbers, independent of any of the programs. */
export async function readWritten(bytes: Uint8Array): Promise<Written> {
  const root = (await new NodeIO().readBinary(bytes)).getRoot();
  const node = root.listNodes()[0];
  const [primitive] = root.listMeshes()[0].listPrimitives();
  const [scale] = node.getScale();
  const shift = node.getTranslation();
  const [position, normal, colour] = ['POSITION', 'NORMAL', 'COLOR_0'].map((n) => primitive.getAttribute(n)!);
  const vertices = new Float32Array(position.getCount() * 9);
  const values: number[] = [];
  for (let v = 0; v < position.getCount(); v++) {
    position.getElement(v, values);
    for (let k = 0; k < 3; k++) vertices[v * 9 + k] = values[k] * scale + shift[k];
    colour.getElement(v, values);
    for (let k = 0; k < 3; k++) vertices[v * 9 + 3 + k] = srgbFromLinear(values[k]) * 255;
    normal.getElement(v, values);
    for (let k = 0; k < 3; k++) vertices[v * 9 + 6 + k] = values[k];
  }
  return { vertices, triangles: (primitive.getIndices()?.getCount() ?? 0) / 3 };
}

export interface Comparison {
  readonly heightMeters: number;
  /** Vertices of ours that the program has, to the REACH. */
  readonly found: number;
  readonly of: number;
  /** Largest difference of a colour, levels of 255; null: no colours. */
  readonly colourLevels: number | null;
  /** Largest angle between normals, degrees; null: no normals. */
  readonly normalDegrees: number | null;
}

/** Metres within which a vertex is the same one: what floats of 2 m leave, a few times over. */
const REACH = 2e-6;

/** Every vertex of ours beside the nearest one of the program. */
export function compare(written: Written, seen: Seen): Comparison {
  const cell = (value: number) => Math.floor(value / (4 * REACH));
  const key = (x: number, y: number, z: number) => `${x} ${y} ${z}`;
  const places = new Map<string, number[]>();
  const theirs = seen.vertices;
  let low = Infinity;
  let high = -Infinity;
  for (let v = 0; v < theirs.length; v += 9) {
    low = Math.min(low, theirs[v + 1]);
    high = Math.max(high, theirs[v + 1]);
    const name = key(cell(theirs[v]), cell(theirs[v + 1]), cell(theirs[v + 2]));
    const there = places.get(name);
    if (there) there.push(v);
    else places.set(name, [v]);
  }
  const nearest = (x: number, y: number, z: number): number => {
    let best = -1;
    let least = REACH;
    const around = (value: number) => new Set([cell(value - REACH), cell(value + REACH)]);
    for (const i of around(x)) {
      for (const j of around(y)) {
        for (const k of around(z)) {
          for (const v of places.get(key(i, j, k)) ?? []) {
            const distance = Math.hypot(theirs[v] - x, theirs[v + 1] - y, theirs[v + 2] - z);
            if (distance > least) continue;
            least = distance;
            best = v;
          }
        }
      }
    }
    return best;
  };
  const levels = (value: number) => (seen.colours === 'linear' ? srgbFromLinear(value / 255) * 255 : value);
  let found = 0;
  let colourLevels = 0;
  let normalDegrees = 0;
  const ours = written.vertices;
  for (let v = 0; v < ours.length; v += 9) {
    const there = nearest(ours[v], ours[v + 1], ours[v + 2]);
    if (there === -1) continue;
    found++;
    for (let k = 3; k < 6; k++) {
      colourLevels = Math.max(colourLevels, Math.abs(levels(theirs[there + k]) - ours[v + k]));
    }
    const [a, b] = [ours.subarray(v + 6, v + 9), theirs.subarray(there + 6, there + 9)];
    const along = (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (Math.hypot(...a) * Math.hypot(...b));
    normalDegrees = Math.max(normalDegrees, (Math.acos(Math.min(1, Math.max(-1, along))) * 180) / Math.PI);
  }
  const orNull = (value: number) => (Number.isNaN(value) ? null : value);
  return {
    heightMeters: high - low,
    found,
    of: ours.length / 9,
    colourLevels: orNull(colourLevels),
    normalDegrees: orNull(normalDegrees),
  };
}

/** Inverse of linearFromSrgb (src/export/srgb.ts). */
function srgbFromLinear(value: number): number {
  return value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}
