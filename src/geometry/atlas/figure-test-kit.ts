/** For tests: a made-up figure with everything an atlas is made from. A body with a nose, and a ball that hides part of it. */
import type { OrientedCloud } from '../../base/cloud.ts';
import type { GreyImage, RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import { CANVAS_SIZE } from '../body.ts';
import { type SquareMapping, squareMapping } from '../keypoints.ts';
import { BACK, FRONT, projectPoint } from './projections.ts';
import { draw } from './render-test-kit.ts';

export interface MadeFigure {
  readonly mesh: SurfaceMesh;
  readonly cloud: OrientedCloud;
  readonly matte: GreyImage;
  readonly photo: RgbaImage;
  readonly mapping: SquareMapping;
}

/** A closed grid of longitudes and latitudes. */
function ball(
  columns: number,
  rows: number,
  place: (longitude: number, latitude: number) => readonly [number, number, number],
) {
  const positions: number[] = [...place(0, -Math.PI / 2), ...place(0, Math.PI / 2)];
  const at = (column: number, row: number) => 2 + (row - 1) * columns + (column % columns);
  for (let row = 1; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      positions.push(...place((2 * Math.PI * column) / columns, Math.PI * (row / rows - 0.5)));
    }
  }
  const indices: number[] = [];
  for (let column = 0; column < columns; column++) {
    indices.push(0, at(column + 1, 1), at(column, 1));
    indices.push(1, at(column, rows - 1), at(column + 1, rows - 1));
    for (let row = 1; row < rows - 1; row++) {
      const [a, b, c, d] = [
        at(column, row),
        at(column + 1, row),
        at(column, row + 1),
        at(column + 1, row + 1),
      ];
      indices.push(a, b, c, b, d, c);
    }
  }
  return { positions, indices };
}

function normalsOf(positions: Float32Array, indices: Uint32Array): Float32Array<ArrayBuffer> {
  const normals = new Float32Array(positions.length);
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t] * 3, indices[t + 1] * 3, indices[t + 2] * 3];
    const u = [0, 1, 2].map((k) => positions[b + k] - positions[a + k]);
    const v = [0, 1, 2].map((k) => positions[c + k] - positions[a + k]);
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    for (const at of [a, b, c]) for (let k = 0; k < 3; k++) normals[at + k] += n[k];
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]) || 1;
    for (let k = 0; k < 3; k++) normals[i + k] /= length;
  }
  return normals;
}

/** What the photo shows at a canvas place: soft blotches, and fine stripes of a few px where it is looked at closely. */
function paint(x: number, y: number, out: Float64Array): void {
  const stripes = 12 * Math.sin(x / 1.7) * Math.sin(y / 2.3);
  out[0] = 150 + 60 * Math.sin(x / 70) + stripes;
  out[1] = 120 + 50 * Math.sin(y / 55) + stripes;
  out[2] = 100 + 40 * Math.sin((x + y) / 90);
}

/** @param photoSide side of the square photo, px. */
export function madeFigure(photoSide: number, detail = 1): MadeFigure {
  const body = ball(Math.round(180 * detail), Math.round(120 * detail), (longitude, latitude) => {
    const [x, y, z] = [
      Math.cos(latitude) * Math.sin(longitude),
      Math.sin(latitude),
      Math.cos(latitude) * Math.cos(longitude),
    ];
    // A nose, and folds.
    const nose = 0.25 * Math.exp(-((x * x + (y - 0.5) ** 2) / 0.01)) * Math.max(0, z);
    const r = 1 + nose + 0.03 * Math.sin(9 * y) + 0.02 * Math.sin(7 * longitude) * Math.cos(latitude);
    return [0.12 * r * x, 0.4 * r * y, 0.1 * r * z];
  });
  const hand = ball(60, 40, (longitude, latitude) => [
    0.05 + 0.04 * Math.cos(latitude) * Math.sin(longitude),
    -0.1 + 0.04 * Math.sin(latitude),
    0.18 + 0.04 * Math.cos(latitude) * Math.cos(longitude),
  ]);
  const positions = Float32Array.from([...body.positions, ...hand.positions]);
  const first = body.positions.length / 3;
  const indices = Uint32Array.from([...body.indices, ...hand.indices.map((v) => v + first)]);
  const normals = normalsOf(positions, indices);
  const vertices = positions.length / 3;
  const photo = picture(photoSide, CANVAS_SIZE / photoSide);
  const mapping = squareMapping(photoSide, photoSide);
  const colours = new Uint8Array(vertices * 3);
  const place = new Float64Array(3);
  const rgb = new Float64Array(3);
  for (let v = 0; v < vertices; v++) {
    projectPoint(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2], FRONT, place, 0);
    paint(place[0], place[1], rgb);
    for (let k = 0; k < 3; k++) colours[v * 3 + k] = rgb[k];
  }
  const mesh: SurfaceMesh = {
    positions,
    normals,
    colours,
    indices,
    seen: new Uint8Array(vertices).fill(255),
    confidence: new Uint8Array(vertices).fill(255),
  };
  const matte = { width: CANVAS_SIZE, height: CANVAS_SIZE, data: new Uint8Array(CANVAS_SIZE ** 2) };
  return { mesh, cloud: cloudOf(mesh, matte), matte, photo, mapping };
}

function picture(side: number, canvasPerPixel: number): RgbaImage {
  const data = new Uint8ClampedArray(side * side * 4);
  const rgb = new Float64Array(3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      paint((x + 0.5) * canvasPerPixel, (y + 0.5) * canvasPerPixel, rgb);
      for (let k = 0; k < 3; k++) data[(y * side + x) * 4 + k] = rgb[k];
      data[(y * side + x) * 4 + 3] = 255;
    }
  }
  return { width: side, height: side, data };
}

/** A point at every canvas pixel of both sides; marks the matte. */
function cloudOf({ positions, normals, indices }: SurfaceMesh, matte: GreyImage): OrientedCloud {
  const places: number[] = [];
  const directions: number[] = [];
  const colours: number[] = [];
  const sides: number[] = [];
  const pixels: number[] = [];
  const rgb = new Float64Array(3);
  const window = { left: 0, top: 0, width: CANVAS_SIZE, height: CANVAS_SIZE, zoom: 1 };
  const place = new Float64Array(3);
  for (const side of [FRONT, BACK]) {
    draw(positions, indices, side, window, (t, wa, wb, wc) => {
      const corners = [indices[t * 3] * 3, indices[t * 3 + 1] * 3, indices[t * 3 + 2] * 3];
      const mean = (values: Float32Array, k: number) =>
        values[corners[0] + k] * wa + values[corners[1] + k] * wb + values[corners[2] + k] * wc;
      const [x, y, z] = [mean(positions, 0), mean(positions, 1), mean(positions, 2)];
      projectPoint(x, y, z, FRONT, place, 0);
      const pixel = Math.floor(place[1]) * CANVAS_SIZE + Math.floor(place[0]);
      matte.data[pixel] = 255;
      places.push(x, y, z);
      directions.push(mean(normals, 0), mean(normals, 1), mean(normals, 2));
      paint(place[0], place[1], rgb);
      colours.push(rgb[0], rgb[1], rgb[2]);
      sides.push(side === FRONT ? 0 : 1);
      pixels.push(pixel);
    });
  }
  return {
    count: sides.length,
    positions: Float32Array.from(places),
    normals: Float32Array.from(directions),
    colours: Uint8Array.from(colours),
    sides: Uint8Array.from(sides),
    pixels: Uint32Array.from(pixels),
  };
}
