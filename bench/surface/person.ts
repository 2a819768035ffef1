/**
 * An analytic person with clothes, to measure reconstruction against: a signed distance (first order near the
 * surface) made of rounded cones joined softly, with wrinkles at three scales. Frame: camera at the origin, +z
 * forward, y down, the body round z = 1; 1 unit = 1 / 0.47 m, so 1.8 m are 0.846.
 */

/** Units per metre. */
export const UNITS_PER_METRE = 0.47;
export const SIDE_PX = 2048;
export const FOCAL_PX = 1024 / Math.tan((25 * Math.PI) / 180);

/** Rounded cones, metres: a, b (y up, feet at 0), radius at a, radius at b. */
const CONES: readonly (readonly number[])[] = [
  // Head, neck, shoulders, chest, hips.
  [0, 1.66, 0, 0, 1.7, 0.01, 0.095, 0.105],
  [0, 1.45, 0.02, 0, 1.58, 0.01, 0.055, 0.055],
  [-0.14, 1.38, 0.02, 0.14, 1.38, 0.02, 0.075, 0.075],
  [0, 1.35, 0, 0, 1.1, 0, 0.15, 0.14],
  [0, 1.1, 0, 0, 0.93, 0, 0.14, 0.165],
  // Legs and feet.
  [-0.095, 0.9, 0, -0.13, 0.5, 0.01, 0.095, 0.07],
  [-0.13, 0.5, 0.01, -0.15, 0.1, 0.05, 0.068, 0.05],
  [-0.15, 0.06, 0.05, -0.19, 0.04, -0.1, 0.048, 0.04],
  [0.095, 0.9, 0, 0.12, 0.5, -0.06, 0.095, 0.07],
  [0.12, 0.5, -0.06, 0.13, 0.1, 0.02, 0.068, 0.05],
  [0.13, 0.06, 0.02, 0.18, 0.04, -0.12, 0.048, 0.04],
  // One arm hangs out, the other lies across the chest with two fingers.
  [-0.19, 1.38, 0.02, -0.4, 1.16, 0.05, 0.06, 0.05],
  [-0.4, 1.16, 0.05, -0.52, 0.93, -0.06, 0.048, 0.036],
  [-0.52, 0.93, -0.06, -0.56, 0.84, -0.09, 0.038, 0.03],
  [0.19, 1.38, 0.02, 0.33, 1.13, 0, 0.06, 0.05],
  [0.33, 1.13, 0, 0.06, 1.06, -0.24, 0.048, 0.036],
  [0.06, 1.06, -0.24, -0.03, 1.06, -0.25, 0.038, 0.03],
  [-0.03, 1.06, -0.25, -0.11, 1.09, -0.25, 0.012, 0.01],
  [-0.03, 1.05, -0.25, -0.11, 1.06, -0.245, 0.012, 0.01],
  // A hem.
  [0, 0.98, 0, 0, 0.72, 0, 0.16, 0.205],
];

const N = CONES.length;
const ax = new Float64Array(N);
const ay = new Float64Array(N);
const az = new Float64Array(N);
const bx = new Float64Array(N);
const by = new Float64Array(N);
const bz = new Float64Array(N);
const bb = new Float64Array(N);
const ra = new Float64Array(N);
const rd = new Float64Array(N);
CONES.forEach((cone, i) => {
  const s = UNITS_PER_METRE;
  ax[i] = cone[0] * s;
  ay[i] = -(cone[1] - 0.9) * s;
  az[i] = 1 + cone[2] * s;
  bx[i] = (cone[3] - cone[0]) * s;
  by[i] = -(cone[4] - cone[1]) * s;
  bz[i] = (cone[5] - cone[2]) * s;
  bb[i] = bx[i] ** 2 + by[i] ** 2 + bz[i] ** 2;
  ra[i] = cone[6] * s;
  rd[i] = (cone[7] - cone[6]) * s;
});
const distances = new Float64Array(N);

/** Width of the soft joint. */
const JOINT = 0.006;

function bodyDistance(x: number, y: number, z: number): number {
  let least = 1e9;
  for (let i = 0; i < N; i++) {
    const px = x - ax[i];
    const py = y - ay[i];
    const pz = z - az[i];
    const h = Math.min(1, Math.max(0, (px * bx[i] + py * by[i] + pz * bz[i]) / bb[i]));
    const qx = px - bx[i] * h;
    const qy = py - by[i] * h;
    const qz = pz - bz[i] * h;
    const d = Math.sqrt(qx * qx + qy * qy + qz * qz) - ra[i] - rd[i] * h;
    distances[i] = d;
    if (d < least) least = d;
  }
  // Far away a lower bound is enough.
  if (least > 0.05) return least - 0.02;
  let sum = 0;
  for (let i = 0; i < N; i++) {
    const t = distances[i] - least;
    if (t < 16 * JOINT) sum += Math.exp(-t / JOINT);
  }
  return least - JOINT * Math.log(sum);
}

/** Folds, creases and weave (wavelength about 15 px), none of the large ones on the head. */
function wrinkles(x: number, y: number, z: number): number {
  const depth = z - 1;
  const warp = Math.sin(18 * x + 7 * Math.sin(9 * y)) + Math.sin(21 * depth + 5 * Math.sin(11 * y));
  const folds = 0.0022 * Math.sin(95 * y + 3 * warp);
  const creases = 0.0009 * Math.sin(230 * x + 160 * y + 2.5 * warp) * Math.sin(210 * depth - 90 * y);
  const weave =
    0.00022 * Math.sin(900 * (x + 0.3 * y)) * Math.sin(900 * (y - 0.2 * depth)) * Math.sin(850 * depth + 1);
  const t = Math.min(1, Math.max(0, (y + 0.36) / 0.04));
  return t * t * (3 - 2 * t) * (folds + creases) + weave;
}

export function signedDistance(x: number, y: number, z: number): number {
  const d = bodyDistance(x, y, z);
  return d > 0.02 ? d - 0.0035 : d - wrinkles(x, y, z);
}

/** Gradient by central differences, into `out`. */
export function gradient(x: number, y: number, z: number, out: Float64Array): void {
  const e = 2e-5;
  out[0] = (signedDistance(x + e, y, z) - signedDistance(x - e, y, z)) / (2 * e);
  out[1] = (signedDistance(x, y + e, z) - signedDistance(x, y - e, z)) / (2 * e);
  out[2] = (signedDistance(x, y, z + e) - signedDistance(x, y, z - e)) / (2 * e);
}

const g = new Float64Array(3);

/** Distance to the surface, unsigned, in units: four Newton steps along the gradient. */
export function distanceToSurface(x: number, y: number, z: number): number {
  const first = Math.abs(signedDistance(x, y, z));
  if (first > 0.02) return first;
  let qx = x;
  let qy = y;
  let qz = z;
  for (let k = 0; k < 4; k++) {
    const f = signedDistance(qx, qy, qz);
    gradient(qx, qy, qz, g);
    const gg = g[0] ** 2 + g[1] ** 2 + g[2] ** 2;
    if (gg < 1e-6) break;
    qx -= (g[0] * f) / gg;
    qy -= (g[1] * f) / gg;
    qz -= (g[2] * f) / gg;
  }
  return Math.min(Math.hypot(qx - x, qy - y, qz - z), Math.max(first * 3, 1e-9));
}
