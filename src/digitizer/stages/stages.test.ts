import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../../tests/npz.ts';
import { sharedPath } from '../../../tests/shared.ts';
import { StageError } from '../../base/errors.ts';
import { planarMap } from '../../base/images.ts';
import { KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId } from '../../geometry/body.ts';
import type { MatteSource } from '../../intake/matte.ts';
import { maskCoarseDepth, padTo8Channels } from './coarse.ts';
import { hasForeground, partTouches, withoutRim } from './fine-depth.ts';
import { fillHolesByPose, runMatteNetwork } from './matte.ts';
import type { PhotoResult } from './photo.ts';

const identity = Float32Array.from([1, 0, 0, 0, 1, 0]);

describe('coarse depth', () => {
  test('background becomes far in front and near behind, person is relu6', () => {
    const raw = planarMap([3, 1, 3], Float32Array.from([-1, 2, 9, 0.5, -3, 7, 4, -4, 1e-9]));
    const depth = maskCoarseDepth(raw);
    // Third logit is so small that sigmoid rounds to exactly 0.5 in f32: background.
    expect([...depth.data]).toEqual([0, 6, 6, 0.5, 0, 0]);
  });

  const golden = ['hanni', 'DSC02780'].map((name) => sharedPath(`reference/golden/${name}/low.npz`));
  test.skipIf(golden.some((path) => !path || !existsSync(path)))('equals the recorded masked depth', () => {
    for (const path of golden) {
      const arrays = readNpz(readFileSync(path as string));
      const raw = planarMap([3, 256, 256], Float32Array.from(arrays.depth_raw.data as Float32Array));
      const depth = maskCoarseDepth(raw);
      let max = 0;
      for (let i = 0; i < depth.data.length; i++) {
        max = Math.max(max, Math.abs(depth.data[i] - Number(arrays.depth_masked.data[i])));
      }
      expect(max).toBeLessThan(1e-6);
    }
  });

  test('six channels travel as eight, the last two zero', () => {
    const padded = padTo8Channels(planarMap([6, 1, 2], new Float32Array(12).fill(3)));
    expect(padded.shape).toEqual([8, 1, 2]);
    expect([...padded.data.subarray(10)]).toEqual([3, 3, 0, 0, 0, 0]);
  });
});

describe('matte', () => {
  test('a hole in the trunk is closed in what was found here, not in what a visitor cut out', async () => {
    const places = { leftShoulder: [60, 20], rightShoulder: [40, 20], leftHip: [56, 50], rightHip: [44, 50] };
    const keypoints = new Float64Array(3 * KEYPOINT_COUNT);
    for (const [id, place] of Object.entries(places)) {
      keypoints.set([...place, 1], 3 * KEYPOINT_IDS.indexOf(id as KeypointId));
    }
    const data = new Uint8Array(100 * 100);
    for (let row = 5; row < 95; row++) data.fill(255, row * 100 + 30, row * 100 + 70);
    data[40 * 100 + 50] = 0;
    const matte = { width: 100, height: 100, data };
    const mended = (source: MatteSource) =>
      fillHolesByPose({ matte, source, notices: [] }, { keypoints, estimated: ['leftKnee', 'rightKnee'] });
    for (const source of ['black background', 'segmentation'] as const) {
      expect((await mended(source)).matte.data[40 * 100 + 50]).toBe(255);
    }
    for (const source of ['mask', 'alpha'] as const) expect((await mended(source)).matte).toBe(matte);
  });
});

describe('the pack’s matte network', () => {
  const photo = {} as PhotoResult;
  const answer = {
    box: { left: 0, top: 0, width: 2, height: 3 },
    width: 2,
    height: 3,
    alpha: new Float32Array(6),
  };
  const failing = (code: 'E_DOWNLOAD' | 'E_BAD_PACK') => ({
    cutOut: () => Promise.reject(new StageError('matte', code, 'It did not come.', { fix: 'Try again.' })),
  });

  test('its answer is what is taken', async () => {
    expect(await runMatteNetwork(photo, { cutOut: async () => answer })).toBe(answer);
  });

  test('one that cannot be fetched leaves the photo to the next way; a broken one is a fault', async () => {
    expect(await runMatteNetwork(photo, failing('E_DOWNLOAD'))).toBe(null);
    await expect(runMatteNetwork(photo, failing('E_BAD_PACK'))).rejects.toThrow('It did not come.');
  });
});

describe('fineDepth tiles', () => {
  test('a part touches the windows its box reaches, and no others', () => {
    const foot = { kind: 'foot', imageFromPart: identity } as const; // 128 x 176 px around the middle
    const window = (row: number, column: number) => ({ row, column, height: 560, width: 560 });
    expect(partTouches(foot, window(744, 744))).toBe(true);
    expect(partTouches(foot, window(1111, 744))).toBe(true); // ends at row 1112
    expect(partTouches(foot, window(1112, 744))).toBe(false);
    expect(partTouches(foot, window(0, 0))).toBe(false);
    const shifted = { kind: 'foot', imageFromPart: Float32Array.from([1, 0, -0.9, 0, 1, 0.9]) } as const;
    expect(partTouches(shifted, window(1488, 0))).toBe(true);
    expect(partTouches(shifted, window(744, 744))).toBe(false);
  });

  test('the rim of the foreground goes, its inside stays', () => {
    const matte = { width: 40, height: 40, data: new Uint8Array(1600) };
    for (let row = 10; row < 30; row++) matte.data.fill(200, row * 40 + 10, row * 40 + 30);
    const inner = withoutRim(matte);
    expect(inner.data[20 * 40 + 20]).toBe(255);
    expect(inner.data[20 * 40 + 13]).toBe(255);
    expect(inner.data[20 * 40 + 12]).toBe(0);
  });

  test('tiles without foreground are skipped', () => {
    const matte = { width: 2048, height: 2048, data: new Uint8Array(2048 * 2048) };
    for (let row = 1000; row < 1010; row++) matte.data.fill(255, row * 2048 + 600, row * 2048 + 610);
    expect(hasForeground(matte, { row: 512, column: 512, height: 512, width: 512 })).toBe(true);
    expect(hasForeground(matte, { row: 1024, column: 512, height: 512, width: 512 })).toBe(false);
  });
});
