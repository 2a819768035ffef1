/**
 * What the surface looks like at a point: colour and normal as one function of space, so that two charts agree along their
 * seam. Where the camera saw the point squarely the photo's own pixels; where the back's made colours know it, these;
 * in between, and where neither is near, the colours and normals of the full mesh. Normals alike: the merged normals of
 * the networks (the cloud has them), finer than the mesh, and the mesh's own.
 */
import type { OrientedCloud } from '../../base/cloud.ts';
import type { GreyImage, RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import type { Steps } from '../../base/steps.ts';
import { CANVAS_SIZE } from '../body.ts';
import type { SquareMapping } from '../keypoints.ts';
import { BACK, FRONT, facing, projected, projectPoint, type SideIndex } from './projections.ts';

const SIZE = CANVAS_SIZE;
/** Cosines between which the photo takes over from the mesh's colours. */
const GRAZING = 0.12;
const SQUARE = 0.4;
/** Distances from the outline between which it does, canvas px: nearer, pixels mix with the background. */
const OUTLINE_PX = 1.5;
const INSIDE_PX = 6;
/** Depths behind the nearest surface of the pixels around at which a point begins to be hidden, and is, px. */
const NEAREST_PX = 8;
const HIDDEN_PX = 16;
/** What is nearest is looked for this far around, canvas px: an edge's colours reach over what is behind it. */
const AROUND_PX = 2;
/** Farther than this from an outline it no longer matters how far, px. */
const FAR_PX = 8;

/** A picture and its halves, quarters ... : each texel of a level is the mean of four. */
class Levels {
  readonly #levels: RgbaImage[];

  constructor(picture: RgbaImage) {
    this.#levels = [picture];
  }

  *need(level: number): Steps<void> {
    while (this.#levels.length <= level) {
      const fine = this.#levels[this.#levels.length - 1];
      if (Math.min(fine.width, fine.height) < 2) return;
      this.#levels.push(yield* halvedSteps(fine));
    }
  }

  /** Bilinear, at continuous px of the finest level. */
  sample(x: number, y: number, level: number, out: Float64Array): void {
    const k = Math.min(level, this.#levels.length - 1);
    const { width, height, data } = this.#levels[k];
    const factor = 1 / 2 ** k;
    const u = Math.min(Math.max(x * factor - 0.5, 0), width - 1);
    const v = Math.min(Math.max(y * factor - 0.5, 0), height - 1);
    const u0 = Math.floor(u);
    const v0 = Math.floor(v);
    const fu = u - u0;
    const fv = v - v0;
    const right = u0 + 1 < width ? 4 : 0;
    const down = v0 + 1 < height ? width * 4 : 0;
    const i = (v0 * width + u0) * 4;
    for (let c = 0; c < 3; c++) {
      const upper = data[i + c] * (1 - fu) + data[i + right + c] * fu;
      const lower = data[i + down + c] * (1 - fu) + data[i + down + right + c] * fu;
      out[c] = upper * (1 - fv) + lower * fv;
    }
  }
}

function* halvedSteps({ width, height, data }: RgbaImage): Steps<RgbaImage> {
  const [w, h] = [width >> 1, height >> 1];
  const half = new Uint8ClampedArray(w * h * 4);
  for (let y = 0; y < h; y++) {
    yield;
    for (let x = 0; x < w; x++) {
      const i = (2 * y * width + 2 * x) * 4;
      const o = (y * w + x) * 4;
      for (let c = 0; c < 4; c++) {
        half[o + c] =
          (data[i + c] + data[i + 4 + c] + data[i + width * 4 + c] + data[i + width * 4 + 4 + c]) / 4;
      }
    }
  }
  return { width: w, height: h, data: half };
}

/** What one side of the canvas knows. */
interface SideMaps {
  /** Unit, scaled by 32767, 3 per pixel; 0 where there is none. */
  readonly normals: Int16Array;
  /** Distance to where it knows nothing, px, up to FAR_PX. */
  readonly inside: Uint8Array;
  /** Depth of what is nearest to its viewer within AROUND_PX, px; Infinity where nothing is. */
  readonly nearest: Float32Array;
}

export interface AppearanceSources {
  /** The full mesh. */
  readonly mesh: Pick<SurfaceMesh, 'positions' | 'indices'>;
  readonly cloud: OrientedCloud;
  /** The figure on the canvas, person >= 128. */
  readonly matte: GreyImage;
  /** At its own resolution. */
  readonly photo: RgbaImage;
  /** Of the photo's frame, whatever its resolution. */
  readonly mapping: SquareMapping;
}

export class Appearance {
  /** Px of the decoded photo per canvas px. */
  readonly photoPerCanvas: number;
  readonly #front: SideMaps;
  readonly #back: SideMaps;
  readonly #backColours: Levels;
  readonly #photo: Levels;
  readonly #offsetX: number;
  readonly #offsetY: number;
  readonly #place = new Float64Array(3);
  readonly #rgb = new Float64Array(3);
  readonly #n = new Float64Array(3);

  private constructor(
    front: SideMaps,
    back: SideMaps,
    backColours: RgbaImage,
    photo: RgbaImage,
    mapping: SquareMapping,
  ) {
    this.#front = front;
    this.#back = back;
    this.#backColours = new Levels(backColours);
    this.#photo = new Levels(photo);
    const decoded = photo.width / mapping.width;
    this.photoPerCanvas = decoded / mapping.scale;
    this.#offsetX = mapping.offsetX * decoded;
    this.#offsetY = mapping.offsetY * decoded;
  }

  static *steps({ mesh, cloud, matte, photo, mapping }: AppearanceSources): Steps<Appearance> {
    const known = [new Uint8Array(SIZE * SIZE), new Uint8Array(SIZE * SIZE)];
    const normals = [new Int16Array(SIZE * SIZE * 3), new Int16Array(SIZE * SIZE * 3)];
    const backColours = new Uint8ClampedArray(SIZE * SIZE * 4);
    for (let i = 0; i < cloud.count; i++) {
      if (i % 8192 === 0) yield;
      const side = cloud.sides[i];
      const pixel = cloud.pixels[i];
      // Points of the rim come last, and stand beside the pixels that they name.
      if (known[side][pixel] !== 0) continue;
      known[side][pixel] = 255;
      for (let k = 0; k < 3; k++) normals[side][pixel * 3 + k] = Math.round(cloud.normals[i * 3 + k] * 32767);
      if (side === 0) continue;
      for (let k = 0; k < 3; k++) backColours[pixel * 4 + k] = cloud.colours[i * 3 + k];
      backColours[pixel * 4 + 3] = 255;
    }
    // The photo is known wherever the figure is, also where its depth had a hole.
    const front: SideMaps = {
      normals: normals[0],
      inside: yield* insideSteps(matte.data),
      nearest: yield* nearestSteps(mesh, FRONT),
    };
    const back: SideMaps = {
      normals: normals[1],
      inside: yield* insideSteps(known[1]),
      nearest: yield* nearestSteps(mesh, BACK),
    };
    const colours = { width: SIZE, height: SIZE, data: backColours };
    return new Appearance(front, back, colours, photo, mapping);
  }

  /** Level of the photo whose pixels are about as large as texels. */
  levelFor(texelsPerCanvasPx: number): number {
    return Math.max(0, Math.floor(Math.log2(this.photoPerCanvas / texelsPerCanvasPx) + 0.5));
  }

  *need(level: number): Steps<void> {
    yield* this.#photo.need(level);
  }

  /**
   * Turns what the full mesh has at a point into what it looks like there.
   *
   * @param place the point, final frame. @param canvas its place as seen from the front, where that is known exactly.
   * @param colour in and out, sRGB 0..255. @param normal in and out, unit.
   */
  at(
    x: number,
    y: number,
    z: number,
    canvas: readonly [number, number] | null,
    level: number,
    colour: Float64Array,
    normal: Float64Array,
  ): void {
    const cosine = facing(normal[0], normal[1], normal[2], x, y, z, FRONT);
    if (cosine > GRAZING) this.#blend(FRONT, this.#front, x, y, z, canvas, level, cosine, colour, normal);
    else if (cosine < -GRAZING)
      this.#blend(BACK, this.#back, x, y, z, canvas, level, -cosine, colour, normal);
  }

  #blend(
    side: SideIndex,
    maps: SideMaps,
    x: number,
    y: number,
    z: number,
    canvas: readonly [number, number] | null,
    level: number,
    cosine: number,
    colour: Float64Array,
    normal: Float64Array,
  ): void {
    projectPoint(x, y, z, side, this.#place, 0);
    const u = canvas ? canvas[0] : side === FRONT ? this.#place[0] : SIZE - this.#place[0];
    const v = canvas ? canvas[1] : this.#place[1];
    if (!(u >= 1 && v >= 1 && u < SIZE - 1 && v < SIZE - 1)) return;
    const pixel = Math.floor(v) * SIZE + Math.floor(u);
    const hidden = smoothstep(NEAREST_PX, HIDDEN_PX, this.#place[2] - maps.nearest[pixel]);
    const sure =
      smoothstep(GRAZING, SQUARE, cosine) *
      smoothstep(OUTLINE_PX, INSIDE_PX, bilinear(maps.inside, u, v)) *
      (1 - hidden);
    if (!(sure > 0)) return;
    const rgb = this.#rgb;
    if (side === FRONT) {
      this.#photo.sample(
        u * this.photoPerCanvas - this.#offsetX,
        v * this.photoPerCanvas - this.#offsetY,
        level,
        rgb,
      );
    } else this.#backColours.sample(u, v, 0, rgb);
    for (let c = 0; c < 3; c++) colour[c] += (rgb[c] - colour[c]) * sure;
    this.#fineNormal(maps.normals, u, v, sure, normal);
  }

  /** Blends the fine normal in, as far as the pixels around have one. */
  #fineNormal(normals: Int16Array, u: number, v: number, sure: number, normal: Float64Array): void {
    const u0 = Math.floor(u - 0.5);
    const v0 = Math.floor(v - 0.5);
    const fu = u - 0.5 - u0;
    const fv = v - 0.5 - v0;
    const n = this.#n.fill(0);
    let total = 0;
    for (let k = 0; k < 4; k++) {
      const i = ((v0 + (k >> 1)) * SIZE + u0 + (k & 1)) * 3;
      if (normals[i] === 0 && normals[i + 1] === 0 && normals[i + 2] === 0) continue;
      const w = (k & 1 ? fu : 1 - fu) * (k >> 1 ? fv : 1 - fv);
      total += w;
      for (let c = 0; c < 3; c++) n[c] += (normals[i + c] / 32767) * w;
    }
    for (let c = 0; c < 3; c++) normal[c] = normal[c] * (1 - sure * total) + n[c] * sure;
    const length = Math.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2) || 1;
    for (let c = 0; c < 3; c++) normal[c] /= length;
  }
}

