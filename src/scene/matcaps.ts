/**
 * Matcaps: how a ball of a material looks under fixed lamps, as a picture that a surface is coloured from by the way each
 * spot faces. Drawn here by a few lines of code, no file of anybody's: diffuse lamps, a highlight, a rim.
 */
import type { Matcap } from '../store/model-state.ts';
import { srgbFromLinear } from './colour.ts';

type Rgb = readonly [number, number, number];
type Direction = readonly [x: number, y: number, z: number];

interface Lamp {
  readonly from: Direction;
  readonly colour: Rgb;
  /** How far the light wraps around the edge of its shadow, 0..1. */
  readonly wrap: number;
}

interface Ball {
  /** Linear. */
  readonly albedo: Rgb;
  readonly lamps: readonly Lamp[];
  readonly sky: Rgb;
  readonly ground: Rgb;
  /** Strength and narrowness of the highlight of the first lamp. */
  readonly shine: number;
  readonly narrow: number;
  /** Light that grazes the edge. */
  readonly rim: Rgb;
}

const unit = ([x, y, z]: Direction): Direction => {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
};
const KEY = unit([-0.45, 0.6, 0.66]);

export const BALLS: Readonly<Record<Matcap, Ball>> = {
  porcelain: {
    albedo: [0.8, 0.77, 0.73],
    lamps: [
      { from: KEY, colour: [0.86, 0.83, 0.79], wrap: 0.25 },
      { from: unit([0.8, -0.1, 0.4]), colour: [0.1, 0.12, 0.16], wrap: 0.3 },
    ],
    sky: [0.17, 0.18, 0.2],
    ground: [0.08, 0.07, 0.06],
    shine: 0.5,
    narrow: 60,
    rim: [0.1, 0.1, 0.11],
  },
  bronze: {
    albedo: [0.36, 0.19, 0.08],
    lamps: [
      { from: KEY, colour: [1.1, 1, 0.86], wrap: 0 },
      { from: unit([0.75, 0.25, 0.3]), colour: [0.35, 0.4, 0.5], wrap: 0 },
    ],
    sky: [0.16, 0.18, 0.22],
    ground: [0.1, 0.06, 0.04],
    shine: 0.75,
    narrow: 18,
    rim: [0.24, 0.16, 0.09],
  },
  wax: {
    albedo: [0.62, 0.2, 0.13],
    lamps: [{ from: KEY, colour: [1, 0.94, 0.86], wrap: 0.6 }],
    sky: [0.2, 0.15, 0.14],
    ground: [0.16, 0.07, 0.05],
    shine: 0.22,
    narrow: 14,
    rim: [0.1, 0.03, 0.02],
  },
  // Light from the side: what is flat is grey, every step of the surface a light and a dark edge.
  chalk: {
    albedo: [0.5, 0.5, 0.5],
    lamps: [{ from: unit([-0.9, 0.35, 0.12]), colour: [1.25, 1.25, 1.25], wrap: 0.85 }],
    sky: [0.02, 0.02, 0.02],
    ground: [0, 0, 0],
    shine: 0,
    narrow: 1,
    rim: [0, 0, 0],
  },
};

/** Linear light of a spot of the ball that faces (x, y, z): x right, y up, z to the eye. */
export function ballLight(ball: Ball, [x, y, z]: Direction): Rgb {
  const out: [number, number, number] = [0, 0, 0];
  const [kx, ky, kz] = ball.lamps[0].from;
  // Halfway between the lamp and the eye.
  const half = unit([kx, ky, kz + 1]);
  const shine = ball.shine * Math.max(0, x * half[0] + y * half[1] + z * half[2]) ** ball.narrow;
  const graze = (1 - Math.max(0, z)) ** 3;
  for (let c = 0; c < 3; c++) {
    let light = ball.ground[c] + (ball.sky[c] - ball.ground[c]) * (0.5 + 0.5 * y);
    for (const { from, colour, wrap } of ball.lamps) {
      const facing = x * from[0] + y * from[1] + z * from[2];
      light += colour[c] * Math.max(0, (facing + wrap) / (1 + wrap));
    }
    out[c] = ball.albedo[c] * light + shine + ball.rim[c] * graze;
  }
  return out;
}

/** The ball as sRGB pixels, filling a square; corners hold what its edge has, so that nothing bleeds in. */
export function ballPixels(matcap: Matcap, side: number): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(side * side * 4);
  const ball = BALLS[matcap];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      let x = ((column + 0.5) / side) * 2 - 1;
      let y = 1 - ((row + 0.5) / side) * 2;
      const away = Math.hypot(x, y);
      if (away > 1) [x, y] = [x / away, y / away];
      const light = ballLight(ball, [x, y, Math.sqrt(Math.max(0, 1 - x * x - y * y))]);
      const at = (row * side + column) * 4;
      for (let c = 0; c < 3; c++) data[at + c] = srgbFromLinear(light[c]);
      data[at + 3] = 255;
    }
  }
  return data;
}
