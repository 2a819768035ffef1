/** Cutting and storing fineDepth tiles, and finishing the depth. */
import { describe, expect, test } from 'vitest';
import { hashNoiseArray } from '../../base/deterministic.ts';
import { StageError } from '../../base/errors.ts';
import { planarMap } from '../../base/images.ts';
import { fineTileInput, storeTile } from './fine-tile.reference.ts';
import { finishDepth } from './finish-depth.reference.ts';

describe('fine tiles', () => {
  const depth = planarMap([2, 8, 8], hashNoiseArray('tile/depth', 128));
  const normals = planarMap([6, 64, 64], hashNoiseArray('tile/normals', 6 * 4096));

  test('cuts both maps at their own resolution', () => {
    const tile = fineTileInput(depth, normals, { row: 16, column: 24, height: 32, width: 16 });
    expect(tile.depth.shape).toEqual([2, 4, 2]);
    expect(tile.normals.shape).toEqual([8, 32, 16]);
    expect(tile.depth.data[1 * 8 + 2 * 2 + 1]).toBe(depth.data[64 + 4 * 8 + 4]);
    expect(tile.normals.data[5 * 512 + 7 * 16 + 3]).toBe(normals.data[5 * 4096 + 23 * 64 + 27]);
    expect(tile.normals.data.subarray(6 * 512).every((v) => v === 0)).toBe(true);
  });

  test('outside the canvas is zero', () => {
    const tile = fineTileInput(depth, normals, { row: -8, column: 56, height: 16, width: 16 });
    expect(tile.normals.data[0]).toBe(0);
    expect(tile.normals.data[8 * 16]).toBe(normals.data[56]);
    expect(tile.normals.data[8 * 16 + 8]).toBe(0);
    expect(tile.depth.data[2]).toBe(depth.data[7]);
  });

  test('windows off the grid of 8 are refused', () => {
    expect(() => fineTileInput(depth, normals, { row: 4, column: 0, height: 8, width: 8 })).toThrow(
      RangeError,
    );
  });

  test('cores of neighbouring tiles put a map together again', () => {
    const target = planarMap([3, 64, 64]);
    const whole = planarMap([3, 64, 64], hashNoiseArray('tile/raw', 3 * 4096));
    for (const row of [0, 32]) {
      for (const column of [0, 32]) {
        const tile = { row: row - 8, column: column - 8, height: 48, width: 48 };
        const raw = planarMap([3, 48, 48]);
        for (let i = 0; i < raw.data.length; i++) {
          const r = (Math.floor(i / 48) % 48) + tile.row;
          const c = (i % 48) + tile.column;
          if (r >= 0 && c >= 0 && r < 64 && c < 64) {
            raw.data[i] = whole.data[Math.floor(i / 2304) * 4096 + r * 64 + c];
          }
        }
        storeTile(raw, tile, { row, column, height: 32, width: 32 }, target);
      }
    }
    expect(target.data).toEqual(whole.data);
  });

  test('a core outside its tile is refused', () => {
    const tile = { row: 0, column: 0, height: 16, width: 16 };
    const core = { row: 8, column: 0, height: 16, width: 16 };
    expect(() => storeTile(planarMap([3, 16, 16]), tile, core, planarMap([3, 64, 64]))).toThrow(RangeError);
  });
});

describe('finishDepth', () => {
  const raw = planarMap(
    [3, 1, 7],
    Float32Array.of(1, 2, 3, -1, 8, Number.NaN, 2, /* back */ 2, 2, 2, 1, 7, 1, 3, 0, 0, 0, 0, 0, 0, 0),
  );

  test('clamps, keeps equality, removes front behind back and what is not a number', () => {
    const { data, shape } = finishDepth(raw, null);
    expect(shape).toEqual([2, 1, 7]);
    expect([...data.slice(0, 7)]).toEqual([1, 2, 0, 0, 6, 0, 2]);
    expect([...data.slice(7)]).toEqual([2, 2, 0, 1, 6, 0, 3]);
  });

  test('cuts by the matte', () => {
    const matte = { width: 7, height: 1, data: Uint8Array.of(255, 127, 255, 255, 128, 255, 0) };
    const { data } = finishDepth(raw, matte);
    expect([...data.slice(0, 7)]).toEqual([1, 0, 0, 0, 6, 0, 0]);
    expect([...data.slice(7)]).toEqual([2, 0, 0, 1, 6, 0, 0]);
  });

  test('an empty matte leaves nothing, one of another size is refused', () => {
    const empty = { width: 7, height: 1, data: new Uint8Array(7) };
    expect(finishDepth(raw, empty).data.every((v) => v === 0)).toBe(true);
    expect(() => finishDepth(raw, { ...empty, width: 1, height: 7 })).toThrow(StageError);
  });
});
