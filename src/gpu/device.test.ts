/** A driver that gives no answer: the page must not wait for it for ever. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDevice } from './device.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('an adapter that never comes counts as none', async () => {
  vi.stubGlobal('navigator', { gpu: { requestAdapter: () => new Promise(() => {}) } });
  const opened = openDevice();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await opened).toEqual({
    kind: 'none',
    reason: 'the browser could not look for a graphics adapter (no answer in 30 s)',
  });
});

test('a device that comes too late is destroyed', async () => {
  let come = (_: unknown) => {};
  const adapter = {
    info: { vendor: 'v', architecture: '', device: '', description: 'a card' },
    limits: {
      maxStorageBuffersPerShaderStage: 10,
      maxStorageBufferBindingSize: 2 ** 31,
      maxBufferSize: 2 ** 31,
    },
    features: new Set<string>(),
    requestDevice: () => new Promise((resolve) => (come = resolve)),
  };
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
  const opened = openDevice();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await opened).toMatchObject({ kind: 'none', reason: expect.stringContaining('no answer in 30 s') });
  const destroy = vi.fn();
  come({ destroy });
  await vi.advanceTimersByTimeAsync(0);
  expect(destroy).toHaveBeenCalledOnce();
});
