import { expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { checkBrowser } from './browser-needs.ts';

const whole = { WebAssembly, Worker: class {}, OffscreenCanvas: class {} } as unknown as typeof globalThis;

const problemOf = (scope: object): StageError | null => {
  try {
    checkBrowser({ ...whole, ...scope });
    return null;
  } catch (thrown) {
    return thrown as StageError;
  }
};

test('a browser that has all of it passes; this runtime’s WebAssembly knows vectors', () => {
  expect(problemOf({})).toBeNull();
});

test.each([
  ['WebAssembly', { WebAssembly: undefined }, /security settings/],
  ['vector instructions', { WebAssembly: { validate: () => false } }, /current Chrome/],
  ['web workers', { Worker: undefined }, /security settings/],
  ['canvases off the screen', { OffscreenCanvas: undefined }, /current Chrome/],
])('without %s it says so and what to do', (what, scope, fix) => {
  const problem = problemOf(scope);
  expect(problem).toBeInstanceOf(StageError);
  expect(problem).toMatchObject({ code: 'E_UNSUPPORTED', message: expect.stringContaining(what) });
  expect(problem?.fix).toMatch(fix);
});
