/** Fills the texels between charts from those around, so that mip levels and JPEG blocks do not bleed foreign colour in. */
import type { RgbaImage } from '../../base/images.ts';
import type { Steps } from '../../base/steps.ts';
import { emptyColours, pullPushSteps } from '../pull-push.ts';

/** Rings of texels around the charts that take the mean of their neighbours. */
const RINGS = 6;
/** Side of the picture that the rest is taken from. */
const COARSE_SIDE = 256;

/** Fills where alpha is 0, in place; alpha is 255 everywhere afterwards. */
export function* fillSteps(picture: RgbaImage): Steps<void> {
  const { width, height, data } = picture;
  const alpha = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : data[(y * width + x) * 4 + 3];
  let ring: number[] = [];
  for (let y = 0; y < height; y++) {
    if (y % 8 === 0) yield;
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 4 + 3] !== 0) continue;
      if (alpha(x - 1, y) + alpha(x + 1, y) + alpha(x, y - 1) + alpha(x, y + 1) > 0) ring.push(y * width + x);
    }
  }
  for (let k = 0; k < RINGS; k++) {
    // Alpha marks who came in which ring, so that one ring does not feed itself.
    const mark = 254 - k;
    for (let n = 0; n < ring.length; n++) {
      if (n % 8192 === 0) yield;
      meanOfNeighbours(picture, ring[n], mark);
    }
    const next: number[] = [];
    for (let n = 0; n < ring.length; n++) {
      if (n % 8192 === 0) yield;
      const x = ring[n] % width;
      const y = (ring[n] - x) / width;
      for (let m = 0; m < 4; m++) {
        const nx = x + NEXT_X[m];
        const ny = y + NEXT_Y[m];
        if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
        const i = ny * width + nx;
        if (data[i * 4 + 3] !== 0) continue;
        // Queued once.
        data[i * 4 + 3] = QUEUED;
        next.push(i);
      }
    }
    ring = next;
  }
  for (const i of ring) data[i * 4 + 3] = 0;
  yield* backgroundSteps(picture);
}

const NEXT_X = [-1, 1, 0, 0];
const NEXT_Y = [0, 0, -1, 1];
const QUEUED = 1;

/** Gives a texel the mean of those beside it that came before its ring. */
function meanOfNeighbours({ width, height, data }: RgbaImage, texel: number, mark: number): void {
  const x = texel % width;
  const y = (texel - x) / width;
  let r = 0;
  let g = 0;
  let b = 0;
  let count = 0;
  for (let m = 0; m < 4; m++) {
    const nx = x + NEXT_X[m];
    const ny = y + NEXT_Y[m];
    if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
    const i = (ny * width + nx) * 4;
    if (data[i + 3] <= mark) continue;
    r += data[i];
    g += data[i + 1];
    b += data[i + 2];
    count++;
  }
  if (count === 0) return;
  const o = texel * 4;
  data[o] = r / count;
  data[o + 1] = g / count;
  data[o + 2] = b / count;
  data[o + 3] = mark;
}

function* backgroundSteps({ width, height, data }: RgbaImage): Steps<void> {
  const coarse = emptyColours(COARSE_SIDE);
  const block = Math.max(1, Math.max(width, height) / COARSE_SIDE);
  for (let y = 0; y < height; y++) {
    if (y % 8 === 0) yield;
    const row = Math.min(COARSE_SIDE - 1, Math.floor(y / block)) * COARSE_SIDE;
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * 4;
      if (data[i + 3] === 0) continue;
      const o = row + Math.min(COARSE_SIDE - 1, Math.floor(x / block));
      for (let c = 0; c < 3; c++) coarse.planes[c][o] += data[i + c];
      coarse.weight[o]++;
    }
  }
  for (let o = 0; o < coarse.weight.length; o++) {
    if (coarse.weight[o] === 0) continue;
    for (let c = 0; c < 3; c++) coarse.planes[c][o] /= coarse.weight[o];
    coarse.weight[o] = 1;
  }
  yield* pullPushSteps(coarse);
  for (let y = 0; y < height; y++) {
    if (y % 8 === 0) yield;
    const row = Math.min(COARSE_SIDE - 1, Math.floor(y / block)) * COARSE_SIDE;
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * 4;
      if (data[i + 3] === 0) {
        const o = row + Math.min(COARSE_SIDE - 1, Math.floor(x / block));
        for (let c = 0; c < 3; c++) data[i + c] = coarse.planes[c][o];
      }
      data[i + 3] = 255;
    }
  }
}
