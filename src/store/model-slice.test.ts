/** Looking at the figure: section, measure, the height that files go by, and the figure before, kept and freed. */
import { describe, expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { createApp } from './app-store.ts';
import { quietPreferences, scriptedClient } from './client-test-kit.ts';
import { shownState } from './figure.ts';

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

async function finished() {
  const script = scriptedClient();
  const app = createApp({
    createClient: () => script.client,
    fetchOwn: async () => new Blob(['[]']),
    saveFile: () => {},
    nowMs: () => 1000,
    preferences: quietPreferences(),
  });
  const state = () => shownState(app.store.getState());
  void state().openPhoto(new File(['jpeg'], 'me.jpg', { type: 'image/jpeg' }));
  await settle();
  script.runs[0].finish();
  await settle();
  return { ...script, app, state };
}

describe('the figure before', () => {
  test('is the one before the last run, of the same photo; older ones and those of other photos are freed', async () => {
    const { state, app, runs } = await finished();
    const [first, held] = [state().mesh, app.resources.size];
    expect(state().before).toBeNull();
    for (const turn of [1, 2]) {
      const last = state().mesh;
      void state().edit('Nose moved', (edits) => ({ ...edits, joints: { nose: [turn, turn] } }));
      await settle();
      runs[turn].finish();
      await settle();
      expect(state().before).toBe(last);
      expect(app.resources.get(last)).toBeDefined();
      expect(app.resources.size).toBe(held + 1);
    }
    expect(app.resources.get(first)).toBeUndefined();

    void state().openPhoto(new File(['other'], 'you.jpg', { type: 'image/jpeg' }));
    await settle();
    runs[3].finish();
    await settle();
    expect(state().before).toBeNull();
    expect(app.resources.size).toBe(held);
  });

  test('stays where it is when the run after it fails or is cancelled', async () => {
    const { state, app, runs } = await finished();
    const edit = (x: number) =>
      state().edit('Nose moved', (edits) => ({ ...edits, joints: { nose: [x, x] } }));
    void edit(1);
    await settle();
    runs[1].finish();
    await settle();
    const [now, before, held] = [state().mesh, state().before, app.resources.size];
    for (const [i, end] of [
      () => runs[2].fail(new StageError('surface', 'E_MEMORY', 'No room.', { fix: '' })),
      () => state().cancel(),
    ].entries()) {
      void edit(2 + i);
      await settle();
      await end();
      await settle();
      expect([state().mesh, state().before]).toEqual([now, before]);
      expect(app.resources.get(before)).toBeDefined();
      expect(app.resources.size).toBe(held);
    }
  });
});

test('a section stays inside the figure; what is not said stays; null closes it', async () => {
  const { state } = await finished();
  state().setSection({});
  expect(state().section).toMatchObject({ axis: 'z', flipped: false });
  state().setSection({ axis: 'x', at: 1.4 });
  expect(state().section).toEqual({ axis: 'x', at: 1, flipped: false });
  state().setSection({ at: -3, flipped: true });
  expect(state().section).toEqual({ axis: 'x', at: 0, flipped: true });
  state().setSection(null);
  expect(state().section).toBeNull();
});

test('two points measure, a third begins anew; without the tool a point is nothing', async () => {
  const { state } = await finished();
  state().measurePoint([1, 2, 3]);
  expect(state().measuring).toBeNull();
  state().setMeasuring(true);
  for (const x of [1, 2]) state().measurePoint([x, 0, 0]);
  expect(state().measuring).toEqual([
    [1, 0, 0],
    [2, 0, 0],
  ]);
  state().measurePoint([3, 0, 0]);
  expect(state().measuring).toEqual([[3, 0, 0]]);
  state().setMeasuring(false);
  expect(state().measuring).toBeNull();
});

test('the height goes into files, is another file each time, and stays within what people have', async () => {
  const { state, client, runs } = await finished();
  await state().save('glb');
  expect(client.exportFile.mock.lastCall?.[2]).not.toHaveProperty('heightMeters');
  await state().setHeight(182);
  await state().save('glb');
  expect(client.exportFile.mock.lastCall?.[2]).toMatchObject({ heightMeters: 1.82 });
  expect(client.exportFile).toHaveBeenCalledTimes(2);
  await state().save('glb');
  expect(client.exportFile).toHaveBeenCalledTimes(2);
  await state().setHeight(1820);
  expect(state().input?.heightCm).toBe(260);
  await state().setHeight(null);
  expect(state().input).not.toHaveProperty('heightCm');

  // A run takes it along.
  await state().setHeight(150);
  void state().rerun();
  await settle();
  runs[1].finish();
  await settle();
  expect(state().input?.heightCm).toBe(150);
});
