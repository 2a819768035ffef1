import { expect, test } from 'vitest';
import { finish, nextTask, orCancelled, pacedBy, type Steps } from './steps.ts';

/** Work of so many rows, about 1 ms each. */
function* rows(count: number, done: number[] = []): Steps<number> {
  for (let row = 0; row < count; row++) {
    const until = performance.now() + 1;
    while (performance.now() < until);
    done.push(row);
    yield;
  }
  return done.length;
}

test('the same in one go and in slices', async () => {
  expect(finish(rows(20))).toBe(20);
  expect(await pacedBy(new AbortController().signal, 'photo')(rows(20))).toBe(20);
});

test('messages are handled while it goes on', async () => {
  const done: number[] = [];
  let heardAt = -1;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    heardAt = done.length;
    port1.close();
  };
  const work = pacedBy(new AbortController().signal, 'photo')(rows(200, done));
  port2.postMessage('cancel');
  await work;
  expect(heardAt).toBeGreaterThan(-1);
  expect(heardAt).toBeLessThan(200);
});

test('an aborted signal ends it at the next pause, with the stage’s name', async () => {
  const abort = new AbortController();
  const done: number[] = [];
  const work = pacedBy(abort.signal, 'cloud')(rows(500, done));
  await nextTask();
  abort.abort();
  await expect(work).rejects.toMatchObject({ code: 'E_CANCELLED', stage: 'cloud' });
  expect(done.length).toBeLessThan(500);
});

test('who waits for something else hears of the cancel at once; the late result is freed', async () => {
  const abort = new AbortController();
  let arrive = (_: string) => {};
  const slow = new Promise<string>((resolve) => {
    arrive = resolve;
  });
  const freed: string[] = [];
  const waiting = orCancelled(slow, abort.signal, 'coarse', (late) => freed.push(late));
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'E_CANCELLED', stage: 'coarse' });
  arrive('map');
  await nextTask();
  expect(freed).toEqual(['map']);
});
