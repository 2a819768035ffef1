/** The original's files from a small made-up result: a square figure of 20 x 20 px on a canvas of 64. */

import { decode } from 'fast-png';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { planarMap } from '../base/images.ts';
import { CROP_SIZES, KIND_OF_PART, PART_IDS } from '../geometry/body.ts';
import { createCpuKernels } from '../gpu/cpu-kernels.ts';
import { cpuMap } from '../gpu/device-map.ts';
import { exportResult } from './export-result.ts';
import type { RunResults } from './stage.ts';
import type { RunMode, RunReport } from './types.ts';

const SIZE = 64;
const kernels = createCpuKernels();

const inFigure = (i: number) => {
  const [row, column] = [Math.floor(i / SIZE), i % SIZE];
  return row >= 20 && row < 40 && column >= 20 && column < 40;
};

/** Front at 1.9, back at 2.2, but 4.5 in one pixel; normals of half length. */
function result(mode: RunMode): RunResults {
  const plane = SIZE * SIZE;
  const depth = planarMap([2, SIZE, SIZE]);
  const merged = planarMap([6, SIZE, SIZE]);
  for (let i = 0; i < plane; i++) {
    if (!inFigure(i)) continue;
    depth.data[i] = 1.9;
    depth.data[plane + i] = i === 30 * SIZE + 30 ? 4.5 : 2.2;
    for (let c = 0; c < 6; c++) merged.data[c * plane + i] = [0.5, 0.5, 0.75][c % 3];
  }
  const rgba = Uint8ClampedArray.from({ length: plane * 4 }, (_, i) => [200, 100, 50, 255][i % 4]);
  const grey = Uint8Array.from({ length: plane }, (_, i) => (inFigure(i) ? 130 : 127));
  const identity = Float32Array.of(1, 0, 0, 0, 1, 0);
  return {
    photo: {
      square: { width: SIZE, height: SIZE, data: rgba },
      hasAlpha: false,
      originalWidth: SIZE,
      originalHeight: SIZE,
      mapping: { width: SIZE, height: SIZE, canvas: SIZE, offsetX: 0, offsetY: 0, scale: 1 },
      notices: [],
    },
    figure: { matte: { width: SIZE, height: SIZE, data: grey }, source: 'mask', notices: [] },
    fineDepth: { tiles: [], depth: cpuMap(depth), tilesRun: 1, tilesTotal: 1, windowPx: SIZE },
    mergedNormals: cpuMap(merged),
    partNormals: PART_IDS.map((part) => {
      const kind = KIND_OF_PART[part];
      const { height, width } = CROP_SIZES[kind];
      return {
        part,
        kind,
        key: part,
        crop: cpuMap(planarMap([8, 1, 1])),
        normals: cpuMap(planarMap([6, height, width])),
        occupancy: cpuMap(planarMap([1, 1, 1])),
        imageFromPart: identity,
        partFromImage: identity,
      };
    }),
    report: { name: 'a girl/1', mode } as RunReport,
  };
}

async function filesOf(mode: RunMode): Promise<Record<string, Uint8Array>> {
  const blob = await exportResult('referenceFolder', result(mode), kernels);
  expect(blob.type).toBe('application/zip');
  return unzipSync(new Uint8Array(await blob.arrayBuffer()));
}

const CANVAS_FILES = [
  'consistency_normal/a_girl_1_back.png',
  'consistency_normal/a_girl_1_front.png',
  'depth/a_girl_1_back.png',
  'depth/a_girl_1_front.png',
  'mask/a_girl_1.png',
  'normal/a_girl_1_back.png',
  'normal/a_girl_1_front.png',
  'output_plys/a_girl_1.ply',
  'output_plys_c/a_girl_1.ply',
];
const partFiles = (names: readonly string[]) =>
  names.flatMap((name) => [
    `part_normal/a_girl_1_${name}_back.png`,
    `part_normal/a_girl_1_${name}_front.png`,
  ]);
const FIRST_PARTS = ['face', 'upper', 'arm', 'leg', 'shoe'];
const OTHER_PARTS = ['arm2', 'arm3', 'arm4', 'leg2', 'leg3', 'leg4', 'shoe2'];

