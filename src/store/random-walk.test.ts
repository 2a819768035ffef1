/**
 * Whatever a person does in whatever order, the page comes to rest, shows what was asked for last, and holds nothing else.
 * Seeded: a walk that fails is named by its number and fails again. One run that never ended, after some cancels and
 * exports, was the reason.
 */
import { expect, test } from 'vitest';
import { hashNoise } from '../base/deterministic.ts';
import { nextTask } from '../base/steps.ts';
import { textOfMesh } from '../digitizer/session-test-kit.ts';
import { STAGE_IDS } from '../digitizer/types.ts';
import { createApp } from './app-store.ts';
import { quietPreferences } from './client-test-kit.ts';
import { type FigureState, figureOf, shownState } from './figure.ts';
import { VIEW_OF_STAGE } from './view-slice.ts';
import { VIEW_IDS } from './view-state.ts';
import { walkClient } from './walk-test-kit.ts';

const MAPS = ['photo', 'normals', 'depth', 'coarseNormals', 'coarseDepth'] as const;
const WALKS = 40;
const STEPS = 40;
/** Turns of the message loop after which a page that still works is taken to hang. */
const MOST_TURNS = 4000;

function dice(seed: number) {
  let index = 0;
  return (sides: number) => Math.floor(((hashNoise(seed, index++) + 1) / 2) * sides) % sides;
}

function walker(seed: number) {
  const roll = dice(seed);
  const app = createApp({
    createClient: () => walkClient(() => roll(3)),
    fetchOwn: async () => new Blob(['[]']),
    saveFile: () => {},
    nowMs: () => 0,
    preferences: quietPreferences(),
  });
  const state = () => shownState(app.store.getState());
  const file = (name: string, text: string) => new File([text], name);
  let serial = 0;
  const wait = async (turns: number) => {
    for (let i = 0; i < turns; i++) await nextTask();
  };
  const actions: readonly (() => Promise<unknown> | undefined)[] = [
    () => void state().openPhoto(file(`p${++serial}.jpg`, `photo ${roll(3)}`)),
    () => void state().openPhoto(file(`p${++serial}.jpg`, `unreadable ${roll(3)}`)),
    () => void state().openPhoto(file(`p${++serial}.jpg`, `nobody ${roll(3)}`)),
    () => void state().addExtra('pose', file('pose.json', roll(4) === 0 ? 'nobody' : `pose ${roll(2)}`)),
    () => void state().addExtra('mask', file('mask.png', `mask ${roll(2)}`)),
    () => void state().dropExtra(roll(2) === 0 ? 'pose' : 'mask'),
    () => void state().cancel(),
    () => void state().cancel(),
    () => void state().rerun(),
    () => void state().setOptions({ surfaceDepth: 8 + roll(3) }),
    () => void state().setOptions({ mode: roll(2) === 0 ? 'robust' : 'reference' }),
    () => void state().save(roll(2) === 0 ? 'glb' : 'cloudPly'),
    () => void state().save('meshPly'),
    () => void state().setMeshSize((['full', '200k', '50k', '10k'] as const)[roll(4)]),
    () => void state().cancelSimplify(),
    () => void state().requestPicture({ kind: 'depth', side: 'front' }, 'bitmap'),
    () => void (roll(6) === 0 && state().closePhoto()),
    () => void state().setView(VIEW_IDS[roll(VIEW_IDS.length)]),
    () => void state().selectStage(STAGE_IDS[roll(STAGE_IDS.length)]),
    () => void state().setMaps({ left: { map: MAPS[roll(MAPS.length)], side: 'front' } }),
    () => wait(roll(30)),
    () => wait(roll(120)),
  ];
  const working = () =>
    ['running', 'cancelling'].includes(state().run.kind) ||
    state().saving !== null ||
    state().simplifying !== null;
  return {
    app,
    state,
    working,
    async walk() {
      for (let i = 0; i < STEPS; i++) {
        await actions[roll(actions.length)]();
        expect(VIEW_OF_STAGE[state().stage], 'the rail marks a stage of the view').toBe(state().view);
      }
      for (let i = 0; i < MOST_TURNS && working(); i++) await nextTask();
      // Questions whose answers nobody waits for.
      await wait(40);
    },
  };
}

/** Ids that the state names. */
function named(figure: FigureState, pending: { mask: string | null } | null): Set<string> {
  return new Set(
    JSON.stringify([figure, pending])
      .match(/"(?:bitmap|pixels|mesh|keypoints|file):\d+"/g)
      ?.map((id) => id.slice(1, -1)) ?? [],
  );
}

test.each(Array.from({ length: WALKS }, (_, seed) => seed))('walk %i comes to rest', async (seed) => {
  const { app, state, working, walk } = walker(seed);
  await walk();
  expect(working(), JSON.stringify({ run: state().run.kind, saving: state().saving })).toBe(false);
  const figure = figureOf(state());
  for (const { state: stage } of Object.values(figure.stages)) expect(stage.kind).not.toBe('running');
  expect(app.resources.size, 'only what the page shows is held').toBe(named(figure, state().pending).size);
  if (figure.run.kind === 'done') {
    const photo = await app.resources.get(figure.input?.photo)?.text();
    const mesh = app.resources.get(figure.mesh);
    expect(mesh && textOfMesh(mesh)).toContain(photo);
    expect(mesh && textOfMesh(mesh)).toContain(figure.input?.poseJson ?? '');
  }
  // And it still works.
  void state().openPhoto(new File(['photo last'], 'last.jpg'));
  for (let i = 0; i < MOST_TURNS && (i < 5 || working()); i++) await nextTask();
  expect(state().run.kind).toBe('done');
  const mesh = app.resources.get(state().mesh);
  expect(mesh && textOfMesh(mesh)).toBe(`photo last ${state().options.mode} ${state().options.surfaceDepth}`);
  app.dispose();
});
