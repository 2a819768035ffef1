/** Print and motion against a scripted client: what is made when, what is freed, what becomes of what is not wanted any more. */
import { describe, expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { createApp } from './app-store.ts';
import { quietPreferences, scriptedClient } from './client-test-kit.ts';
import { shownState } from './figure.ts';

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

async function finished() {
  const script = scriptedClient();
  const saved: string[] = [];
  const app = createApp({
    createClient: () => script.client,
    fetchOwn: async () => new Blob(['[]']),
    saveFile: (_, name) => saved.push(name),
    nowMs: () => 1000,
    preferences: quietPreferences(),
  });
  const state = () => shownState(app.store.getState());
  void state().openPhoto(new File(['jpeg'], 'me.jpg', { type: 'image/jpeg' }));
  await settle();
  script.runs[0].finish();
  await settle();
  return { ...script, app, state, saved };
}

describe('print', () => {
  test('is made when its dialog opens and when something is chosen; closing frees it', async () => {
    const { state, app, client } = await finished();
    const before = app.resources.size;
    state().setPrintOpen(true);
    await settle();
    expect(state().printing).toMatchObject({ kind: 'ready', facts: { pieces: 1 } });
    await state().setPrintOptions({ heightMm: 90, plinth: 'square' });
    expect(client.printPreview.mock.lastCall).toEqual([
      null,
      expect.objectContaining({ heightMm: 90, plinth: 'square' }),
    ]);
    expect(app.resources.size).toBe(before + 1);
    state().setPrintOpen(false);
    expect([state().printing.kind, app.resources.size]).toEqual(['none', before]);
  });

  test('says why it cannot be made; the figure stays, and other options are tried', async () => {
    const { state, client } = await finished();
    client.printPreview.mockRejectedValueOnce(
      new StageError('export', 'E_BAD_MESH', 'Too small.', { fix: 'Larger.' }),
    );
    state().setPrintOpen(true);
    await settle();
    expect(state().printing).toMatchObject({ kind: 'failed', error: { message: 'Too small.' } });
    await state().setPrintOptions({ heightMm: 120 });
    expect(state().printing.kind).toBe('ready');
  });

  test('is saved with its options under a name of its own; STL of the menu stays the figure', async () => {
    const { state, client, saved } = await finished();
    state().setPrintOpen(true);
    await settle();
    await state().savePrint('stl');
    await state().save('stl');
    const options = client.exportFile.mock.calls.map((call) => (call[2] as { print: unknown }).print);
    expect(options).toEqual([expect.objectContaining({ plinth: 'round' }), null]);
    expect(saved).toEqual(['me-print.stl', 'me.stl']);
  });
});

describe('motion', () => {
  test('makes the rigged file once, changes motion without making it again, and frees it', async () => {
    const { state, app, client } = await finished();
    const before = app.resources.size;
    const asking = state().setMotion('walk');
    expect(state().motion).toMatchObject({ kind: 'making', name: 'walk' });
    await state().setMotion('wave');
    await asking;
    expect(state().motion).toMatchObject({ kind: 'ready', name: 'wave' });
    await state().setMotion('idle');
    expect(client.exportFile).toHaveBeenCalledTimes(1);
    expect(app.resources.size).toBe(before + 1);
    await state().setMotion(null);
    expect([state().motion.kind, app.resources.size]).toEqual(['off', before]);
  });

  test('that cannot be made is said, and the figure rests', async () => {
    const { state, client } = await finished();
    client.exportFile.mockRejectedValueOnce(new StageError('export', 'E_MEMORY', 'No room.', { fix: '' }));
    await state().setMotion('walk');
    expect([state().motion.kind, state().problem?.message]).toEqual(['off', 'No room.']);
  });
});
