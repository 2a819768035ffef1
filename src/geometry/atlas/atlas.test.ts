import { generateTangents } from 'three/examples/jsm/libs/mikktspace.module.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { simplifyMesh } from '../../../workers/poisson/simplify.ts';
import type { RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import { finish } from '../../base/steps.ts';
import { type Atlas, type AtlasRequest, atlasSteps } from './atlas.ts';
import { madeFigure } from './figure-test-kit.ts';
import { FRONT, facing, projectPoint } from './projections.ts';
import { draw, lit, litByMap, sampled, textured } from './render-test-kit.ts';

const WHOLE = { left: 0, top: 0, width: 2048, height: 2048, zoom: 0.5 };

const figure = madeFigure(2048);
const { mesh: full, ...sources } = figure;
const make = (mesh: SurfaceMesh, maxSide: number, more: Partial<AtlasRequest> = {}) =>
  finish(atlasSteps({ mesh, full, sources, important: (_x, y) => y > 0.15, maxSide, ...more }));

const made = new Map<number, { mesh: SurfaceMesh; atlas: Atlas }>();
/** @param triangles most triangles; 0: the full mesh. */
async function atlasOf(triangles: number) {
  const known = made.get(triangles);
  if (known) return known;
  const mesh = triangles === 0 ? full : await simplifyMesh(full, triangles);
  const entry = { mesh, atlas: make(mesh, 2048) };
  made.set(triangles, entry);
  return entry;
}

/** Mean difference of two drawings where both have something, levels of 255. */
function difference(a: RgbaImage, b: RgbaImage): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    if (a.data[i + 3] === 0 || b.data[i + 3] === 0) continue;
    for (let c = 0; c < 3; c++) sum += Math.abs(a.data[i + c] - b.data[i + c]);
    count += 3;
  }
  expect(count).toBeGreaterThan(100_000);
  return sum / count;
}

/** Chart of each vertex: vertices that triangles join. */
function chartsOf({ indices, positions }: Atlas): Int32Array {
  const parent = Int32Array.from({ length: positions.length / 3 }, (_, v) => v);
  const root = (v: number): number => {
    let at = v;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  for (let i = 0; i < indices.length; i += 3) {
    for (const k of [1, 2]) parent[root(indices[i + k])] = root(indices[i]);
  }
  return parent.map((_, v) => root(v));
}

/** Texels whose centre lies well inside a triangle, with how many triangles have them and whose chart it is. */
function coverage(atlas: Atlas) {
  const { width, height } = atlas.colour;
  const charts = chartsOf(atlas);
  const times = new Uint8Array(width * height);
  const owner = new Int32Array(width * height).fill(-1);
  for (let t = 0; t < atlas.indices.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => {
      const v = atlas.indices[t + k];
      return [atlas.uvs[v * 2] * width, atlas.uvs[v * 2 + 1] * height];
    });
    const area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    for (let y = Math.floor(Math.min(a[1], b[1], c[1])); y <= Math.max(a[1], b[1], c[1]); y++) {
      for (let x = Math.floor(Math.min(a[0], b[0], c[0])); x <= Math.max(a[0], b[0], c[0]); x++) {
        const wb = ((x + 0.5 - a[0]) * (c[1] - a[1]) - (y + 0.5 - a[1]) * (c[0] - a[0])) / area;
        const wc = ((b[0] - a[0]) * (y + 0.5 - a[1]) - (b[1] - a[1]) * (x + 0.5 - a[0])) / area;
        if (wb < 1e-4 || wc < 1e-4 || wb + wc > 1 - 1e-4) continue;
        times[y * width + x]++;
        owner[y * width + x] = charts[atlas.indices[t]];
      }
    }
  }
  return { times, owner };
}

