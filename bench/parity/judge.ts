/**
 * Judges one run with the deterministic full-width weights against the original's recorded outputs.
 * Limits are those of the parity issue; f16-stored recordings get half a unit of their own precision on top.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KIND_OF_PART, PART_IDS, PART_KINDS, type PartKind } from '../../src/geometry/body.ts';
import { readNpy } from '../../tests/npz.ts';
import { batchItem, cropped, difference, type PlainMap, plainMap, type Row, strided } from './compare.ts';
import type { Golden } from './golden.ts';
import { readCloudEnds } from './ply-ends.ts';

/** The original calls feet shoes. */
const RECORDED_KIND: Readonly<Record<PartKind, string>> = {
  face: 'face',
  upper: 'upper',
  arm: 'arm',
  leg: 'leg',
  foot: 'shoe',
};

/** Half a unit in the last place of f16 for values up to 2 (and normals stay under 4). */
const HALF_PRECISION = 1e-3;
const GREY_LEVEL = 2 / 255;

export function judge(picture: string, outFolder: string, golden: Golden): Row[] {
  const rows: Row[] = [];
  const add = (what: string, measure: string, value: number, limit: number) =>
    rows.push({ picture, what, measure, value, limit, passed: value <= limit });
  const ours = (name: string): PlainMap => {
    const path = join(outFolder, `${name}.npy`);
    if (!existsSync(path)) throw new Error(`the run did not save ${name}.npy`);
    return plainMap(readNpy(readFileSync(path)));
  };
  const spots = Object.entries(golden.meta.crop_top_left_yx);
  const size = golden.meta.crop_size;
  const worstSpot = (map: PlainMap, prefix: string) =>
    Math.max(
      ...spots.map(
        ([spot, corner]) =>
          difference(cropped(map, corner, size), plainMap(golden.array(`${prefix}_${spot}`))).max,
      ),
    );

  const input = ours('network_input');
  const low = meanOfBlocks(input);
  const inputError = difference(low, plainMap(golden.array('input/x_256')), GREY_LEVEL * 1.001);
  add('network input, 256 x 256', 'share over 1 grey level', inputError.share, 1e-4);
  for (const [spot, corner] of spots) {
    const d = difference(
      cropped(input, corner, size),
      plainMap(golden.array(`input/x_${spot}`)),
      GREY_LEVEL * 1.001,
    );
    add(`network input, ${spot}`, 'share over 1 grey level', d.share, 1e-4);
  }

  for (const [name, array] of [
    ['coarse_normals', 'low/normals'],
    ['coarse_depth_raw', 'low/depth_raw'],
  ] as const) {
    const d = difference(ours(name), plainMap(golden.array(array)));
    add(name, 'max', d.max, 2e-4);
    add(name, 'mean', d.mean, 2e-5);
  }
  const masked = difference(ours('coarse_depth'), plainMap(golden.array('low/depth_masked')), 2e-4);
  add('coarse_depth (masked)', 'share over 2e-4', masked.share, 5e-4);

  for (const kind of PART_KINDS) {
    const recorded = RECORDED_KIND[kind];
    const parts = PART_IDS.filter((part) => KIND_OF_PART[part] === kind);
    const corner = golden.meta.parts[recorded].c64_top_left;
    for (const [index, part] of parts.entries()) {
      const crop = ours(`part_crop_${part}`);
      const normals = ours(`part_normals_${part}`);
      const rgb = batchItem(golden.array(`parts/img_${recorded}_q16`), index, (q) => (q / 65535) * 2 - 1);
      add(`part crop, ${part}`, 'max', difference(strided(crop, 1, 0, 3), rgb).max, 2e-4);
      if (index === 0) {
        const warped = plainMap(golden.array(`parts/upn_${recorded}_c64`));
        add(
          `warped coarse normal, ${part}`,
          'max',
          difference(cropped(crop, corner, 64, 3, 3), warped).max,
          2e-4,
        );
      }
      const centre = batchItem(golden.array(`parts/nrm_${recorded}_c64`), index);
      add(
        `part normals, ${part}`,
        'max in the centre',
        difference(cropped(normals, corner, 64), centre).max,
        5e-4,
      );
      const half = batchItem(golden.array(`parts/nrm_${recorded}_s2_f16`), index);
      add(
        `part normals, ${part}`,
        'max over the crop',
        difference(strided(normals, 2), half).max,
        5e-4 + HALF_PRECISION,
      );
    }
  }

  const weights = ours('merge_weights');
  const occupancy = plainMap(golden.array('occupancy/occ_s8_q16'), (q) => q / 65535);
  add('occupancy', 'max', difference(strided(weights, 8), occupancy).max, 2e-4);
  add('occupancy', 'max at 5 spots', worstSpot(weights, 'occupancy/occ'), 2e-4);
  const merged = ours('merged_normals');
  add(
    'merged normals',
    'max',
    difference(strided(merged, 8), plainMap(golden.array('high/n_s8'))).max,
    5e-4 + HALF_PRECISION,
  );
  add('merged normals', 'max at 5 spots', worstSpot(merged, 'high/n'), 5e-4);

  const raw = ours('fine_depth_raw');
  const rawError = difference(strided(raw, 8), plainMap(golden.array('high/d_raw_s8')), 5e-4);
  add('raw fine depth', 'share over 5e-4', rawError.share, 2e-3);

  const depth = ours('fine_depth');
  const plane = depth.height * depth.width;
  for (const [channel, side] of (['front', 'back'] as const).entries()) {
    const recorded = golden.depthPng(side);
    let differing = 0;
    for (let i = 0; i < plane; i++) {
      // The original's conversion truncates and wraps at 16 bits.
      const value = Math.trunc(depth.data[channel * plane + i] * 16384) & 0xffff;
      if (Math.abs(value - recorded[i]) > 4) differing++;
    }
    add(`final depth, ${side}`, 'share over 4 units', differing / plane, 2e-3);
  }

  const ends = readCloudEnds(join(outFolder, 'cloud.ply'), 100);
  for (const side of ['front', 'back'] as const) {
    const count = golden.meta.clouds[side].count;
    add(`cloud, ${side}`, 'relative count', Math.abs(ends[side].count - count) / count, 2e-3);
    for (const end of ['first', 'last'] as const) {
      const recorded = golden.array(`cloud/${side}_${end}100_xyz`);
      let max = 0;
      for (let i = 0; i < 300; i++)
        max = Math.max(max, Math.abs(ends[side][end][i] - Number(recorded.data[i])));
      add(`cloud, ${side}`, `${end} 100 points, max`, max, 1e-4);
    }
  }
  return rows;
}

/** [3, 2048, 2048] -> [3, 256, 256], mean of rows and columns 8i+3, 8i+4: the input of the coarse networks. */
function meanOfBlocks(map: PlainMap): PlainMap {
  const height = map.height / 8;
  const width = map.width / 8;
  const data = new Float64Array(map.channels * height * width);
  for (let c = 0; c < map.channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = (dy: number, dx: number) =>
          map.data[(c * map.height + 8 * y + 3 + dy) * map.width + 8 * x + 3 + dx];
        data[(c * height + y) * width + x] = (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
      }
    }
  }
  return { channels: map.channels, height, width, data };
}
