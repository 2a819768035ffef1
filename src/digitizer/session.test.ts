/** The session without a worker: one run after the other, cancelling, and what becomes of a finished figure. */
import { expect, test } from 'vitest';
import { nextTask } from '../base/steps.ts';
import type { SessionEvent } from './session.ts';
import { textOfMesh, turnTakingSession } from './session-test-kit.ts';
import { DEFAULT_RUN_OPTIONS, type RunInput } from './types.ts';

const input = (text: string, poseJson?: string): RunInput => ({
  name: text,
  photo: new Blob([text]),
  poseJson,
});

async function started() {
  const session = turnTakingSession();
  await session.start({ kind: 'url', url: '' }, DEFAULT_RUN_OPTIONS);
  const run = (text: string, onEvent: (event: SessionEvent) => void = () => {}, poseJson?: string) =>
    session.run(input(text, poseJson), DEFAULT_RUN_OPTIONS, onEvent);
  return { session, run };
}

test('two runs pass one after the other', async () => {
  const { run } = await started();
  const ends: string[] = [];
  await Promise.all(
    ['photo a', 'photo b'].map(async (text) => {
      const { mesh } = await run(text);
      ends.push(textOfMesh(mesh));
    }),
  );
  expect(ends).toEqual(['photo a robust 9', 'photo b robust 9']);
});

test('cancel reaches the run that goes on and those that wait; the next one runs', async () => {
  const { session, run } = await started();
  const cancelled = Promise.allSettled([run('photo a'), run('photo b')]);
  for (let i = 0; i < 5; i++) await nextTask();
  session.cancel();
  for (const ended of await cancelled) expect(ended).toMatchObject({ reason: { code: 'E_CANCELLED' } });
  expect(textOfMesh((await run('photo c')).mesh)).toBe('photo c robust 9');
});

test('a run that waits is cancelled at once, whatever is before it', async () => {
  const { session, run } = await started();
  let release = () => {};
  const busy = session.importPack({ kind: 'url', url: '' }, () => {});
  busy.catch(() => {});
  session.packs.import = () =>
    new Promise((_, reject) => {
      release = () => reject(new Error('no'));
    });
  const long = session.importPack({ kind: 'url', url: '' }, () => {});
  long.catch(() => {});
  const waiting = run('photo a');
  session.cancel();
  await expect(waiting).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await nextTask();
  release();
});

test('a cancelled stage says so, and is not a failed one; what was done is kept for the next run', async () => {
  const { session, run } = await started();
  const events: SessionEvent[] = [];
  const running = run('photo a', (event) => {
    events.push(event);
    if (event.kind === 'stage' && event.stage === 'coarse' && event.state.kind === 'running')
      session.cancel();
  });
  await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(events.at(-1)).toEqual({ kind: 'stage', stage: 'coarse', state: { kind: 'cancelled' } });
  const again: SessionEvent[] = [];
  await run('photo a', (event) => again.push(event));
  expect(again).toContainEqual(
    expect.objectContaining({ stage: 'matte', state: expect.objectContaining({ cached: true }) }),
  );
});

test.each([
  ['unreadable', 'E_NOT_AN_IMAGE'],
  ['nobody', 'E_NO_PERSON'],
])('a later photo that is %s leaves the finished figure to be saved and drawn', async (text, code) => {
  const { session, run } = await started();
  await run('photo a');
  const before = await (await session.files.write('report', null)).text();
  await expect(run(`${text} b`)).rejects.toMatchObject({ code });
  expect(await (await session.files.write('report', null)).text()).toBe(before);
});

test('the finished figure can be saved while the next one is made', async () => {
  const { session, run } = await started();
  await run('photo a');
  const next = run('photo b');
  for (let i = 0; i < 8; i++) await nextTask();
  expect(JSON.parse(await (await session.files.write('report', null)).text()).name).toBe('photo a');
  await next;
  expect(JSON.parse(await (await session.files.write('report', null)).text()).name).toBe('photo b');
});

test('going back to an earlier pose computes nothing', async () => {
  const { run } = await started();
  await run('photo a', () => {}, 'pose 1');
  await run('photo a', () => {}, 'pose 2');
  const events: SessionEvent[] = [];
  await run('photo a', (event) => events.push(event), 'pose 1');
  const done = events.flatMap((event) =>
    event.kind === 'stage' && event.state.kind === 'done' ? [event.state.cached] : [],
  );
  expect(done).toEqual(Array.from({ length: 10 }, () => true));
});

test('a stage that never ends is left to itself by Cancel, and the next run is not held up', async () => {
  const { session, run } = await started();
  const events: SessionEvent[] = [];
  const endless = run('endless', (event) => events.push(event));
  endless.catch(() => {});
  for (let i = 0; i < 40; i++) await nextTask();
  session.cancel();
  const next = run('photo a');
  await expect(endless).rejects.toMatchObject({ code: 'E_CANCELLED', stage: 'pose' });
  expect(events.at(-1)).toMatchObject({ stage: 'pose', state: { kind: 'cancelled' } });
  expect(textOfMesh((await next).mesh)).toBe('photo a robust 9');
});

test('a photo that the browser never finishes reading is left by Cancel, and the next run is not held up', async () => {
  const { session, run } = await started();
  const photo = Object.assign(new Blob(['photo a']), {
    arrayBuffer: () => new Promise<ArrayBuffer>(() => {}),
  });
  const endless = session.run({ name: 'slow drive', photo }, DEFAULT_RUN_OPTIONS, () => {});
  endless.catch(() => {});
  for (let i = 0; i < 10; i++) await nextTask();
  session.cancel();
  await expect(endless).rejects.toMatchObject({ code: 'E_CANCELLED', stage: 'photo' });
  expect(textOfMesh((await run('photo b')).mesh)).toBe('photo b robust 9');
});

test('a run that nobody cancelled does not end as cancelled, whatever its workers say', async () => {
  const { run } = await started();
  const events: SessionEvent[] = [];
  await expect(run('interrupted', (event) => events.push(event))).rejects.toMatchObject({
    code: 'E_INTERNAL',
  });
  expect(events.at(-1)).toMatchObject({ state: { kind: 'failed' } });
});
