/**
 * The CPU kernel set, full size, against the reference's two recorded runs (shared golden data; skipped aloud when
 * absent). Recorded values are exact f32, half precision (f16), 16-bit steps (q16) or strided (s8): the tolerances
 * say which. The second photo is a JPEG, whose decoded bytes differ between decoders, so what starts from photo bytes
 * is compared for the first run only.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { type NpyArray, readNpz } from '../../../tests/npz.ts';
import { sharedPath } from '../../../tests/shared.ts';
import { type GreyImage, type PlanarMap, planarMap, type RgbaImage } from '../../base/images.ts';
import { CANVAS_SIZE, CROP_SIZES, KIND_OF_PART, PART_IDS, type PartKind } from '../../geometry/body.ts';
import { cloudFromCamera, pixelTangents, rayDistance, unproject } from '../../geometry/camera.ts';
import { consistencyNormals } from '../../geometry/depth-normals.ts';
import { erodedMask, SIDE_FILL_IDS, sideFillClouds } from '../../geometry/points.ts';
import { createCpuKernels } from '../cpu-kernels.ts';
import type { MergePart } from '../kernel-set.ts';
import { noMergedNormals } from './depth-to-cloud.reference.ts';

const N = CANVAS_SIZE;
const goldenFolder = sharedPath('reference/golden');
const photos = sharedPath('photos');

/** Names of the kinds in the recorded files. */
const STORED_KIND: Readonly<Record<PartKind, string>> = {
  face: 'face',
  upper: 'upper',
  arm: 'arm',
  leg: 'leg',
  foot: 'shoe',
};

interface Meta {
  readonly crop_top_left_yx: Readonly<Record<string, readonly [number, number]>>;
  readonly parts: Readonly<Record<string, { readonly c64_top_left: readonly [number, number] }>>;
  readonly clouds: Readonly<Record<string, { readonly count: number; readonly centroid: readonly number[] }>>;
}

/** Largest and mean difference where `actual` is a number at all. */
function compare(actual: ArrayLike<number>, expected: NpyArray['data'], scale = 1, offset = 0) {
  expect(actual.length).toBe(expected.length);
  let max = 0;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < actual.length; i++) {
    if (Number.isNaN(actual[i])) continue;
    const error = Math.abs(actual[i] - (Number(expected[i]) * scale + offset));
    max = Math.max(max, error);
    sum += error;
    count++;
  }
  return { max, mean: count ? sum / count : 0, count };
}

/** A 64 x 64 window of every channel. */
function window64(map: PlanarMap, [top, left]: readonly [number, number]): Float32Array {
  const [channels, height, width] = map.shape;
  return Float32Array.from({ length: channels * 4096 }, (_, i) => {
    const row = top + ((i >> 6) & 63);
    return map.data[((i >> 12) * height + row) * width + left + (i & 63)];
  });
}

/** Every `stride`-th row and column of the channels from `first`. */
function strided(map: PlanarMap, stride: number, first = 0, channels = map.shape[0]): Float32Array {
  const [, height, width] = map.shape;
  const rows = height / stride;
  const columns = width / stride;
  return Float32Array.from({ length: channels * rows * columns }, (_, i) => {
    const channel = first + Math.floor(i / (rows * columns));
    const row = Math.floor(i / columns) % rows;
    return map.data[(channel * height + row * stride) * width + (i % columns) * stride];
  });
}

/** Opaque RGBA of an RGB or RGBA file. */
function pngPhoto(path: string): RgbaImage {
  const { width, height, channels, data } = decode(readFileSync(path));
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[i * 4 + c] = data[i * channels + c];
  }
  return { width, height, data: rgba };
}

/** The recorded masks have one bit per pixel. */
function bitMask(path: string): GreyImage {
  const { width, height, depth, data } = decode(readFileSync(path));
  expect(depth).toBe(1);
  const grey = Uint8Array.from(
    { length: width * height },
    (_, i) => ((data[i >> 3] >> (7 - (i & 7))) & 1) * 255,
  );
  return { width, height, data: grey };
}

