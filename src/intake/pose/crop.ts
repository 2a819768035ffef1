/**
 * Cuts rotated squares out of a picture for the landmark graphs. A square much larger than the crop is read from a
 * picture halved as often as needed (means of 2 x 2, made once), so that nothing is skipped. A dark crop is made brighter: the
 * graphs lose people in the dark whom a brighter picture shows.
 */
import type { RgbaImage } from '../../base/images.ts';
import { pictureFromRegion, type Region } from './region.ts';

/** Up to this much light is no picture but the ground of a cut-out, of 255. */
const BLACK = 8;
/**
 * A crop whose brighter parts (this share of what is not black lies below) are darker than DARK, of 255, is brightened to LIGHT.
 * Ten composites in the dark: eight of ten people found before, ten since; one of them with legs only since.
 */
const BRIGHTER_PARTS = 0.9;
const DARK = 100;
const LIGHT = 200;
/** Grain is brightened, too: not more than so many times. */
const MOST_GAIN = 6;
/** Fewer cells than this say nothing of the light, share of the crop. */
const LEAST_SHARE = 0.005;

export class PicturePyramid {
  private readonly levels: RgbaImage[];

  constructor(picture: RgbaImage) {
    this.levels = [picture];
  }

  get width(): number {
    return this.levels[0].width;
  }

  get height(): number {
    return this.levels[0].height;
  }

  /**
   * Bilinear crop of a region; black outside the picture. A dark one is made as bright as a picture in weak light.
   *
   * @param size side of the crop, px.
   * @returns planar RGB [3, size, size], `low` for black to `high` for white; new memory.
   */
  crop(region: Region, size: number, low = 0, high = 1): Float32Array<ArrayBuffer> {
    const step = region.side / size;
    const level = this.level(Math.max(0, Math.round(Math.log2(step))));
    const { width, height, data } = level.picture;
    const out = new Float32Array(3 * size * size).fill(low);
    const gain = (high - low) / 255;
    const [startX, startY] = pictureFromRegion(region, 0.5 / size, 0.5 / size);
    const [acrossX, acrossY] = [
      (Math.cos(region.angleRad) * step) / level.factor,
      (Math.sin(region.angleRad) * step) / level.factor,
    ];
    const plane = size * size;
    for (let row = 0; row < size; row++) {
      let x = startX / level.factor - 0.5 - row * acrossY;
      let y = startY / level.factor - 0.5 + row * acrossX;
      for (let column = 0; column < size; column++, x += acrossX, y += acrossY) {
        if (x <= -1 || y <= -1 || x >= width || y >= height) continue;
        const left = Math.floor(x);
        const top = Math.floor(y);
        const [fx, fy] = [x - left, y - top];
        const i = row * size + column;
        for (let corner = 0; corner < 4; corner++) {
          const cx = left + (corner & 1);
          const cy = top + (corner >> 1);
          if (cx < 0 || cy < 0 || cx >= width || cy >= height) continue;
          const weight = (corner & 1 ? fx : 1 - fx) * (corner >> 1 ? fy : 1 - fy) * gain;
          const j = (cy * width + cx) * 4;
          out[i] += weight * data[j];
          out[i + plane] += weight * data[j + 1];
          out[i + 2 * plane] += weight * data[j + 2];
        }
      }
    }
    brighten(out, low, high);
    return out;
  }

  private level(wanted: number): { picture: RgbaImage; factor: number } {
    while (this.levels.length <= wanted) {
      const last = this.levels[this.levels.length - 1];
      if (last.width < 2 || last.height < 2) break;
      this.levels.push(halved(last));
    }
    const index = Math.min(wanted, this.levels.length - 1);
    return { picture: this.levels[index], factor: 2 ** index };
  }
}

/** Means of 2 x 2 pixels; an odd last row or column is left out. */
function halved({ width, height, data }: RgbaImage): RgbaImage {
  const [w, h] = [width >> 1, height >> 1];
  const out = new Uint8ClampedArray(w * h * 4);
  for (let y = 0; y < h; y++) {
    let from = 2 * y * width * 4;
    let to = y * w * 4;
    const below = width * 4;
    for (let x = 0; x < w; x++, from += 8, to += 4) {
      for (let c = 0; c < 4; c++) {
        const at = from + c;
        out[to + c] = (data[at] + data[at + 4] + data[at + below] + data[at + below + 4] + 2) >> 2;
      }
    }
  }
  return { width: w, height: h, data: out };
}

/** Makes a dark crop (planar RGB, `low` for black to `high` for white) brighter; in place. */
function brighten(crop: Float32Array, low: number, high: number): void {
  const plane = crop.length / 3;
  const counts = new Uint32Array(256);
  for (let i = 0; i < plane; i++) {
    const most = Math.max(crop[i], crop[plane + i], crop[2 * plane + i]);
    counts[Math.round((255 * (most - low)) / (high - low))]++;
  }
  let lit = 0;
  for (let value = BLACK + 1; value < 256; value++) lit += counts[value];
  if (lit < LEAST_SHARE * plane) return;
  let light = 255;
  for (let above = counts[255]; light > BLACK && above < (1 - BRIGHTER_PARTS) * lit; )
    above += counts[--light];
  if (light >= DARK) return;
  const gain = Math.min(MOST_GAIN, LIGHT / light);
  for (let i = 0; i < crop.length; i++) crop[i] = Math.min(high, low + (crop[i] - low) * gain);
}
