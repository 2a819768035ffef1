/**
 * The WGSL kernels against a run recorded from the reference implementation, at full size. Needs shared data that is
 * not part of the repository; skips aloud without it. The CPU references pass the same comparison in
 * kernels/recorded-runs.test.ts, more of it and more strictly.
 */
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import affinesUrl from '../../tests/golden/keypoints_affine.json?url';
import { type NpyArray, readNpz } from '../../tests/npz.ts';
import { type GreyImage, type PlanarMap, planarMap, type RgbaImage } from '../base/images.ts';
import { CROP_SIZES, KIND_OF_PART, PART_IDS, type PartId, type PartKind } from '../geometry/body.ts';
import { cpuMap } from './device-map.ts';
import type { KernelSet, MergePart } from './kernel-set.ts';
import { difference, openTestKernels, type TestKernels } from './kernels/browser-test-kit.ts';

const SIZE = 2048;
const RUN = 'hanni';
const folder = inject('sharedFolder');

/** Names of the kinds in the recorded files. */
const STORED_KIND: Readonly<Record<PartKind, string>> = {
  face: 'face',
  upper: 'upper',
  arm: 'arm',
  leg: 'leg',
  foot: 'shoe',
};

interface Meta {
  readonly crop_top_left_yx: Readonly<Record<string, readonly [row: number, column: number]>>;
  readonly parts: Readonly<Record<string, { readonly c64_top_left: readonly [row: number, column: number] }>>;
  readonly clouds: Readonly<Record<string, { readonly count: number }>>;
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const response = await fetch(`/@fs${folder}/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

const recorded = (file: string) => bytesOf(`reference/golden/${RUN}/${file}`);
const arrays = async (file: string): Promise<Record<string, NpyArray>> => readNpz(await recorded(file));
const numbers = (array: NpyArray) => array.data as Float32Array | Uint16Array;

/** A 64 x 64 window of every channel. */
function window64(map: PlanarMap, [top, left]: readonly [number, number]): Float32Array {
  const [channels, height, width] = map.shape;
  return Float32Array.from({ length: channels * 4096 }, (_, i) => {
    return map.data[((i >> 12) * height + top + ((i >> 6) & 63)) * width + left + (i & 63)];
  });
}

/** Index of a part among those of its kind, as the recorded batches have them. */
function batchIndex(id: PartId): number {
  const kin = PART_IDS.filter((other) => KIND_OF_PART[other] === KIND_OF_PART[id]);
  return kin.indexOf(id);
}

describe.skipIf(!folder)(`recorded run ${RUN}`, () => {
  let kernels: TestKernels;
  let meta: Meta;
  let poses: { imageFromPart: Float32Array<ArrayBuffer>; partFromImage: Float32Array<ArrayBuffer> }[];
  let photo: RgbaImage;

  beforeAll(async () => {
    kernels = await openTestKernels();
    meta = JSON.parse(new TextDecoder().decode(await recorded('meta.json')));
    const all = await (await fetch(affinesUrl)).json();
    const affine = (rows: number[][]) => Float32Array.from(rows.flat());
    poses = PART_IDS.map((_, k) => ({
      imageFromPart: affine(all[RUN].theta[k]),
      partFromImage: affine(all[RUN].theta_inv[k]),
    }));
    const png = decode(await bytesOf(`photos/${RUN}.png`));
    photo = { width: SIZE, height: SIZE, data: new Uint8ClampedArray(SIZE * SIZE * 4).fill(255) };
    for (let i = 0; i < SIZE * SIZE; i++) {
      for (let c = 0; c < 3; c++) photo.data[4 * i + c] = png.data[png.channels * i + c];
    }
  });
  afterAll(() => kernels.close());

  test('network input, its 1/8, and the twelve part crops', async () => {
    const { gpu } = kernels;
    const bits = decode(await recorded('mask.png')).data;
    const matte: GreyImage = { width: SIZE, height: SIZE, data: new Uint8Array(SIZE * SIZE) };
    for (let i = 0; i < matte.data.length; i++) matte.data[i] = ((bits[i >> 3] >> (7 - (i & 7))) & 1) * 255;
    const input = await gpu.networkInput(photo, matte);
    const inMemory = await gpu.download(input);
    const golden = await arrays('input.npz');
    for (const [name, at] of Object.entries(meta.crop_top_left_yx)) {
      expect(difference(window64(inMemory, at), numbers(golden[`x_${name}`])).max, name).toBe(0);
    }
    const small = await gpu.downsample8(input);
    expect(difference((await gpu.download(small)).data, numbers(golden.x_256)).max).toBeLessThan(1e-6);

    const crops = await arrays('parts.npz');
    const low = await arrays('low.npz');
    const coarse = gpu.upload(planarMap([6, 256, 256], Float32Array.from(numbers(low.normals))));
    for (const [k, id] of PART_IDS.entries()) {
      const kind = KIND_OF_PART[id];
      const name = STORED_KIND[kind];
      const plane = CROP_SIZES[kind].height * CROP_SIZES[kind].width;
      const out = await gpu.partInput(input, coarse, kind, poses[k].imageFromPart);
      const crop = await gpu.download(out);
      out.dispose();
      const first = batchIndex(id) * 3 * plane;
      const steps = numbers(crops[`img_${name}_q16`]).subarray(first, first + 3 * plane);
      const want = Float32Array.from(steps, (q) => (q / 65535) * 2 - 1);
      // Half a 16-bit step is 1.5e-5; the rest is where f32 puts the sample position.
      const error = difference(crop.data.subarray(0, 3 * plane), want);
      expect(error.max, id).toBeLessThan(4e-4);
      expect(error.mean, id).toBeLessThan(1.5e-5);
      if (batchIndex(id) > 0) continue;
      const centre = window64(crop, meta.parts[name].c64_top_left).subarray(3 * 4096, 6 * 4096);
      expect(difference(centre, numbers(crops[`upn_${name}_c64`])).max, id).toBeLessThan(2e-5);
    }
    for (const map of [input, small, coarse]) map.dispose();
  });

  test('occupancy shares, and merged normals wherever the recorded part normals reach', async () => {
    const crops = await arrays('parts.npz');
    const partsOf = async (set: KernelSet, unknown: number): Promise<MergePart[]> => {
      const parts: MergePart[] = [];
      for (const [k, id] of PART_IDS.entries()) {
        const kind = KIND_OF_PART[id];
        const { height, width } = CROP_SIZES[kind];
        const normals = planarMap([6, height, width]);
        normals.data.fill(unknown);
        // Only the central 64 x 64 of each crop is recorded exactly.
        const centre = numbers(crops[`nrm_${STORED_KIND[kind]}_c64`]).subarray(batchIndex(id) * 6 * 4096);
        const [top, left] = meta.parts[STORED_KIND[kind]].c64_top_left;
        for (let i = 0; i < 6 * 4096; i++) {
          const row = (i >> 12) * height + top + ((i >> 6) & 63);
          normals.data[row * width + left + (i & 63)] = centre[i];
        }
        const occupancy = await set.partOccupancy(kind, poses[k].imageFromPart);
        parts.push({ kind, normals: cpuMap(normals), occupancy, partFromImage: poses[k].partFromImage });
      }
      return parts;
    };
    const parts = await partsOf(kernels.gpu, 0);
    const shares = await kernels.gpu.mergeWeights(parts, 256);
    const occupancy = await arrays('occupancy.npz');
    const want = Float32Array.from(numbers(occupancy.occ_s8_q16), (q) => q / 65535);
    const error = difference((await kernels.gpu.download(shares)).data, want);
    expect(error.max).toBeLessThan(1e-3);
    expect(error.mean).toBeLessThan(3e-6);

    const merged = await kernels.gpu.mergeNormals(parts);
    const got = await kernels.gpu.download(merged);
    // In the CPU's merge a NaN marks every pixel that needs an unrecorded value; a shader need not keep NaN.
    const known = await kernels.cpu.download(
      await kernels.cpu.mergeNormals(await partsOf(kernels.cpu, Number.NaN)),
    );
    const high = await arrays('high.npz');
    let compared = 0;
    for (const [name, at] of Object.entries(meta.crop_top_left_yx)) {
      const usable = window64(known, at);
      const values = window64(got, at);
      const golden = numbers(high[`n_${name}`]);
      for (let i = 0; i < values.length; i++) {
        if (Number.isNaN(usable[i])) continue;
        compared++;
        if (!(Math.abs(values[i] - golden[i]) < 2e-4))
          expect.fail(`${name}[${i}]: ${values[i]}, not ${golden[i]}`);
      }
    }
    expect(compared).toBeGreaterThan(10_000);
    for (const map of [shares, merged, ...parts.map((part) => part.occupancy)]) map.dispose();
  });

  test('cloud: counts and the first and last 100 points of both sides', async () => {
    const depth = planarMap([2, SIZE, SIZE]);
    for (const [side, file] of ['depth_front.png', 'depth_back.png'].entries()) {
      const steps = decode(await recorded(file)).data;
      for (let i = 0; i < steps.length; i++) depth.data[side * SIZE * SIZE + i] = steps[i] / 16384;
    }
    const cloud = await kernels.gpu.depthToCloud(
      cpuMap(depth),
      cpuMap(planarMap([6, SIZE, SIZE])),
      photo,
      photo,
      { mode: 'reference', erodeBack: true },
    );
    const golden = await arrays('cloud.npz');
    const firstBack = cloud.sides.indexOf(1);
    expect(firstBack).toBe(meta.clouds.front.count);
    expect(cloud.count - firstBack).toBe(meta.clouds.back.count);
    for (const [name, at] of [
      ['front_first', 0],
      ['front_last', firstBack - 100],
      ['back_first', firstBack],
      ['back_last', cloud.count - 100],
    ] as const) {
      const points = cloud.positions.subarray(3 * at, 3 * at + 300);
      expect(difference(points, numbers(golden[`${name}100_xyz`])).max, name).toBeLessThan(3e-7);
      const colours = cloud.colours.subarray(3 * at, 3 * at + 300);
      expect(difference(colours, numbers(golden[`${name}100_rgb`])).max, name).toBe(0);
    }
  });
});