describe.skipIf(!goldenFolder || !photos).each(['hanni', 'DSC02780'])('recorded run %s', (name) => {
  const folder = join(goldenFolder ?? '', name);
  const stored = (file: string) => readNpz(readFileSync(join(folder, `${file}.npz`)));
  const readMeta = (): Meta => JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  const affines = (key: 'theta' | 'theta_inv') => {
    const all = JSON.parse(readFileSync('tests/golden/keypoints_affine.json', 'utf8'));
    return (all[name][key] as number[][][]).map((m) => Float32Array.from(m.flat()));
  };
  const kernels = createCpuKernels();

  test.runIf(name === 'hanni')('network input, its 1/8 and the twelve photo crops', async () => {
    const input = await kernels.networkInput(
      pngPhoto(join(photos ?? '', 'hanni.png')),
      bitMask(join(folder, 'mask.png')),
    );
    const inMemory = await kernels.download(input);
    const golden = stored('input');
    for (const [crop, at] of Object.entries(readMeta().crop_top_left_yx)) {
      expect(compare(window64(inMemory, at), golden[`x_${crop}`].data).max, crop).toBe(0);
    }
    const small = await kernels.download(await kernels.downsample8(input));
    expect(compare(small.data, golden.x_256.data).max).toBeLessThan(1e-7);

    const crops = stored('parts');
    const coarse = kernels.upload(planarMap([6, 256, 256]));
    const imageFromPart = affines('theta');
    const index: Partial<Record<PartKind, number>> = {};
    for (const [p, id] of PART_IDS.entries()) {
      const kind = KIND_OF_PART[id];
      const { height, width } = CROP_SIZES[kind];
      const batch = index[kind] ?? 0;
      index[kind] = batch + 1;
      const length = 3 * height * width;
      const out = await kernels.download(await kernels.partInput(input, coarse, kind, imageFromPart[p]));
      const expected = crops[`img_${STORED_KIND[kind]}_q16`].data.slice(batch * length, (batch + 1) * length);
      const error = compare(out.data.subarray(0, length), expected, 2 / 65535, -1);
      // Half a 16-bit step is 1.53e-5: positions are the original's own, to the bit.
      expect(error.max, id).toBeLessThan(1.6e-5);
      expect(error.mean, id).toBeLessThan(1e-5);
    }
  });

  test('warped coarse normals of the twelve parts', async () => {
    const input = kernels.upload(planarMap([3, N, N]));
    const coarse = kernels.upload(
      planarMap([6, 256, 256], Float32Array.from(stored('low').normals.data as Float32Array)),
    );
    const golden = stored('parts');
    const imageFromPart = affines('theta');
    const index: Partial<Record<PartKind, number>> = {};
    for (const [p, id] of PART_IDS.entries()) {
      const kind = KIND_OF_PART[id];
      const file = STORED_KIND[kind];
      const batch = index[kind] ?? 0;
      index[kind] = batch + 1;
      const out = await kernels.download(await kernels.partInput(input, coarse, kind, imageFromPart[p]));
      const some = strided(out, 4, 3, 3);
      const expected = golden[`upn_${file}_s4`].data.slice(batch * some.length, (batch + 1) * some.length);
      // Half precision: values up to 2.
      expect(compare(some, expected).max, id).toBeLessThan(1e-3);
      if (batch > 0) continue;
      const centre = window64(out, readMeta().parts[file].c64_top_left).subarray(3 * 4096, 6 * 4096);
      expect(compare(centre, golden[`upn_${file}_c64`].data).max, id).toBeLessThan(2e-5);
    }
  });

  test('occupancy shares, and merged normals wherever the recorded part normals reach', async () => {
    const imageFromPart = affines('theta');
    const partFromImage = affines('theta_inv');
    const recorded = stored('parts');
    const index: Partial<Record<PartKind, number>> = {};
    const parts: MergePart[] = [];
    for (const [p, id] of PART_IDS.entries()) {
      const kind = KIND_OF_PART[id];
      const { height, width } = CROP_SIZES[kind];
      const batch = index[kind] ?? 0;
      index[kind] = batch + 1;
      // Only the central 64 x 64 of each crop is recorded exactly; NaN marks the rest and spreads to what needs it.
      const normals = planarMap([6, height, width]);
      normals.data.fill(Number.NaN);
      const centre = recorded[`nrm_${STORED_KIND[kind]}_c64`].data;
      const [top, left] = readMeta().parts[STORED_KIND[kind]].c64_top_left;
      for (let i = 0; i < 6 * 4096; i++) {
        const row = top + ((i >> 6) & 63);
        normals.data[((i >> 12) * height + row) * width + left + (i & 63)] = Number(
          centre[batch * 6 * 4096 + i],
        );
      }
      parts.push({
        kind,
        normals: kernels.upload(normals),
        occupancy: await kernels.partOccupancy(kind, imageFromPart[p]),
        partFromImage: partFromImage[p],
      });
    }
    const occupancy = stored('occupancy');
    const shares = await kernels.download(await kernels.mergeWeights(parts, 256));
    const coarseError = compare(shares.data, occupancy.occ_s8_q16.data, 1 / 65535);
    expect(coarseError.max).toBeLessThan(1e-5);
    expect(coarseError.mean).toBeLessThan(1e-6);
    const fullShares = await kernels.download(await kernels.mergeWeights(parts, N));
    const merged = await kernels.download(await kernels.mergeNormals(parts));
    const high = stored('high');
    let compared = 0;
    for (const [crop, at] of Object.entries(readMeta().crop_top_left_yx)) {
      expect(compare(window64(fullShares, at), occupancy[`occ_${crop}`].data).max, crop).toBeLessThan(1e-5);
      const error = compare(window64(merged, at), high[`n_${crop}`].data);
      expect(error.max, crop).toBeLessThan(1e-4);
      compared += error.count;
    }
    expect(compared).toBeGreaterThan(10_000);
    const everywhere = strided(merged, 8);
    expect(compare(everywhere, high.n_s8.data).max).toBeLessThan(1e-3);
    const uncovered = (n: ArrayLike<number | bigint>, i: number) =>
      [0, 1, 2, 3, 4, 5].every((c) => n[c * 65536 + i] === 0);
    for (let i = 0; i < 65536; i++) {
      if (uncovered(everywhere, i) !== uncovered(high.n_s8.data, i)) expect.fail(`coverage differs at ${i}`);
    }
  });

  const front = goldenFolder ? decode(readFileSync(join(folder, 'depth_front.png'))).data : new Uint16Array();
  const back = goldenFolder ? decode(readFileSync(join(folder, 'depth_back.png'))).data : new Uint16Array();

  test('finished depth and its consistency normals', async () => {
    const high = stored('high');
    const consistency = stored('consistency');
    const finish = async (name: string, side: number) => {
      const raw = planarMap([3, side, side], Float32Array.from(high[name].data as Float32Array));
      return kernels.download(await kernels.finishDepth(kernels.upload(raw), null));
    };
    const steps = (depth: PlanarMap, channel: number) => {
      const plane = depth.shape[1] * depth.shape[2];
      return depth.data.subarray(channel * plane, (channel + 1) * plane).map((d) => Math.trunc(d * 16384));
    };
    const small = await finish('d_raw_s8', 256);
    const everyEighth = (map: ArrayLike<number>) =>
      Float64Array.from({ length: 65536 }, (_, i) => map[(i >> 8) * 8 * N + (i & 255) * 8]);
    expect(compare(steps(small, 0), everyEighth(front)).max).toBe(0);
    expect(compare(steps(small, 1), everyEighth(back)).max).toBe(0);
    for (const [crop, [top, left]] of Object.entries(readMeta().crop_top_left_yx)) {
      const depth = await finish(`d_${crop}`, 64);
      const expected = Float64Array.from(
        { length: 4096 },
        (_, i) => front[(top + (i >> 6)) * N + left + (i & 63)],
      );
      expect(compare(steps(depth, 0), expected).max, crop).toBe(0);
      // The crop's first row and last column lack the neighbour they are made from.
      const normals = consistencyNormals(planarMap([1, 64, 64], depth.data.slice(0, 4096))).data;
      const inner = normals.map((v, i) => ((i >> 6) % 64 === 0 || (i & 63) === 63 ? Number.NaN : v));
      expect(compare(inner, consistency[`front_${crop}`].data).max, crop).toBeLessThan(1e-6);
    }
  });

  test('cloud and side-fill rings: counts, first and last 100 points, centroids', async () => {
    const depth = planarMap([2, N, N]);
    for (let i = 0; i < N * N; i++) {
      depth.data[i] = front[i] / 16384;
      depth.data[N * N + i] = back[i] / 16384;
    }
    const golden = stored('cloud');
    const { clouds } = readMeta();
    const exactColours = name === 'hanni';
    const blank = { width: N, height: N, data: new Uint8ClampedArray(N * N * 4) };
    const photo = exactColours ? pngPhoto(join(photos ?? '', 'hanni.png')) : blank;
    const cloud = await kernels.depthToCloud(
      kernels.upload(depth),
      kernels.upload(noMergedNormals(N)),
      photo,
      photo,
      { mode: 'reference', erodeBack: true },
    );
    const firstBack = cloud.sides.indexOf(1);
    for (const [side, from, to] of [
      ['front', 0, firstBack],
      ['back', firstBack, cloud.count],
    ] as const) {
      expect(to - from).toBe(clouds[side].count);
      for (const [end, at] of [
        ['first', 3 * from],
        ['last', 3 * (to - 100)],
      ] as const) {
        const points = cloud.positions.subarray(at, at + 300);
        expect(compare(points, golden[`${side}_${end}100_xyz`].data).max).toBeLessThan(4e-8);
        const rgb = cloud.colours.subarray(at, at + 300);
        if (exactColours) expect(compare(rgb, golden[`${side}_${end}100_rgb`].data).max).toBe(0);
      }
      for (let k = 0; k < 3; k++) {
        let sum = 0;
        for (let i = from; i < to; i++) sum += cloud.positions[3 * i + k];
        expect(sum / (to - from)).toBeCloseTo(clouds[side].centroid[k], 9);
      }
    }

    const inside = erodedMask(front, N, N, 3);
    const px = (map: ArrayLike<number>, i: number) => map[i] / 32;
    const rings = sideFillClouds(
      Float64Array.from({ length: N * N }, (_, i) => px(front, i)),
      Float64Array.from({ length: N * N }, (_, i) => (inside[i] ? px(back, i) : 0)),
      N,
      N,
    );
    const tangents = pixelTangents(N);
    for (const id of SIDE_FILL_IDS) {
      const points: number[] = [];
      rings[id].forEach((d, i) => {
        if (d <= 0) return;
        points.push(...cloudFromCamera(unproject(tangents[i % N], tangents[i >> 11], rayDistance(d, N))));
      });
      expect(points.length / 3).toBe(clouds[`corr${id}`].count);
      expect(compare(points.slice(0, 300), golden[`corr${id}_first100_xyz`].data).max).toBeLessThan(1e-14);
      expect(compare(points.slice(-300), golden[`corr${id}_last100_xyz`].data).max).toBeLessThan(1e-14);
    }
  });
});
