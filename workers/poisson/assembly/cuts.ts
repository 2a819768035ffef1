/**
 * Whether triangles cut each other, by signs of volumes in double precision. For the few triangles that fill one cell of
 * marching cubes (triangles.ts): a loop of five or more vertices, or two loops, can be filled so that triangles cross.
 */
import { S } from './state';

/** Six times the volume of a tetrahedron, signed; vertex numbers. */
function volume(a: u32, b: u32, c: u32, d: u32): f64 {
  const pa = S.vertices + <usize>a * 12,
    pb = S.vertices + <usize>b * 12,
    pc = S.vertices + <usize>c * 12,
    pd = S.vertices + <usize>d * 12;
  const x = <f64>load<f32>(pa),
    y = <f64>load<f32>(pa, 4),
    z = <f64>load<f32>(pa, 8);
  const ux = <f64>load<f32>(pb) - x,
    uy = <f64>load<f32>(pb, 4) - y,
    uz = <f64>load<f32>(pb, 8) - z;
  const vx = <f64>load<f32>(pc) - x,
    vy = <f64>load<f32>(pc, 4) - y,
    vz = <f64>load<f32>(pc, 8) - z;
  const wx = <f64>load<f32>(pd) - x,
    wy = <f64>load<f32>(pd, 4) - y,
    wz = <f64>load<f32>(pd, 8) - z;
  return ux * (vy * wz - vz * wy) + uy * (vz * wx - vx * wz) + uz * (vx * wy - vy * wx);
}

/** Whether the segment from p to q meets triangle a b c; both ends in its plane counts as meeting. */
function pierces(p: u32, q: u32, a: u32, b: u32, c: u32): bool {
  if (volume(a, b, c, p) * volume(a, b, c, q) > 0) return false;
  const x = volume(p, q, a, b),
    y = volume(p, q, b, c),
    z = volume(p, q, c, a);
  return !((x < 0 || y < 0 || z < 0) && (x > 0 || y > 0 || z > 0));
}

/** Triangles whose only common vertex is a; b c and d e are the sides opposite to it. */
export function fansCut(a: u32, b: u32, c: u32, d: u32, e: u32): bool {
  return pierces(b, c, a, d, e) || pierces(d, e, a, b, c);
}

/** Triangles without a common vertex. */
export function trianglesCut(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32): bool {
  return (
    pierces(a, b, d, e, f) ||
    pierces(b, c, d, e, f) ||
    pierces(c, a, d, e, f) ||
    pierces(d, e, a, b, c) ||
    pierces(e, f, a, b, c) ||
    pierces(f, d, a, b, c)
  );
}
