import { expect, test } from 'vitest';
import { sphereMesh } from '../mesh-fixtures.ts';
import { DEFAULT_PRINT_OPTIONS } from './print-options.ts';
import { makePrintSolid } from './print-solid.ts';

/** Corners that are not shared by exactly one triangle in each direction. */
function openEdges(indices: Uint32Array): number {
  const uses = new Map<string, number>();
  for (let t = 0; t < indices.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const edge = `${indices[t + k]} ${indices[t + ((k + 1) % 3)]}`;
      uses.set(edge, (uses.get(edge) ?? 0) + 1);
    }
  }
  return [...uses].filter(
    ([edge, count]) => count !== 1 || uses.get(edge.split(' ').reverse().join(' ')) !== 1,
  ).length;
}

test.each(['round', 'square'] as const)(
  'a line of text stands out of the front of a %s plinth and is one with it',
  async (plinth) => {
    const options = { ...DEFAULT_PRINT_OPTIONS, heightMm: 100, plinth };
    const mesh = sphereMesh(30, 40);
    const plain = await makePrintSolid(mesh, options);
    const written = await makePrintSolid(mesh, { ...options, text: 'Ada äß 8' });
    expect(written.facts.pieces).toBe(1);
    expect(openEdges(written.indices)).toBe(0);
    // Letters in front, where y is least, by their 0.8 mm; the ball above is wider than its plinth.
    const front = ({ positions }: typeof plain) => {
      let least = 0;
      for (let i = 0; i < positions.length; i += 3) {
        if (positions[i + 2] < 4) least = Math.min(least, positions[i + 1]);
      }
      return -least;
    };
    expect(front(written) - front(plain)).toBeGreaterThan(0.5);
    expect(front(written) - front(plain)).toBeLessThan(1.2);
    expect(written.facts.volumeCm3).toBeGreaterThan(plain.facts.volumeCm3);
    const spaces = await makePrintSolid(mesh, { ...options, text: '   ' });
    expect(spaces.facts.volumeCm3).toBeCloseTo(plain.facts.volumeCm3, 6);
  },
);
