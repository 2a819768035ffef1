/** Tiles: exact against the untiled network, and sensible plans for any device and width. */
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { deterministicWeights } from '../../tests/deterministic-weights.ts';
import { hashNoiseArray } from '../base/deterministic.ts';
import type { TileWindow } from '../gpu/kernel-set.ts';
import { REFERENCE_WIDTHS } from './layout.ts';
import { NETWORK_IDS, type NetworkId } from './network-ids.ts';
import { buildOnnx, OUTPUT_NAME } from './onnx/build.ts';
import { packOf } from './packs/pack-of.ts';
import { cutTiles, type FineTile, foregroundBox, HALO_PX, planTiles } from './planner.ts';
import type { NetworkDevice } from './session.ts';

/** The other networks do not matter here. */
const narrow = Object.fromEntries(NETWORK_IDS.map((id) => [id, 4])) as Record<NetworkId, number>;
const WASM: NetworkDevice = { backend: 'wasm', threads: 1 };

function gpuWith(bindingBytes: number): NetworkDevice {
  const limits = { maxStorageBufferBindingSize: bindingBytes, maxBufferSize: bindingBytes };
  return { backend: 'webgpu', device: { limits } as unknown as GPUDevice };
}

/** Window of a planar map [channels, side, side]. */
function crop(map: Float32Array, channels: number, side: number, at: TileWindow): Float32Array {
  const out = new Float32Array(channels * at.height * at.width);
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < at.height; r++) {
      const from = (c * side + at.row + r) * side + at.column;
      out.set(map.subarray(from, from + at.width), (c * at.height + r) * at.width);
    }
  }
  return out;
}

function checkTiling(tiles: readonly FineTile[], area: TileWindow, canvas: number): void {
  const covered = new Uint8Array(canvas * canvas);
  for (const { window, core } of tiles) {
    expect(window.height).toBe(tiles[0].window.height);
    expect(window.width).toBe(tiles[0].window.width);
    for (const n of [window.row, window.column, window.height, window.width]) expect(n % 8).toBe(0);
    const edges = [
      [core.row - window.row, window.row],
      [core.column - window.column, window.column],
      [window.row + window.height - core.row - core.height, canvas - window.row - window.height],
      [window.column + window.width - core.column - core.width, canvas - window.column - window.width],
    ];
    for (const [halo, fromBorder] of edges)
      expect(halo >= HALO_PX || (halo >= 0 && fromBorder === 0)).toBe(true);
    for (let r = core.row; r < core.row + core.height; r++) {
      for (let c = core.column; c < core.column + core.width; c++) covered[r * canvas + c]++;
    }
  }
  let wrong = 0;
  for (let r = 0; r < canvas; r++) {
    for (let c = 0; c < canvas; c++) {
      const inside =
        r >= area.row && r < area.row + area.height && c >= area.column && c < area.column + area.width;
      if (covered[r * canvas + c] !== (inside ? 1 : 0)) wrong++;
    }
  }
  expect(wrong).toBe(0);
}

describe('a tiled run equals an untiled one', () => {
  const side = 256;
  const weights = deterministicWeights({ ...narrow, fineDepth: 8 }, 'tiles/');
  const depth = hashNoiseArray('tiles/d', 2 * 32 * 32).map((u) => 2 + 0.5 * u);
  const normals = new Float32Array(8 * side * side);
  normals.set(hashNoiseArray('tiles/n', 6 * side * side).map((u) => 0.5 + 0.5 * u));

  async function run(window: TileWindow): Promise<Float32Array> {
    const { height, width } = window;
    const session = await ort.InferenceSession.create(buildOnnx(weights, 'fineDepth', { height, width }));
    const small = { row: window.row / 8, column: window.column / 8, height: height / 8, width: width / 8 };
    const feeds = {
      d: new ort.Tensor('float32', crop(depth, 2, side / 8, small), [1, 2, small.height, small.width]),
      n: new ort.Tensor('float32', crop(normals, 8, side, window), [1, 8, height, width]),
    };
    const result = (await session.run(feeds))[OUTPUT_NAME].data as Float32Array;
    await session.release();
    return result;
  }

  const cases: Record<string, TileWindow> = {
    'whole canvas': { row: 0, column: 0, height: side, width: side },
    'a box in the middle': { row: 40, column: 64, height: 152, width: 104 },
    'a box at the lower right border': { row: 128, column: 8, height: 128, width: 248 },
  };
  for (const [name, area] of Object.entries(cases)) {
    test(`${name}, within 1e-5`, async () => {
      const whole = await run({ row: 0, column: 0, height: side, width: side });
      const tiles = cutTiles(area, side, 128 * 112);
      expect(tiles.length).toBeGreaterThan(1);
      checkTiling(tiles, area, side);
      let worst = 0;
      for (const { window, core } of tiles) {
        const raw = await run(window);
        for (let c = 0; c < 3; c++) {
          for (let r = core.row; r < core.row + core.height; r++) {
            for (let x = core.column; x < core.column + core.width; x++) {
              const tiled = raw[(c * window.height + r - window.row) * window.width + x - window.column];
              worst = Math.max(worst, Math.abs(tiled - whole[(c * side + r) * side + x]));
            }
          }
        }
      }
      expect(worst).toBeLessThan(1e-5);
    });
  }

  test('a halo of 16 px would not be exact (the test above can fail)', async () => {
    const whole = await run({ row: 0, column: 0, height: side, width: side });
    const raw = await run({ row: 48, column: 48, height: 96, width: 96 });
    const at = (r: number, c: number) => Math.abs(raw[(r - 48) * 96 + c - 48] - whole[r * side + c]);
    let worst = 0;
    for (let i = 64; i < 128; i++) worst = Math.max(worst, at(i, 64), at(64, i));
    expect(worst).toBeGreaterThan(1e-4);
  });
});

