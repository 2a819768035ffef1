/** A dropped matting network: told from photos and packs, used for the open photo, and what is said of one that is none. */
import { expect, test, vi } from 'vitest';
import { StageError } from '../base/errors.ts';
import type { MattingSummary } from '../client/digitizer-api.ts';
import { createApp } from './app-store.ts';
import { quietPreferences, scriptedClient } from './client-test-kit.ts';
import { shownState } from './figure.ts';
import { mattingOf } from './matting-slice.ts';

const SUMMARY: MattingSummary = {
  name: 'u2netp',
  kind: 'u2net',
  width: 320,
  height: 320,
  channelsLast: false,
  output: 'out',
  bytes: 4_574_861,
  key: 'k',
};
const network = () => new File(['onnx'], 'u2netp.onnx');
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

function setUp() {
  const { client, runs } = scriptedClient();
  const app = createApp({
    createClient: () => client,
    fetchOwn: async () => new Blob(['[]']),
    saveFile: vi.fn(),
    nowMs: () => 1000,
    preferences: quietPreferences(),
  });
  return { client, runs, state: () => shownState(app.store.getState()) };
}

test('one .onnx by itself is a matting network; pictures and packs are not', () => {
  expect(mattingOf([network()])?.name).toBe('u2netp.onnx');
  expect(mattingOf([new File([''], 'a.jpg')])).toBeNull();
  expect(mattingOf([network(), new File([''], 'a.jpg')])).toBeNull();
});

test('dropped: imported, shown, and the open photo runs again', async () => {
  const { client, runs, state } = setUp();
  await settle();
  void state().openPhoto(new File(['jpeg'], 'me.jpg', { type: 'image/jpeg' }));
  await settle();
  runs[0].finish();
  await settle();
  client.importMatting.mockResolvedValueOnce({ summary: SUMMARY, kept: false });
  await state().openFiles([network()]);
  await settle();
  expect(state().matting).toEqual(SUMMARY);
  expect(state().mattingNote).toMatch(/does not keep it/);
  expect(runs.length).toBe(2);
  runs[1].finish();
  await settle();
  await state().removeMatting();
  await settle();
  expect(client.removeMatting).toHaveBeenCalledOnce();
  expect(state().matting).toBeNull();
  expect(runs.length).toBe(3);
});

test('what is refused is said in the worker’s sentence, and an empty file is not sent', async () => {
  const { client, state } = setUp();
  await settle();
  client.importMatting.mockRejectedValueOnce(
    new StageError('matte', 'E_BAD_PACK', '“u2netp.onnx” gives [1, 1000]: that is no matte.', {
      fix: 'Another.',
    }),
  );
  await state().openFiles([network()]);
  expect(state().problem?.message).toMatch(/no matte/);
  expect(state().matting).toBeNull();
  expect(state().openingWeights).toBeNull();
  await state().openFiles([new File([], 'none.onnx')]);
  expect(state().problem?.message).toBe('“none.onnx” is empty.');
  expect(client.importMatting).toHaveBeenCalledOnce();
});
