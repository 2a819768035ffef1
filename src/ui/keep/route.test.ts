import { expect, test } from 'vitest';
import { hashOf, routeOf } from './route.ts';

test('routes go round', () => {
  for (const route of [
    { figure: 'abc-1', view: 'maps' },
    { figure: 'open', view: 'photo' },
    { figure: null, view: 'model' },
  ] as const) {
    expect(routeOf(hashOf(route))).toEqual(route);
  }
});

test.each(['', '#', '#/', '#/figure', '#/figure/', '#/figure/../x/maps', '#/elsewhere/abc/maps', '#%00'])(
  '“%s” is the first page',
  (hash) => {
    expect(routeOf(hash).figure).toBeNull();
  },
);

test('an unknown view is the model', () => {
  expect(routeOf('#/figure/abc/nothing')).toEqual({ figure: 'abc', view: 'model' });
});