function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

function bilinear(map: Uint8Array, u: number, v: number): number {
  const u0 = Math.floor(u - 0.5);
  const v0 = Math.floor(v - 0.5);
  const fu = u - 0.5 - u0;
  const fv = v - 0.5 - v0;
  const i = v0 * SIZE + u0;
  const upper = map[i] * (1 - fu) + map[i + 1] * fu;
  const lower = map[i + SIZE] * (1 - fu) + map[i + SIZE + 1] * fu;
  return upper * (1 - fv) + lower * fv;
}

/** Distance to the nearest pixel below 128, by steps to the eight neighbours (1 and 1.5), px, up to FAR_PX. */
function* insideSteps(mask: Uint8Array): Steps<Uint8Array> {
  // In halves of a pixel while it is worked out.
  const far = 2 * FAR_PX;
  const out = new Uint8Array(SIZE * SIZE);
  for (let i = 0; i < out.length; i++) out[i] = mask[i] >= 128 ? far : 0;
  for (const forward of [true, false]) {
    const way = forward ? -1 : 1;
    for (let k = 1; k < SIZE - 1; k++) {
      if (k % 16 === 0) yield;
      const y = forward ? k : SIZE - 1 - k;
      for (let m = 1; m < SIZE - 1; m++) {
        const i = y * SIZE + (forward ? m : SIZE - 1 - m);
        if (out[i] === 0) continue;
        const row = i + way * SIZE;
        out[i] = Math.min(out[i], out[i + way] + 2, out[row] + 2, out[row - 1] + 3, out[row + 1] + 3);
      }
    }
  }
  for (let i = 0; i < out.length; i++) out[i] = out[i] >> 1;
  return out;
}