describe.each([10_000, 0])('an atlas of %i triangles (0: the whole mesh)', (triangles) => {
  let mesh: SurfaceMesh;
  let atlas: Atlas;
  beforeAll(async () => {
    ({ mesh, atlas } = await atlasOf(triangles));
  }, 300_000);

  test('has every triangle in its order, its vertices where they were, in the picture', () => {
    expect(atlas.indices.length).toBe(mesh.indices.length);
    for (let i = 0; i < mesh.indices.length; i++) {
      expect(atlas.sources[atlas.indices[i]]).toBe(mesh.indices[i]);
    }
    for (let v = 0; v < atlas.sources.length; v++) {
      for (let k = 0; k < 3; k++) {
        expect(atlas.positions[v * 3 + k]).toBe(mesh.positions[atlas.sources[v] * 3 + k]);
      }
    }
    expect(Math.min(...atlas.uvs.subarray(0, 50_000))).toBeGreaterThan(0);
    expect(Math.max(...atlas.uvs.subarray(0, 50_000))).toBeLessThan(1);
    // Seams cost vertices: charts must be few and large.
    expect(atlas.sources.length).toBeLessThan(mesh.seen.length * 1.5);
  });

  test('no texel belongs to two triangles, and two charts are four texels apart', () => {
    const { times, owner } = coverage(atlas);
    const { width } = atlas.colour;
    expect(times.filter((n) => n > 1).length).toBe(0);
    let near = 0;
    for (let i = 0; i < owner.length; i++) {
      if (owner[i] === -1) continue;
      for (const step of [1, 2, 3]) {
        for (const j of [i + step, i + step * width]) {
          if (j < owner.length && owner[j] !== -1 && owner[j] !== owner[i]) near++;
        }
      }
    }
    expect(near).toBe(0);
  });

  test('what the camera saw squarely has the photo’s own pixels', () => {
    expect(atlas.texelsPerPixel).toBe(1);
    const place = new Float64Array(3);
    const rgb = new Float64Array(3);
    let compared = 0;
    let off = 0;
    for (let v = 0; v < atlas.sources.length; v += 3) {
      const [x, y, z] = atlas.positions.subarray(v * 3, v * 3 + 3);
      const [nx, ny, nz] = atlas.normals.subarray(v * 3, v * 3 + 3);
      projectPoint(x, y, z, FRONT, place, 0);
      const behindHand = Math.hypot(place[0] - 1160, place[1] - 1300) < 180;
      if (facing(nx, ny, nz, x, y, z, FRONT) < 0.6 || behindHand) continue;
      // At the middle of the pixel that the vertex lies in, which the uv reaches by whole texels.
      const dx = Math.floor(place[0]) + 0.5 - place[0];
      const dy = Math.floor(place[1]) + 0.5 - place[1];
      sampled(
        atlas.colour,
        atlas.uvs[v * 2] + dx / atlas.colour.width,
        atlas.uvs[v * 2 + 1] + dy / atlas.colour.height,
        rgb,
      );
      const pixel = (Math.floor(place[1]) * 2048 + Math.floor(place[0])) * 4;
      compared++;
      if ([0, 1, 2].some((k) => Math.abs(rgb[k] - figure.photo.data[pixel + k]) > 1)) off++;
    }
    expect(compared).toBeGreaterThan(triangles === 0 ? 1000 : 300);
    expect(off / compared).toBeLessThan(0.01);
  });

  test('its tangents are MikkTSpace’s', () => {
    const corners = <A extends Float32Array>(values: A, width: number) =>
      Float32Array.from({ length: atlas.indices.length * width }, (_, i) => {
        return values[atlas.indices[Math.floor(i / width)] * width + (i % width)];
      });
    const theirs = generateTangents(
      corners(atlas.positions, 3),
      corners(atlas.normals, 3),
      corners(atlas.uvs, 2),
    );
    let far = 0;
    for (let i = 0; i < atlas.indices.length; i++) {
      const v = atlas.indices[i] * 4;
      const dot = [0, 1, 2].reduce((sum, k) => sum + theirs[i * 4 + k] * atlas.tangents[v + k], 0);
      // v runs downward here and upward there.
      if (dot < 0.9999 || theirs[i * 4 + 3] !== -atlas.tangents[v + 3]) far++;
    }
    // Where two fans of a chart touch in one vertex only, they have one tangent each there.
    expect(far / atlas.indices.length).toBeLessThan(0.002);
  });

  test('on both sides of a seam colours are the same', () => {
    const first = new Map<number, number>();
    let sum = 0;
    let count = 0;
    const [a, b] = [new Float64Array(3), new Float64Array(3)];
    for (let v = 0; v < atlas.sources.length; v++) {
      const other = first.get(atlas.sources[v]);
      if (other === undefined) {
        first.set(atlas.sources[v], v);
        continue;
      }
      sampled(atlas.colour, atlas.uvs[v * 2], atlas.uvs[v * 2 + 1], a);
      sampled(atlas.colour, atlas.uvs[other * 2], atlas.uvs[other * 2 + 1], b);
      for (let k = 0; k < 3; k++) sum += Math.abs(a[k] - b[k]);
      count += 3;
    }
    expect(count).toBeGreaterThan(100);
    expect(sum / count).toBeLessThan(3);
  });

  test('its normal map gives the full mesh’s shading', () => {
    const drawn = draw(atlas.positions, atlas.indices, FRONT, WHOLE, litByMap(atlas));
    const truth = draw(full.positions, full.indices, FRONT, WHOLE, lit(full));
    expect(difference(drawn, truth)).toBeLessThan(2);
  });
});

