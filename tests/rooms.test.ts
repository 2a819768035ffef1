/** Imports go down the list of rooms only (README, "The house"). A room may import from itself and from rooms below. */
import { describe, expect, test } from 'vitest';
import { arrowsOf, circlesOf, ROOMS, roomOf, sourceFiles, upward } from './import-graph.ts';

/** Packages that one room alone may import. */
const OWNED: readonly (readonly [pattern: RegExp, room: string])[] = [
  [/^onnxruntime-web/, 'src/networks'],
  [/^libheif-js/, 'src/intake'],
];

describe('the house', () => {
  const files = sourceFiles();
  const arrows = arrowsOf(files);

  test('has files in every room', () => {
    for (const [index, room] of ROOMS.entries())
      expect(
        files.some((file) => file.room === index),
        room,
      ).toBe(true);
  });

  test('imports go down only', () => {
    expect(upward(arrows).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('no circle crosses a floor, and none is left when types are erased', () => {
    const rooms = arrows.map(({ from, to }) => [ROOMS[roomOf(from)], ROOMS[roomOf(to)]] as const);
    expect(circlesOf(rooms.filter(([from, to]) => from !== to))).toEqual([]);
    const running = arrows.filter(({ typeOnly }) => !typeOnly).map(({ from, to }) => [from, to] as const);
    expect(circlesOf(running)).toEqual([]);
  });

  test('packages stay in the room that owns them, and only the gpu room requests a device', () => {
    const strays: string[] = [];
    for (const { path, text, imports } of files) {
      for (const { target } of imports) {
        for (const [pattern, room] of OWNED) {
          if (pattern.test(target) && !path.startsWith(`${room}/`)) strays.push(`${path} -> ${target}`);
        }
      }
      if (/requestDevice|requestAdapter/.test(text) && !path.startsWith('src/gpu/')) {
        strays.push(`${path} requests a GPU device`);
      }
    }
    expect(strays).toEqual([]);
  });
});

test('circles are found', () => {
  const edges = [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
    ['c', 'd'],
    ['d', 'e'],
    ['e', 'd'],
    ['e', 'f'],
  ] as const;
  expect(circlesOf(edges).sort()).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
});