/** Depth of the surface nearest to the viewer within AROUND_PX of each canvas pixel, in the frame of the canvas. */
function* nearestSteps(
  { positions, indices }: Pick<SurfaceMesh, 'positions' | 'indices'>,
  side: SideIndex,
): Steps<Float32Array> {
  const view = projected(positions, side);
  if (side === BACK) for (let i = 0; i < view.length; i += 3) view[i] = SIZE - view[i];
  const depth = new Float32Array(SIZE * SIZE).fill(Infinity);
  for (let t = 0; t < indices.length; t += 3) {
    if (t % 6144 === 0) yield;
    const a = indices[t] * 3;
    const b = indices[t + 1] * 3;
    const c = indices[t + 2] * 3;
    const [ax, ay, bx, by, cx, cy] = [view[a], view[a + 1], view[b], view[b + 1], view[c], view[c + 1]];
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    if (Math.abs(area) < 1e-9) continue;
    const yEnd = Math.min(SIZE - 1, Math.floor(Math.max(ay, by, cy) - 0.5));
    const xEnd = Math.min(SIZE - 1, Math.floor(Math.max(ax, bx, cx) - 0.5));
    for (let y = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5)); y <= yEnd; y++) {
      for (let x = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5)); x <= xEnd; x++) {
        const wb = ((x + 0.5 - ax) * (cy - ay) - (y + 0.5 - ay) * (cx - ax)) / area;
        const wc = ((bx - ax) * (y + 0.5 - ay) - (by - ay) * (x + 0.5 - ax)) / area;
        if (wb < 0 || wc < 0 || wb + wc > 1) continue;
        const d = view[a + 2] + wb * (view[b + 2] - view[a + 2]) + wc * (view[c + 2] - view[a + 2]);
        if (d < depth[y * SIZE + x]) depth[y * SIZE + x] = d;
      }
    }
  }
  return yield* leastAroundSteps(depth);
}

function* leastAroundSteps(depth: Float32Array): Steps<Float32Array> {
  const across = new Float32Array(depth.length);
  for (let y = 0; y < SIZE; y++) {
    if (y % 16 === 0) yield;
    for (let x = 0; x < SIZE; x++) {
      let least = Infinity;
      const end = Math.min(SIZE - 1, x + AROUND_PX);
      for (let k = Math.max(0, x - AROUND_PX); k <= end; k++) least = Math.min(least, depth[y * SIZE + k]);
      across[y * SIZE + x] = least;
    }
  }
  for (let y = 0; y < SIZE; y++) {
    if (y % 16 === 0) yield;
    const end = Math.min(SIZE - 1, y + AROUND_PX);
    for (let x = 0; x < SIZE; x++) {
      let least = Infinity;
      for (let k = Math.max(0, y - AROUND_PX); k <= end; k++) least = Math.min(least, across[k * SIZE + x]);
      depth[y * SIZE + x] = least;
    }
  }
  return depth;
}
