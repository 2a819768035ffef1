/**
 * Triangles without area: corners in one place or on one line. Slicers remove them, and they have no normal. One that is
 * nearly so becomes so where a program rounds the corners to floats in units of its own.
 */

/** Least height of a triangle, as a share of the mesh's extent: 16 steps of a float at that distance. */
const LEAST_HEIGHT = 1e-6;

/** Whether the corners of triangle `t` lie on no line, in double precision. */
export function hasArea(p: Float32Array, indices: Uint32Array, t: number): boolean {
  const a = indices[t * 3] * 3;
  const b = indices[t * 3 + 1] * 3;
  const c = indices[t * 3 + 2] * 3;
  const ux = p[b] - p[a];
  const uy = p[b + 1] - p[a + 1];
  const uz = p[b + 2] - p[a + 2];
  const vx = p[c] - p[a];
  const vy = p[c + 1] - p[a + 1];
  const vz = p[c + 2] - p[a + 2];
  return uy * vz !== uz * vy || uz * vx !== ux * vz || ux * vy !== uy * vx;
}

/**
 * A function that says whether triangle `t` keeps its area when its corners are rounded: its height over its longest side
 * is LEAST_HEIGHT of the mesh's extent.
 *
 * @param positions 3 per vertex; the function sees what becomes of them.
 */
export function sturdyTest(positions: Float32Array, indices: Uint32Array): (t: number) => boolean {
  let extent = 0;
  for (let k = 0; k < 3; k++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = k; i < positions.length; i += 3) {
      if (positions[i] < low) low = positions[i];
      if (positions[i] > high) high = positions[i];
    }
    extent = Math.max(extent, high - low);
  }
  const least = (LEAST_HEIGHT * extent) ** 2;
  const p = positions;
  return (t) => {
    const a = indices[t * 3] * 3;
    const b = indices[t * 3 + 1] * 3;
    const c = indices[t * 3 + 2] * 3;
    const ux = p[b] - p[a];
    const uy = p[b + 1] - p[a + 1];
    const uz = p[b + 2] - p[a + 2];
    const vx = p[c] - p[a];
    const vy = p[c + 1] - p[a + 1];
    const vz = p[c + 2] - p[a + 2];
    const x = uy * vz - uz * vy;
    const y = uz * vx - ux * vz;
    const z = ux * vy - uy * vx;
    const longest = Math.max(
      ux * ux + uy * uy + uz * uz,
      vx * vx + vy * vy + vz * vz,
      (ux - vx) ** 2 + (uy - vy) ** 2 + (uz - vz) ** 2,
    );
    return x * x + y * y + z * z > least * longest;
  };
}
