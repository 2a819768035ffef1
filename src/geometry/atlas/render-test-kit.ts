/** Draws a mesh as the photo's camera sees it, on the processor, for tests and the bench: colours as they are, or lit clay. */
import type { RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import type { Atlas } from './atlas.ts';
import { projected, type SideIndex } from './projections.ts';

/** Part of the canvas, canvas px, and how many pixels of the drawing each of its px has. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly zoom: number;
}

type Shade = (t: number, wa: number, wb: number, wc: number, out: Float64Array) => void;

export function draw(
  positions: Float32Array,
  indices: Uint32Array,
  side: SideIndex,
  { left, top, width, height, zoom }: Window,
  shade: Shade,
): RgbaImage {
  const view = projected(positions, side);
  const [w, h] = [width * zoom, height * zoom];
  const depth = new Float32Array(w * h).fill(Infinity);
  const owner = new Int32Array(w * h).fill(-1);
  const weights = new Float32Array(w * h * 2);
  for (let t = 0; t < indices.length / 3; t++) {
    const [a, b, c] = [indices[t * 3] * 3, indices[t * 3 + 1] * 3, indices[t * 3 + 2] * 3];
    const [ax, ay] = [(view[a] - left) * zoom, (view[a + 1] - top) * zoom];
    const [bx, by] = [(view[b] - left) * zoom, (view[b + 1] - top) * zoom];
    const [cx, cy] = [(view[c] - left) * zoom, (view[c + 1] - top) * zoom];
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    if (area >= 0) continue;
    const y1 = Math.min(h - 1, Math.floor(Math.max(ay, by, cy)));
    const x1 = Math.min(w - 1, Math.floor(Math.max(ax, bx, cx)));
    for (let y = Math.max(0, Math.floor(Math.min(ay, by, cy))); y <= y1; y++) {
      for (let x = Math.max(0, Math.floor(Math.min(ax, bx, cx))); x <= x1; x++) {
        const wb = ((x + 0.5 - ax) * (cy - ay) - (y + 0.5 - ay) * (cx - ax)) / area;
        const wc = ((bx - ax) * (y + 0.5 - ay) - (by - ay) * (x + 0.5 - ax)) / area;
        if (wb < 0 || wc < 0 || wb + wc > 1) continue;
        const d = view[a + 2] + wb * (view[b + 2] - view[a + 2]) + wc * (view[c + 2] - view[a + 2]);
        const i = y * w + x;
        if (d >= depth[i]) continue;
        depth[i] = d;
        owner[i] = t;
        weights[i * 2] = wb;
        weights[i * 2 + 1] = wc;
      }
    }
  }
  const data = new Uint8ClampedArray(w * h * 4);
  const rgb = new Float64Array(3);
  for (let i = 0; i < owner.length; i++) {
    data[i * 4 + 3] = owner[i] === -1 ? 0 : 255;
    if (owner[i] === -1) continue;
    const [wb, wc] = [weights[i * 2], weights[i * 2 + 1]];
    shade(owner[i], 1 - wb - wc, wb, wc, rgb);
    for (let c = 0; c < 3; c++) data[i * 4 + c] = rgb[c];
  }
  return { width: w, height: h, data };
}

/** Vertex colours. */
export function coloured({ indices, colours }: SurfaceMesh): Shade {
  return (t, wa, wb, wc, out) => {
    const [a, b, c] = [indices[t * 3] * 3, indices[t * 3 + 1] * 3, indices[t * 3 + 2] * 3];
    for (let k = 0; k < 3; k++) out[k] = colours[a + k] * wa + colours[b + k] * wb + colours[c + k] * wc;
  };
}

function clay(x: number, y: number, z: number, out: Float64Array): void {
  const length = Math.hypot(x, y, z) || 1;
  const light = Math.max(0, (-0.55 * x + 0.5 * y + 0.67 * z) / length);
  for (let k = 0; k < 3; k++) out[k] = 30 + light * 215;
}

export function lit({ indices, normals }: Pick<SurfaceMesh, 'indices' | 'normals'>): Shade {
  return (t, wa, wb, wc, out) => {
    const [a, b, c] = [indices[t * 3] * 3, indices[t * 3 + 1] * 3, indices[t * 3 + 2] * 3];
    const n = (k: number) => normals[a + k] * wa + normals[b + k] * wb + normals[c + k] * wc;
    clay(n(0), n(1), n(2), out);
  };
}

/** Bilinear, as a graphics card samples. */
export function sampled({ width, height, data }: RgbaImage, u: number, v: number, out: Float64Array): void {
  const x = Math.min(width - 1, Math.max(0, u * width - 0.5));
  const y = Math.min(height - 1, Math.max(0, v * height - 0.5));
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  for (let k = 0; k < 3; k++) {
    const at = (px: number, py: number) => data[(py * width + px) * 4 + k];
    const upper = at(x0, y0) * (1 - x + x0) + at(x1, y0) * (x - x0);
    const lower = at(x0, y1) * (1 - x + x0) + at(x1, y1) * (x - x0);
    out[k] = upper * (1 - y + y0) + lower * (y - y0);
  }
}

type Textured = Pick<Atlas, 'indices' | 'uvs' | 'normals' | 'tangents' | 'colour' | 'normal'>;

function uvAt({ indices, uvs }: Textured, t: number, wa: number, wb: number, wc: number): [number, number] {
  const [a, b, c] = [indices[t * 3] * 2, indices[t * 3 + 1] * 2, indices[t * 3 + 2] * 2];
  return [uvs[a] * wa + uvs[b] * wb + uvs[c] * wc, uvs[a + 1] * wa + uvs[b + 1] * wb + uvs[c + 1] * wc];
}

export function textured(atlas: Textured): Shade {
  return (t, wa, wb, wc, out) => sampled(atlas.colour, ...uvAt(atlas, t, wa, wb, wc), out);
}

/** The normal that a renderer reads from the normal map. */
export function mappedNormal(atlas: Textured): Shade {
  const { indices, normals, tangents } = atlas;
  return (t, wa, wb, wc, out) => {
    sampled(atlas.normal, ...uvAt(atlas, t, wa, wb, wc), out);
    const corners = [indices[t * 3], indices[t * 3 + 1], indices[t * 3 + 2]];
    const weights = [wa, wb, wc];
    const mean = (values: Float32Array, width: number, k: number) =>
      corners.reduce((sum, v, corner) => sum + values[v * width + k] * weights[corner], 0);
    const unit = (v: readonly number[]) => v.map((c) => c / Math.hypot(...v));
    const n = unit([mean(normals, 3, 0), mean(normals, 3, 1), mean(normals, 3, 2)]);
    const g = unit([mean(tangents, 4, 0), mean(tangents, 4, 1), mean(tangents, 4, 2)]);
    const b = [n[1] * g[2] - n[2] * g[1], n[2] * g[0] - n[0] * g[2], n[0] * g[1] - n[1] * g[0]];
    const [x, y, z] = [out[0], out[1], out[2]].map((value) => (value / 255) * 2 - 1);
    for (let k = 0; k < 3; k++) out[k] = x * g[k] + y * b[k] + z * n[k];
  };
}

export function litByMap(atlas: Textured): Shade {
  const normal = mappedNormal(atlas);
  return (t, wa, wb, wc, out) => {
    normal(t, wa, wb, wc, out);
    clay(out[0], out[1], out[2], out);
  };
}
