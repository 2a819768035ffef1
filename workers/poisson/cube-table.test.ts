import { describe, expect, test } from 'vitest';
import { CUBE_TABLE_BYTES } from './abi.generated.mjs';
import { buildCubeTable, loopsOf, OFFSETS_AT, triangulationsOf } from './cube-table.ts';

/** Loops of a mask as the table has them: every triangulation's edge numbers. */
function readTable(table: Uint8Array, mask: number): number[][][] {
  let at = new DataView(table.buffer).getUint16(OFFSETS_AT + mask * 2, true);
  return Array.from({ length: table[at++] }, () => {
    const [triangles, choices] = table.subarray(at, at + 2);
    at += 2;
    return Array.from({ length: choices }, () => {
      at += triangles * 3;
      return [...table.subarray(at - triangles * 3, at)];
    });
  });
}

describe('the cube table', () => {
  const table = buildCubeTable();

  test('has a triangle corner on exactly the crossed edges, in every triangulation', () => {
    for (let mask = 0; mask < 256; mask++) {
      const crossed = new Set<number>();
      for (let edge = 0; edge < 12; edge++) {
        const axis = edge >> 2;
        const others = [0, 1, 2].filter((k) => k !== axis);
        const low = ((edge & 1) << others[0]) | (((edge >> 1) & 1) << others[1]);
        if (((mask >> low) & 1) !== ((mask >> (low | (1 << axis))) & 1)) crossed.add(edge);
      }
      const loops = readTable(table, mask);
      expect(new Set(loops.flat(2)), `mask ${mask}`).toEqual(crossed);
      for (const choices of loops) {
        for (const choice of choices) expect(new Set(choice)).toEqual(new Set(choices[0]));
      }
      expect(table[mask]).toBe(loops.reduce((sum, choices) => sum + choices[0].length / 3, 0));
    }
  });

  test('ends before its last byte', () => {
    expect(table.subarray(CUBE_TABLE_BYTES - 256).every((byte) => byte === 0)).toBe(true);
  });

  test('cuts opposite inside corners of a face off separately', () => {
    expect(loopsOf(0b00001001).map((loop) => loop.length)).toEqual([3, 3]);
  });

  test('fills a quadrangle in two ways, each with the loop’s four sides in its direction', () => {
    const [loop] = loopsOf(0b00000011);
    const ways = triangulationsOf(loop);
    expect(ways).toHaveLength(2);
    for (const way of ways) {
      const sides = way.flatMap(([a, b, c]) => [`${a} ${b}`, `${b} ${c}`, `${c} ${a}`]);
      loop.forEach((edge, k) => {
        expect(sides).toContain(`${edge} ${loop[(k + 1) % 4]}`);
      });
    }
  });
});
