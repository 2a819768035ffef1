/** Morphology and components against slow, obvious versions on seeded noise. */
import { describe, expect, test } from 'vitest';
import { hashNoiseArray } from '../base/deterministic.ts';
import {
  type BinaryImage,
  close,
  dilate,
  erode,
  fillHoles,
  label,
  largestComponent,
} from './binary-image.ts';

function noise(seed: string, width: number, height: number, share: number): BinaryImage {
  const u = hashNoiseArray(seed, width * height);
  return { width, height, data: Uint8Array.from(u, (v) => ((v + 1) / 2 < share ? 1 : 0)) };
}

/** `any`: 1 where any neighbour in the square is 1 (outside 0); else 1 where all are (outside 1). */
function square(image: BinaryImage, radius: number, any: boolean): Uint8Array {
  const { width, height, data } = image;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let result = !any;
      for (let dy = -radius; dy <= radius; dy++) {
        for (let dx = -radius; dx <= radius; dx++) {
          const [u, v] = [x + dx, y + dy];
          if (u < 0 || v < 0 || u >= width || v >= height) continue;
          const one = data[v * width + u] === 1;
          if (any ? one : !one) result = any;
        }
      }
      out[y * width + x] = result ? 1 : 0;
    }
  }
  return out;
}

function floodCount(image: BinaryImage, value: 0 | 1, diagonal: boolean): number[] {
  const { width, height, data } = image;
  const seen = new Uint8Array(data.length);
  const areas: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (data[start] !== value || seen[start]) continue;
    let area = 0;
    const stack = [start];
    seen[start] = 1;
    while (stack.length > 0) {
      const i = stack.pop()!;
      area++;
      const [x, y] = [i % width, Math.floor(i / width)];
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (!diagonal && dx !== 0 && dy !== 0) continue;
          const [u, v] = [x + dx, y + dy];
          if (u < 0 || v < 0 || u >= width || v >= height) continue;
          const k = v * width + u;
          if (data[k] !== value || seen[k]) continue;
          seen[k] = 1;
          stack.push(k);
        }
      }
    }
    areas.push(area);
  }
  return areas.sort((a, b) => b - a);
}

describe('against slow versions', () => {
  for (const [width, height] of [
    [1, 1],
    [17, 9],
    [40, 33],
  ] as const) {
    for (const share of [0.1, 0.5, 0.9]) {
      test(`${width}x${height}, ${share} ones, seed binary/${width}/${share}`, () => {
        const image = noise(`binary/${width}/${share}`, width, height, share);
        for (const radius of [1, 3]) {
          expect(dilate(image, radius).data).toEqual(square(image, radius, true));
          expect(erode(image, radius).data).toEqual(square(image, radius, false));
          const closed = square({ ...image, data: dilate(image, radius).data }, radius, false);
          expect(close(image, radius).data).toEqual(closed);
        }
        for (const diagonal of [true, false]) {
          for (const value of [0, 1] as const) {
            const areas = label(image, value, diagonal).components.map((c) => c.area);
            expect(areas.sort((a, b) => b - a)).toEqual(floodCount(image, value, diagonal));
          }
        }
      });
    }
  }
});

const picture = (...rows: string[]): BinaryImage => ({
  width: rows[0].length,
  height: rows.length,
  data: Uint8Array.from([...rows.join('')].map((c) => (c === '#' ? 1 : 0))),
});

test('the largest component is kept, diagonal neighbours belong together', () => {
  const kept = largestComponent(picture('##..#', '..#.#', '...#.', '#....'));
  expect(kept.data).toEqual(picture('##..#', '..#.#', '...#.', '.....').data);
  expect(largestComponent(picture('...', '...')).data).toEqual(picture('...', '...').data);
});

test('only enclosed holes up to the given area are filled', () => {
  const ring = picture('#######', '#.#...#', '#######', '#..####', '.######');
  expect(fillHoles(ring, 2).data).toEqual(
    picture('#######', '###...#', '#######', '#######', '.######').data,
  );
});
