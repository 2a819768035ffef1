import { describe, expect, test } from 'vitest';
import { labelPlace } from './overlays.ts';

const PANE = { width: 600, height: 600 };
/** A box 80 x 160 around the middle, its own top edge first, turned clockwise. */
function box(turnDeg: number, centre: readonly [number, number] = [300, 300]) {
  const turn = (turnDeg * Math.PI) / 180;
  return (
    [
      [-40, -80],
      [40, -80],
      [40, 80],
      [-40, 80],
    ] as const
  ).map(
    ([x, y]) =>
      [
        centre[0] + x * Math.cos(turn) - y * Math.sin(turn),
        centre[1] + x * Math.sin(turn) + y * Math.cos(turn),
      ] as const,
  );
}

describe('the name of a part', () => {
  test.each(Array.from({ length: 24 }, (_, i) => i * 15))(
    'is read from left to right, box turned by %i degrees',
    (turn) => {
      for (const corners of [box(turn), box(turn).toReversed()]) {
        const at = labelPlace(corners, 70, PANE);
        expect(Math.abs(at.turnRad)).toBeLessThanOrEqual(Math.PI / 4 + 1e-6);
        // It lies outside the box, and begins at a corner of it.
        const x = at.x + 20 * Math.cos(at.turnRad) + 10 * Math.sin(at.turnRad) - 300;
        const y = at.y + 20 * Math.sin(at.turnRad) - 10 * Math.cos(at.turnRad) - 300;
        const back = (-turn * Math.PI) / 180;
        const inBox = [x * Math.cos(back) - y * Math.sin(back), x * Math.sin(back) + y * Math.cos(back)];
        expect(Math.abs(inBox[0]) > 40 || Math.abs(inBox[1]) > 80).toBe(true);
        const away = corners.map(([x, y]) => Math.hypot(at.x - x, at.y - y));
        expect(Math.min(...away)).toBeLessThan(1e-6);
      }
    },
  );

  test('stands on the own top edge of an upright box, and on the other end of one that hangs upside down', () => {
    expect(labelPlace(box(0), 70, PANE)).toEqual({ x: 260, y: 220, turnRad: 0 });
    const over = labelPlace(box(180), 70, PANE);
    expect(over.y).toBeCloseTo(220);
    expect(over.turnRad).toBeCloseTo(0);
  });

  test.each([
    [-100, 300],
    [700, 300],
    [300, -100],
    [300, 700],
    [590, 30],
  ])('stays in the pane, box at %i, %i', (x, y) => {
    const at = labelPlace(box(0, [x, y]), 70, PANE);
    expect(at.x).toBeGreaterThanOrEqual(0);
    expect(at.x + 70).toBeLessThanOrEqual(600);
    expect(at.y - 18).toBeGreaterThanOrEqual(0);
    expect(at.y).toBeLessThanOrEqual(600);
  });
});
