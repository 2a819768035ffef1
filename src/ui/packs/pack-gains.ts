/** What one pack does better than another, in the figures that both state of themselves. */
import type { PackDetails } from '../../client/digitizer-api.ts';

export interface Gain {
  readonly label: string;
  /** What the figures are of, when there are two: front, then back. */
  readonly sides: string;
  readonly unit: string;
  /** One figure a measure, of either pack. */
  readonly values: readonly number[];
  readonly otherValues: readonly number[];
}

/** Measures that say most about a figure, under the names that training gives them; smaller is better in each. */
const HEADLINES = [
  {
    label: 'Shape error',
    sides: 'front, back',
    measures: [
      "final depth, front, mean error without the view's median offset",
      "final depth, back, mean error without the view's median offset",
    ],
  },
  {
    label: 'Surface normal error',
    sides: 'front, back',
    measures: ['merged normals, front, mean angle', 'merged normals, back, mean angle'],
  },
  { label: 'Face normal error', sides: '', measures: ['face, merged normals, mean angle'] },
] as const;

/** The value that a pack states for a measure in a unit; undefined when it states none. */
export function statedValue(pack: PackDetails, measure: string, unit: string): number | undefined {
  return pack.accuracy.find((entry) => entry.measure === measure && entry.unit === unit)?.value;
}

/** Headlines in which `pack` is better than `other` in every measure; both must state all of them, in one unit. */
export function gainsOver(pack: PackDetails, other: PackDetails): Gain[] {
  return HEADLINES.flatMap(({ label, sides, measures }) => {
    const stated = measures.map((measure) => pack.accuracy.find((entry) => entry.measure === measure));
    const unit = stated[0]?.unit ?? '';
    const pairs = measures.flatMap((measure) => {
      const value = statedValue(pack, measure, unit);
      const otherValue = statedValue(other, measure, unit);
      return value === undefined || otherValue === undefined ? [] : [{ value, otherValue }];
    });
    const better = pairs.length === measures.length && pairs.every((pair) => pair.value < pair.otherValue);
    if (!better) return [];
    const values = pairs.map(({ value }) => value);
    return [{ label, sides, unit, values, otherValues: pairs.map(({ otherValue }) => otherValue) }];
  });
}
