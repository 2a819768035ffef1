/**
 * Typed arrays are compared number by number. Vitest's own way walks over them as over any object, some ten microseconds an
 * element: ten seconds for the weights of the smallest pack, a minute for a canvas.
 */
import { expect } from 'vitest';

type Numbers = ArrayLike<number | bigint> & { readonly constructor: unknown };

const isTypedArray = (value: unknown): value is Numbers =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

expect.addEqualityTesters([
  function typedArrays(a: unknown, b: unknown): boolean | undefined {
    if (!isTypedArray(a) || !isTypedArray(b)) return undefined;
    if (a.constructor !== b.constructor || a.length !== b.length) return false;
    // As toEqual has it: NaN equals NaN, and 0 is not -0.
    for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
    return true;
  },
]);
