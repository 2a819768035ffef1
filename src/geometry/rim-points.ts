/**
 * Points that close the rim: between the front and the back depth at the outline there is no sample, and a surface laid
 * through the two sheets alone bulges out there or grows webs into narrow gaps (arm to body). The outline of the matte
 * is known exactly, so the rim is drawn as a strip from sheet to sheet that touches it: a parabola across, which is what
 * a round body shows there (on a sphere position and normal both agree to first order).
 * The outline of the depth runs along pixels, in steps of one. A strip that starts at their centres has the steps too, as
 * ridges across the sides of the figure once the solver's cells are as fine (depth 11). So a strip starts at the smooth
 * outline through the pixels, and its depths are means over the outline's pixels around.
 * Not in the original, which offers seven grey "side fill" clouds instead (docs/method.md#side-fill).
 */
import type { GreyImage, PlanarMap, RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { CLOUD_DIVISOR, depthUnitPx, HALF_VIEW_TANGENT, rayDistance } from './camera.ts';

export interface RimPoints {
  readonly count: number;
  /** Final frame, 3 per point. */
  readonly positions: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  readonly colours: Uint8Array<ArrayBuffer>;
  /** 0 nearer the front sheet, 1 nearer the back sheet. */
  readonly sides: Uint8Array<ArrayBuffer>;
  readonly pixels: Uint32Array<ArrayBuffer>;
}

/** Depth between two points of the strip, px: seen edge-on, a point stands for at most about 8 px^2 in the solver. */
const SPACING_PX = 8;
/** Sheets farther apart than this at the outline are two different things, px. */
const THICKEST_PX = 400;
/** Pixels of the outline whose directions differ by more than 45 degrees are round a corner. */
const SAME_WAY_COSINE = Math.SQRT1_2;
/** Pixels of the outline whose depths differ by more than this belong to different things, px. */
const SAME_DEPTH_PX = 30;
/** Half side of the square that tells which way is out. */
const WINDOW = 4;
/** Colours are taken this far inside the outline of the depth, px: nearer they mix with the background. */
const COLOUR_INSET_PX = 2;

/**
 * @param depth f32 [2, S, S] from finishDepth, its rim already cut; 0 = empty.
 * @param matte the whole foreground, S x S, person >= 128.
 * @param rimPx width of the cut rim: the strip reaches this far out, px.
 */
export function* rimPointsSteps(
  depth: PlanarMap,
  matte: GreyImage,
  rimPx: number,
  frontColours: RgbaImage,
  backColours: RgbaImage,
): Steps<RimPoints> {
  const [, size] = depth.shape;
  const plane = size * size;
  const filled = (row: number, column: number) => {
    const i = row * size + column;
    return depth.data[i] > 0 && depth.data[plane + i] > 0;
  };
  const list = new PointList();
  const unit = depthUnitPx(size);
  const outline = new Outline(size);
  for (let row = WINDOW; row < size - WINDOW; row++) {
    yield;
    for (let column = WINDOW; column < size - WINDOW; column++) {
      if (!filled(row, column)) continue;
      const inner =
        filled(row - 1, column) &&
        filled(row + 1, column) &&
        filled(row, column - 1) &&
        filled(row, column + 1);
      if (inner) continue;
      const edge = edgeAt(filled, row, column);
      if (!edge) continue;
      // Only the outline of the person: holes where front and back crossed are not closed.
      const beyondRow = Math.round(row + edge.out[1] * (rimPx + 2));
      const beyondColumn = Math.round(column + edge.out[0] * (rimPx + 2));
      if (beyondRow < 0 || beyondColumn < 0 || beyondRow >= size || beyondColumn >= size) continue;
      if (matte.data[beyondRow * size + beyondColumn] >= 128) continue;
      const pixel = row * size + column;
      const front = depth.data[pixel] * unit;
      const thickness = depth.data[plane + pixel] * unit - front;
      if (!(thickness > 1) || thickness > THICKEST_PX) continue;
      outline.add({ row, column, front, thickness, ...edge });
    }
  }
  for (const place of outline.places) {
    yield;
    // Every second pixel, as a chessboard: the strip is smooth, and points off the pixel grid must stay few. Its ridge has
    // a point at every pixel, because the solver takes the silhouette from the pixels that have one.
    const whole = ((place.row + place.column) & 1) === 0;
    const { out, front, thickness } = outline.mean(place);
    const row = place.row + out[1] * place.beyond;
    const column = place.column + out[0] * place.beyond;
    const pixel = place.row * size + place.column;
    const source =
      Math.round(row - out[1] * COLOUR_INSET_PX) * size + Math.round(column - out[0] * COLOUR_INSET_PX);
    const count = whole ? Math.max(1, Math.round(thickness / SPACING_PX)) : 1;
    for (let k = 0; k < count; k++) {
      const s = (2 * (k + 0.5)) / count - 1;
      const reach = rimPx * (1 - s * s);
      const tilt = (-2 * rimPx * s) / (thickness / 2);
      list.add(
        column + out[0] * reach,
        row + out[1] * reach,
        front + (thickness * (1 + s)) / 2,
        out,
        tilt,
        size,
        s < 0 ? frontColours.data : backColours.data,
        source,
        s < 0 ? 0 : 1,
        pixel,
      );
    }
  }
  return list.done();
}

export const rimPoints = atOnce(rimPointsSteps);

interface Edge {
  /** Unit direction out of the filled area, [right, down]. */
  readonly out: readonly [number, number];
  /** From the pixel's centre to where the smooth outline's pixels have theirs, px along `out`: within a pixel. */
  readonly beyond: number;
}

/** A pixel of the outline. */
interface Place extends Edge {
  readonly row: number;
  readonly column: number;
  readonly front: number;
  readonly thickness: number;
}

/** The edge of the filled area at one of its pixels; null where it has no direction. */
function edgeAt(filled: (row: number, column: number) => boolean, row: number, column: number): Edge | null {
  let x = 0;
  let y = 0;
  let area = 0;
  for (let dy = -WINDOW; dy <= WINDOW; dy++) {
    for (let dx = -WINDOW; dx <= WINDOW; dx++) {
      if (!filled(row + dy, column + dx)) continue;
      x -= dx;
      y -= dy;
      area++;
    }
  }
  const length = Math.hypot(x, y);
  if (length < 1) return null;
  const out: readonly [number, number] = [x / length, y / length];
  // A straight edge through the centre fills half of the window; one farther out a strip more, as long as the edge is in it.
  const side = 2 * WINDOW + 1;
  const edgeLength = side / Math.max(Math.abs(out[0]), Math.abs(out[1]));
  const beyond = (area - (side * side) / 2) / edgeLength - 0.5;
  return { out, beyond: Math.min(1, Math.max(-1, beyond)) };
}

/** The pixels of the outline, found by place. */
class Outline {
  readonly places: Place[] = [];
  readonly #numbers: Int32Array;

  constructor(readonly size: number) {
    this.#numbers = new Int32Array(size * size).fill(-1);
  }

  add(place: Place): void {
    this.#numbers[place.row * this.size + place.column] = this.places.length;
    this.places.push(place);
  }

  /** Means over the outline's pixels in the window that face the same way and belong to the same thing. */
  mean({ row, column, out, front, thickness }: Place): Pick<Place, 'out' | 'front' | 'thickness'> {
    const sum = [0, 0, 0, 0];
    let count = 0;
    for (let y = row - WINDOW; y <= row + WINDOW; y++) {
      for (let x = column - WINDOW; x <= column + WINDOW; x++) {
        const number = this.#numbers[y * this.size + x];
        if (number === -1) continue;
        const other = this.places[number];
        if (out[0] * other.out[0] + out[1] * other.out[1] < SAME_WAY_COSINE) continue;
        if (Math.abs(other.front - front) > SAME_DEPTH_PX) continue;
        if (Math.abs(other.thickness - thickness) > SAME_DEPTH_PX) continue;
        sum[0] += other.out[0];
        sum[1] += other.out[1];
        sum[2] += other.front;
        sum[3] += other.thickness;
        count++;
      }
    }
    const length = Math.hypot(sum[0], sum[1]);
    return { out: [sum[0] / length, sum[1] / length], front: sum[2] / count, thickness: sum[3] / count };
  }
}

class PointList {
  private readonly positions: number[] = [];
  private readonly normals: number[] = [];
  private readonly colours: number[] = [];
  private readonly sides: number[] = [];
  private readonly pixels: number[] = [];

  /** @param tilt toward the camera, per unit outward. */
  add(
    column: number,
    row: number,
    depthPx: number,
    out: readonly [number, number],
    tilt: number,
    size: number,
    colours: Uint8ClampedArray,
    colourPixel: number,
    side: 0 | 1,
    pixel: number,
  ): void {
    const tangentX = ((2 * column + 1) / size - 1) * HALF_VIEW_TANGENT;
    const tangentY = ((2 * row + 1) / size - 1) * HALF_VIEW_TANGENT;
    const length = Math.hypot(tangentX, tangentY, 1);
    const distance = rayDistance(depthPx, size);
    // Ray in the final frame: x right, y up, z toward the camera.
    const ray = [tangentX / length, -tangentY / length, -1 / length];
    this.positions.push(
      (ray[0] * distance) / CLOUD_DIVISOR,
      (ray[1] * distance) / CLOUD_DIVISOR,
      (ray[2] * distance + 1) / CLOUD_DIVISOR,
    );
    const sideways = [out[0], -out[1], 0];
    const along = sideways[0] * ray[0] + sideways[1] * ray[1];
    const n = sideways.map((v, axis) => v - along * ray[axis] - tilt * ray[axis]);
    const scale = 1 / Math.hypot(n[0], n[1], n[2]);
    this.normals.push(n[0] * scale, n[1] * scale, n[2] * scale);
    for (let c = 0; c < 3; c++) this.colours.push(colours[colourPixel * 4 + c]);
    this.sides.push(side);
    this.pixels.push(pixel);
  }

  done(): RimPoints {
    return {
      count: this.sides.length,
      positions: Float32Array.from(this.positions),
      normals: Float32Array.from(this.normals),
      colours: Uint8Array.from(this.colours),
      sides: Uint8Array.from(this.sides),
      pixels: Uint32Array.from(this.pixels),
    };
  }
}