describe('plans', () => {
  const full = packOf(deterministicWeights({ ...narrow, fineDepth: REFERENCE_WIDTHS.fineDepth }, 'plan/'));
  const small = packOf(deterministicWeights({ ...narrow, fineDepth: 8 }, 'plan/'));

  test('whole canvas at full width: 16 tiles on the processor, halos cost less than a fifth', () => {
    const plan = planTiles(full, WASM);
    expect(plan.tiles.length).toBe(16);
    expect(plan.windowPx).toBeLessThanOrEqual(560);
    checkTiling(plan.tiles, { row: 0, column: 0, height: 2048, width: 2048 }, 2048);
    // The untiled work is 518.4 GMAC.
    expect((16 * plan.macsPerTile) / 518.4e9).toBeLessThan(1.2);
  });

  test('on a graphics card tiles take half the memory, and halos less than a third', () => {
    const plan = planTiles(full, gpuWith(128 * 2 ** 20));
    checkTiling(plan.tiles, { row: 0, column: 0, height: 2048, width: 2048 }, 2048);
    expect(plan.largestBindingBytes).toBeLessThanOrEqual(40 * 2 ** 20);
    expect(plan.activationBytes).toBeLessThan(0.55 * planTiles(full, WASM).activationBytes);
    expect((plan.tiles.length * plan.macsPerTile) / 518.4e9).toBeLessThan(1.33);
  });

  test('a standing person costs half of what a fixed grid would', () => {
    const area = { row: 96, column: 640, height: 1880, width: 760 };
    const plan = planTiles(full, WASM, { area });
    checkTiling(plan.tiles, area, 2048);
    const { height, width } = plan.tiles[0].window;
    const computed = plan.tiles.length * height * width;
    expect(computed / (area.height * area.width)).toBeLessThan(1.4);
    // The fixed grid of 560 px windows on multiples of 512 that touch this box: 4 rows, 2 columns.
    expect(computed).toBeLessThan(0.85 * 8 * 560 * 560);
  });

  test('small widths take larger windows', () => {
    expect(planTiles(small, WASM).tiles.length).toBeLessThan(9);
  });

  test('small bindings take smaller windows, tiny ones are refused', () => {
    const plan = planTiles(full, gpuWith(16 * 2 ** 20));
    expect(plan.largestBindingBytes).toBeLessThanOrEqual(16 * 2 ** 20);
    checkTiling(plan.tiles, { row: 0, column: 0, height: 2048, width: 2048 }, 2048);
    expect(() => planTiles(full, gpuWith(2 ** 20))).toThrow(/smallest tile/);
  });
});

describe('foreground box', () => {
  const matte = (fill: (data: Uint8Array) => void) => {
    const data = new Uint8Array(256 * 256);
    fill(data);
    return { width: 256, height: 256, data };
  };

  test('empty', () => {
    expect(foregroundBox(matte(() => {}))).toBeNull();
    expect(foregroundBox(matte((d) => d.fill(127)))).toBeNull();
  });

  test('one pixel, grown to multiples of 8', () => {
    const box = foregroundBox(
      matte((d) => {
        d[100 * 256 + 57] = 128;
      }),
    );
    expect(box).toEqual({ row: 88, column: 48, height: 24, width: 24 });
  });

  test('up to the borders', () => {
    expect(foregroundBox(matte((d) => d.fill(255)))).toEqual({ row: 0, column: 0, height: 256, width: 256 });
  });
});
