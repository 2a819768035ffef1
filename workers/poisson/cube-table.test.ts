import { describe, expect, test } from 'vitest';
import { buildCubeTable, CUBE_ENTRY_BYTES, loopsOf } from './cube-table.ts';

describe('the cube table', () => {
  const table = buildCubeTable();

  test('has a triangle corner on exactly the crossed edges', () => {
    for (let mask = 0; mask < 256; mask++) {
      const used = new Set(
        table.subarray(
          mask * CUBE_ENTRY_BYTES + 1,
          mask * CUBE_ENTRY_BYTES + 1 + 3 * table[mask * CUBE_ENTRY_BYTES],
        ),
      );
      const crossed = new Set<number>();
      for (let edge = 0; edge < 12; edge++) {
        const axis = edge >> 2;
        const others = [0, 1, 2].filter((k) => k !== axis);
        const low = ((edge & 1) << others[0]) | (((edge >> 1) & 1) << others[1]);
        if (((mask >> low) & 1) !== ((mask >> (low | (1 << axis))) & 1)) crossed.add(edge);
      }
      expect(used, `mask ${mask}`).toEqual(crossed);
    }
  });

  test('fits its entries', () => {
    for (let mask = 0; mask < 256; mask++) expect(table[mask * CUBE_ENTRY_BYTES]).toBeLessThanOrEqual(5);
  });

  test('cuts opposite inside corners of a face off separately', () => {
    expect(loopsOf(0b00001001).map((loop) => loop.length)).toEqual([3, 3]);
  });
});