const at = (image: { data: ArrayLike<number>; channels: number }, row: number, column: number) =>
  Array.from({ length: image.channels }, (_, c) => image.data[(row * SIZE + column) * image.channels + c]);

function points(file: Uint8Array): { count: number; body: DataView } {
  const text = new TextDecoder('latin1').decode(file);
  const end = text.indexOf('end_header\n') + 'end_header\n'.length;
  const count = Number(/element vertex (\d+)/.exec(text)?.[1]);
  expect(file.length - end).toBe(count * 15);
  return { count, body: new DataView(file.buffer, file.byteOffset + end) };
}

test('reference mode: the original’s files, faults included', async () => {
  const files = await filesOf('reference');
  expect(Object.keys(files).sort()).toEqual([...CANVAS_FILES, ...partFiles(FIRST_PARTS)].sort());

  const front = decode(files['depth/a_girl_1_front.png']);
  expect([front.width, front.height, front.depth]).toEqual([SIZE, SIZE, 16]);
  expect(at(front, 25, 25)).toEqual([Math.trunc(Math.fround(1.9) * 16384)]);
  expect(at(front, 5, 5)).toEqual([0]);
  // 4.5 does not fit into 16 bits: it wraps to 0.5.
  expect(at(decode(files['depth/a_girl_1_back.png']), 30, 30)).toEqual([8192]);
  expect(at(decode(files['normal/a_girl_1_front.png']), 25, 25)).toEqual([128, 128, 191]);
  expect(at(decode(files['mask/a_girl_1.png']), 25, 25)).toEqual([255]);
  expect(at(decode(files['mask/a_girl_1.png']), 5, 5)).toEqual([0]);
  // The depth is flat, so the coded consistency normal looks at the camera.
  expect(at(decode(files['consistency_normal/a_girl_1_front.png']), 25, 25)).toEqual([128, 128, 255]);
});

test('both clouds: counts, order, colours', async () => {
  const files = await filesOf('reference');
  const plain = points(files['output_plys/a_girl_1.ply']);
  const filled = points(files['output_plys_c/a_girl_1.ply']);
  expect(plain.count).toBe(400 + 196);
  expect(filled.count).toBe(plain.count + 60 + 68 + 76 + 52 + 60 + 68 + 76);
  const colourOf = (cloud: DataView, i: number) => [12, 13, 14].map((b) => cloud.getUint8(15 * i + b));
  expect(colourOf(plain.body, 0)).toEqual([200, 100, 50]);
  expect(colourOf(plain.body, 595)).toEqual([200, 100, 50]);
  expect(colourOf(filled.body, 596)).toEqual([128, 128, 128]);
  for (let i = 0; i < 15 * 596; i++) expect(filled.body.getUint8(i)).toBe(plain.body.getUint8(i));
  // Row 20, column 20 lies up and left of the middle, nearer than the plane z = 0.
  const [x, y, z] = [0, 4, 8].map((b) => plain.body.getFloat32(b, true));
  expect([x < 0, y > 0, z > 0]).toEqual([true, true, true]);
});

test('robust mode: depth stops at the end of 16 bits, normals have unit length, all twelve parts are there', async () => {
  const files = await filesOf('robust');
  const names = [...CANVAS_FILES, ...partFiles([...FIRST_PARTS, ...OTHER_PARTS])];
  expect(Object.keys(files).sort()).toEqual(names.sort());
  expect(at(decode(files['depth/a_girl_1_back.png']), 30, 30)).toEqual([65535]);
  expect(at(decode(files['normal/a_girl_1_front.png']), 25, 25)).toEqual([128, 128, 255]);
  expect(at(decode(files['normal/a_girl_1_front.png']), 5, 5)).toEqual([0, 0, 0]);
});

test('before the run has finished there is nothing to save', async () => {
  const { report: _, ...unfinished } = result('robust');
  await expect(exportResult('referenceFolder', unfinished, kernels)).rejects.toMatchObject({
    code: 'E_NOT_READY',
  });
});