test('a face of 10,000 triangles is as readable as the full mesh', async () => {
  const view = (atlas: Atlas) =>
    draw(atlas.positions, atlas.indices, FRONT, { ...WHOLE, zoom: 1 }, textured(atlas));
  const [small, whole] = [await atlasOf(10_000), await atlasOf(0)];
  expect(difference(view(small.atlas), view(whole.atlas))).toBeLessThan(2);
}, 300_000);

test('where there is room for less, everything shrinks and fits, the head least', async () => {
  const small = await simplifyMesh(full, 4000);
  const atlas = make(small, 512);
  expect([atlas.colour.width, atlas.colour.height <= 512]).toEqual([512, true]);
  expect(atlas.texelsPerPixel).toBeLessThan(0.6);
  expect(coverage(atlas).times.filter((n) => n > 1).length).toBe(0);
  const density = (wanted: (y: number) => boolean) => {
    let [texels, px] = [0, 0];
    const [p, q] = [new Float64Array(3), new Float64Array(3)];
    for (let t = 0; t < atlas.indices.length; t += 3) {
      const [a, b] = [atlas.indices[t], atlas.indices[t + 1]];
      if (!wanted(atlas.positions[a * 3 + 1]) || atlas.normals[a * 3 + 2] < 0.9) continue;
      projectPoint(
        ...(atlas.positions.subarray(a * 3, a * 3 + 3) as unknown as [number, number, number]),
        0,
        p,
        0,
      );
      projectPoint(
        ...(atlas.positions.subarray(b * 3, b * 3 + 3) as unknown as [number, number, number]),
        0,
        q,
        0,
      );
      px += Math.hypot(p[0] - q[0], p[1] - q[1]);
      texels += Math.hypot(
        (atlas.uvs[a * 2] - atlas.uvs[b * 2]) * atlas.colour.width,
        (atlas.uvs[a * 2 + 1] - atlas.uvs[b * 2 + 1]) * atlas.colour.height,
      );
    }
    return texels / px;
  };
  expect(density((y) => y > 0.2) / density((y) => y < 0.1)).toBeGreaterThan(1.6);
}, 300_000);

test('normals are unit, whatever lengths the mesh has', async () => {
  const small = await simplifyMesh(full, 4000);
  const normals = small.normals.map((value, i) => (i < 3 ? 0 : value * (0.5 + (Math.floor(i / 3) % 7))));
  const atlas = make({ ...small, normals: normals as Float32Array<ArrayBuffer> }, 512);
  const lengths = Array.from({ length: atlas.sources.length }, (_, v) =>
    Math.hypot(...atlas.normals.subarray(v * 3, v * 3 + 3)),
  );
  expect(lengths.every((length) => Math.abs(length - 1) < 1e-5)).toBe(true);
}, 300_000);

test('an atlas that memory does not hold is made half as large, and says so', async () => {
  const small = await simplifyMesh(full, 4000);
  const asked: number[] = [];
  const atlas = make(small, 1024, {
    allocate: (width, height) => {
      asked.push(width);
      if (width > 512) return null;
      const picture = () => ({ width, height, data: new Uint8ClampedArray(width * height * 4) });
      return { colour: picture(), normal: picture() };
    },
  });
  expect(asked).toEqual([1024, 512]);
  expect([atlas.short, atlas.colour.width]).toEqual([true, 512]);
}, 300_000);
