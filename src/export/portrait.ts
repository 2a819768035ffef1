/**
 * A small picture of a coloured mesh from the front, for lists: vertices splatted into a depth buffer, lit from the upper
 * left, averaged from a finer grid. No WebGL: it is drawn beside whatever view is open, and the same everywhere.
 */
import type { RgbaImage } from '../base/images.ts';
import type { SurfaceMesh } from '../base/mesh.ts';

/** Room around the figure, share of the picture. */
const MARGIN = 0.05;
/** Finer grid that is averaged, per side. */
const FINER = 2;
/** Turn about the upright axis, so that it looks solid. */
const TURN_RAD = 0.32;

/** @returns straight alpha, transparent where nothing is; null for a mesh without vertices. */
export function portraitOf(mesh: SurfaceMesh, width: number, height: number): RgbaImage | null {
  const { positions, indices } = mesh;
  const count = positions.length / 3;
  if (count === 0) return null;
  const [cos, sin] = [Math.cos(TURN_RAD), Math.sin(TURN_RAD)];
  const xs = new Float32Array(count);
  const zs = new Float32Array(count);
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]];
    xs[i] = x * cos + z * sin;
    zs[i] = z * cos - x * sin;
    left = Math.min(left, xs[i]);
    right = Math.max(right, xs[i]);
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  const [columns, rows] = [width * FINER, height * FINER];
  const room = 1 - 2 * MARGIN;
  const scale = Math.min((columns * room) / (right - left || 1), (rows * room) / (high - low || 1));
  const [midX, midY] = [(left + right) / 2, (low + high) / 2];
  const depth = new Float32Array(columns * rows).fill(-Infinity);
  const colour = new Uint8ClampedArray(columns * rows * 3);
  const shade = shades(mesh, cos, sin);

  const put = (px: number, py: number, z: number, r: number, g: number, b: number) => {
    if (px < 0 || py < 0 || px >= columns || py >= rows) return;
    const at = py * columns + px;
    if (z <= depth[at]) return;
    depth[at] = z;
    colour[at * 3] = r;
    colour[at * 3 + 1] = g;
    colour[at * 3 + 2] = b;
  };
  /** Points inside a triangle, as close as the grid. */
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t], indices[t + 1], indices[t + 2]];
    const longest = Math.max(
      Math.hypot(xs[a] - xs[b], positions[a * 3 + 1] - positions[b * 3 + 1]),
      Math.hypot(xs[b] - xs[c], positions[b * 3 + 1] - positions[c * 3 + 1]),
      Math.hypot(xs[c] - xs[a], positions[c * 3 + 1] - positions[a * 3 + 1]),
    );
    const steps = Math.min(64, Math.max(1, Math.ceil(longest * scale)));
    for (let i = 0; i <= steps; i++) {
      for (let j = 0; j <= steps - i; j++) {
        const [u, v] = [i / steps, j / steps];
        const w = 1 - u - v;
        const x = xs[a] * w + xs[b] * u + xs[c] * v;
        const y = positions[a * 3 + 1] * w + positions[b * 3 + 1] * u + positions[c * 3 + 1] * v;
        const mix = (k: number) => shade[a * 3 + k] * w + shade[b * 3 + k] * u + shade[c * 3 + k] * v;
        put(
          Math.floor((x - midX) * scale + columns / 2),
          Math.floor((midY - y) * scale + rows / 2),
          zs[a] * w + zs[b] * u + zs[c] * v,
          ...([mix(0), mix(1), mix(2)] as const),
        );
      }
    }
  }
  return averaged(colour, depth, width, height);
}

/** Vertex colours under the light, 3 per vertex. */
function shades({ normals, colours }: SurfaceMesh, cos: number, sin: number): Float32Array {
  const out = new Float32Array(colours.length);
  for (let i = 0; i < colours.length / 3; i++) {
    const [nx, ny, nz] = [normals[i * 3], normals[i * 3 + 1], normals[i * 3 + 2]];
    const light = -0.35 * (nx * cos + nz * sin) + 0.45 * ny + 0.82 * (nz * cos - nx * sin);
    const level = 0.55 + 0.5 * Math.max(0, light);
    for (let k = 0; k < 3; k++) out[i * 3 + k] = colours[i * 3 + k] * level;
  }
  return out;
}

function averaged(colour: Uint8ClampedArray, depth: Float32Array, width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const sum = [0, 0, 0];
      let hits = 0;
      for (let k = 0; k < FINER * FINER; k++) {
        const at = (row * FINER + Math.floor(k / FINER)) * width * FINER + column * FINER + (k % FINER);
        if (depth[at] === -Infinity) continue;
        hits++;
        for (let c = 0; c < 3; c++) sum[c] += colour[at * 3 + c];
      }
      if (hits === 0) continue;
      const at = (row * width + column) * 4;
      data.set([sum[0] / hits, sum[1] / hits, sum[2] / hits, (255 * hits) / FINER ** 2], at);
    }
  }
  return { width, height, data };
}
