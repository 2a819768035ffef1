/** Undo and redo: of corrections and of settings, by commands and through the page's own actions. */
import { describe, expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { type FigureEdits, NO_EDITS } from '../geometry/figure-edits.ts';
import { createApp } from './app-store.ts';
import { quietPreferences, scriptedClient } from './client-test-kit.ts';
import { type EditCommand, NO_HISTORY, redone, type Settings, undone, withCommand } from './edits.ts';
import { shownState } from './figure.ts';

const BARE: Settings = { edits: NO_EDITS, mode: 'robust', surfaceDepth: 9, poseJson: null, mask: null };
const at = (surfaceDepth: number): Settings => ({ ...BARE, surfaceDepth });
const command = (id: number, from: number, to: number, gesture: string | null = null): EditCommand => ({
  ...{ id, label: `${from} to ${to}`, gesture, before: at(from), after: at(to) },
});

describe('the history', () => {
  test('undo and redo are the same moves in two directions', () => {
    const history = [command(1, 9, 8), command(2, 8, 10)].reduce(withCommand, NO_HISTORY);
    const back = undone(history);
    expect(back?.settings).toEqual(at(8));
    const first = back && undone(back.history);
    expect(first?.settings).toEqual(at(9));
    expect(first && undone(first.history)).toBeNull();
    const again = first && redone(first.history);
    expect(again?.settings).toEqual(at(8));
    const end = again && redone(again.history);
    expect(end).toEqual({ history, settings: at(10) });
    expect(end && redone(end.history)).toBeNull();
  });

  test('commands of one gesture merge; a gesture that ends where it began leaves no step', () => {
    const drag = [command(1, 9, 8, 'drag'), command(2, 8, 10, 'drag'), command(3, 10, 11, 'other')];
    expect(drag.reduce(withCommand, NO_HISTORY).done).toMatchObject([
      { id: 1, before: at(9), after: at(10) },
      { id: 3, before: at(10), after: at(11) },
    ]);
    expect([command(1, 9, 8, 'drag'), command(2, 8, 9, 'drag')].reduce(withCommand, NO_HISTORY).done).toEqual(
      [],
    );
  });

  test('a new command ends what could be done again', () => {
    const history = [command(1, 9, 8), command(2, 8, 10)].reduce(withCommand, NO_HISTORY);
    const back = undone(history);
    expect(back && withCommand(back.history, command(3, 8, 11))).toMatchObject({
      done: [{ id: 1 }, { id: 3 }],
      undone: [],
    });
  });
});

let changes = 0;

/** The page has come to rest: nothing has changed for some turns of the message loop. */
async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 6; quiet++) {
    const before = changes;
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (changes !== before) quiet = 0;
  }
}
const movedWrist = (edits: FigureEdits): FigureEdits => ({
  ...edits,
  joints: { ...edits.joints, leftWrist: [10, 20] },
});

async function finished() {
  const script = scriptedClient();
  const app = createApp({
    createClient: () => script.client,
    fetchOwn: async () => new Blob(['[]']),
    saveFile: () => {},
    nowMs: () => 0,
    preferences: quietPreferences(),
  });
  app.store.subscribe(() => {
    changes++;
  });
  const state = () => shownState(app.store.getState());
  void state().openPhoto(new File(['jpeg'], 'me.jpg', { type: 'image/jpeg' }));
  await settle();
  script.runs[0].finish();
  await settle();
  const end = async () => {
    await settle();
    script.runs.at(-1)?.finish();
    await settle();
  };
  return { app, state, end, ...script };
}

describe('the page', () => {
  test('a correction runs with it, undo without it, redo with it again', async () => {
    const { state, runs, end } = await finished();
    void state().edit('Left wrist moved', movedWrist);
    await end();
    expect(runs[1].input.edits?.joints).toEqual({ leftWrist: [10, 20] });
    expect(state().history.done.map(({ label }) => label)).toEqual(['Left wrist moved']);
    void state().undo();
    await end();
    expect(runs[2].input.edits).toEqual(NO_EDITS);
    expect(state()).toMatchObject({
      input: { edits: NO_EDITS },
      history: { done: [], undone: [{ label: 'Left wrist moved' }] },
    });
    void state().redo();
    await end();
    expect(runs[3].input.edits?.joints).toEqual({ leftWrist: [10, 20] });
  });

  test('settings, keypoints and masks are steps too, each with its name; any step can be gone to', async () => {
    const { state, runs, end, app } = await finished();
    void state().setOptions({ surfaceDepth: 8 });
    await end();
    void state().setOptions({ mode: 'reference' });
    await end();
    void state().addExtra('mask', new File(['mask one'], 'mask.png'));
    await end();
    void state().dropExtra('mask');
    await end();
    void state().addExtra('pose', new File(['{}'], 'pose.json'));
    await end();
    expect(state().history.done.map(({ label }) => label)).toEqual([
      'Surface detail 8',
      'Method: reference',
      'Mask used',
      'Mask removed',
      'Keypoints file used',
    ]);
    void state().goToStep(state().history.done[2].id);
    await end();
    expect(await runs.at(-1)?.input.mask?.text()).toBe('mask one');
    expect(state().history).toMatchObject({ done: [{}, {}, {}], undone: [{}, {}] });
    void state().goToStep(null);
    await end();
    expect(state().options).toMatchObject({ surfaceDepth: 9, mode: 'robust' });
    expect(state().history.done).toEqual([]);
    void state().goToStep(state().history.undone[0].id);
    await end();
    expect(state()).toMatchObject({
      options: { mode: 'reference', surfaceDepth: 8 },
      history: { undone: [] },
    });
    expect(state().input?.poseJson).toBe('{}');
    const held = app.resources.size;
    for (let i = 0; i < 4; i++) {
      void state().undo();
      await end();
      void state().redo();
      await end();
    }
    expect(app.resources.size).toBe(held);
  });

  test.each([
    ['fails', 'E_EMPTY_MATTE'],
    ['is cancelled', 'E_CANCELLED'],
  ] as const)(
    'one that %s leaves the figure, its settings and its history as they were; it can be done again',
    async (_, code) => {
      const { state, runs } = await finished();
      void state().setOptions({ surfaceDepth: 8 });
      await settle();
      runs[1].fail(new StageError('matte', code, 'No.', { fix: 'Undo.' }));
      await settle();
      expect(state()).toMatchObject({
        run: { kind: 'done' },
        options: { surfaceDepth: 9 },
        history: { done: [], undone: [{}] },
      });
      void state().redo();
      await settle();
      runs[2].finish();
      await settle();
      expect(state()).toMatchObject({ options: { surfaceDepth: 8 }, history: { done: [{}], undone: [] } });
    },
  );

  test('a drag of many commands is one step; another photo begins anew', async () => {
    const { state, end } = await finished();
    for (let x = 1; x <= 3; x++) {
      void state().edit('Nose moved', (edits) => ({ ...edits, joints: { nose: [x, x] } }), 'drag 1');
      await end();
    }
    expect(state().history.done).toHaveLength(1);
    void state().undo();
    await end();
    expect(state().input?.edits).toEqual(NO_EDITS);
    void state().openPhoto(new File(['other'], 'you.jpg', { type: 'image/jpeg' }));
    await end();
    expect(state().history).toEqual(NO_HISTORY);
  });
});
