import { expect, test } from 'vitest';
import { trackedCallback } from './tracked-callback.ts';

test('waits for the last call to be handled, also by a listener that fails', async () => {
  const handled: number[] = [];
  const { call, settled } = trackedCallback(async (value: number) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    handled.push(value);
    if (value === 2) throw new Error('a listener’s fault');
  });
  call(1);
  call(2);
  await settled();
  expect(handled).toEqual([1, 2]);
});

test('a message that is never answered does not hold up the task', async () => {
  const { call, settled } = trackedCallback(() => new Promise(() => {}), 10);
  call();
  await settled();
});
