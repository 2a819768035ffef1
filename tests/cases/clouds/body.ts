/** The egg-like body with a head, 1.7 high, that the cloud cases are made of, and what is done to it. Own content (CC0). */
import { hashNoise } from '../../../src/base/deterministic.ts';

export interface Body {
  readonly positions: number[][];
  readonly normals: number[][];
  readonly colours: number[][];
}

const GOLDEN = Math.PI * (3 - Math.sqrt(5));
export const noise = (i: number, seed: number) => hashNoise(seed, i);

/** Points on the outside of an ellipsoid (0.5 x 1.4 x 0.3) and of a ball of radius 0.13 on top; head light, body blue. */
export function makeBody(count: number): Body {
  const [rx, ry, rz] = [0.25, 0.7, 0.15];
  const unit = (i: number, n: number) => {
    const z = 1 - (2 * i + 1) / n;
    const r = Math.sqrt(1 - z * z);
    return [r * Math.cos(GOLDEN * i), z, r * Math.sin(GOLDEN * i)];
  };
  const length = (v: readonly number[]) => Math.hypot(v[0], v[1], v[2]);
  const body: Body = { positions: [], normals: [], colours: [] };
  const add = (position: number[], normal: number[]) => {
    body.positions.push(position);
    body.normals.push(normal.map((value) => value / length(normal)));
    body.colours.push(position[1] > 0.7 ? [220, 170, 140] : [40, 90, 200]);
  };
  const onBody = Math.round(count * 0.8);
  for (let i = 0; i < onBody; i++) {
    const v = unit(i, onBody);
    const p = [v[0] * rx, v[1] * ry, v[2] * rz];
    if (length([p[0], p[1] - 0.8, p[2]]) > 0.13) add(p, [v[0] / rx, v[1] / ry, v[2] / rz]);
  }
  for (let i = 0; i < count - onBody; i++) {
    const v = unit(i, count - onBody);
    const p = [v[0] * 0.13, v[1] * 0.13 + 0.8, v[2] * 0.13];
    if (length([p[0] / rx, p[1] / ry, p[2] / rz]) > 1) add(p, v);
  }
  return body;
}

export const mapped = (body: Body, position: (p: number[], i: number) => number[]): Body => ({
  ...body,
  positions: body.positions.map(position),
});
export const withNormals = (body: Body, normal: (n: number[], i: number) => number[]): Body => ({
  ...body,
  normals: body.normals.map(normal),
});
export const together = (...bodies: readonly Body[]): Body => ({
  positions: bodies.flatMap((b) => b.positions),
  normals: bodies.flatMap((b) => b.normals),
  colours: bodies.flatMap((b) => b.colours),
});
export const only = (body: Body, keep: (i: number) => boolean): Body => ({
  positions: body.positions.filter((_, i) => keep(i)),
  normals: body.normals.filter((_, i) => keep(i)),
  colours: body.colours.filter((_, i) => keep(i)),
});
export const moved = (body: Body, by: readonly number[]) =>
  mapped(body, (p) => p.map((value, k) => value + by[k]));
