/** What the wait and the inspector say of a photo with several people; rendered to text, no browser. */
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { createApp } from '../../store/app-store.ts';
import { quietPreferences, scriptedClient } from '../../store/client-test-kit.ts';
import { type FigureState, withFigure } from '../../store/figure.ts';
import { AppProvider } from '../app-context.tsx';
import { PeopleBar, PeopleChooser } from './people-chooser.tsx';
import { PhotoInspector } from './photo-inspector.tsx';
import { ProgressLine } from './progress-line.tsx';

function rendered(change: (figure: FigureState) => Partial<FigureState>): string {
  const app = createApp({
    createClient: () => scriptedClient().client,
    fetchOwn: async () => new Blob(),
    saveFile: () => {},
    nowMs: () => 0,
    preferences: quietPreferences(),
  });
  app.store.setState(withFigure(change));
  // Rendering to text reads the state that the store began with.
  app.store.getInitialState = app.store.getState;
  return renderToString(
    <AppProvider app={app}>
      <PeopleChooser />
      <PeopleBar />
      <PhotoInspector />
      <ProgressLine />
    </AppProvider>,
  );
}

const box = (left: number) => ({ left, top: 0.1, right: left + 0.3, bottom: 0.9 });

test('everybody has a numbered box where they stand; the chosen one is pressed', () => {
  const html = rendered(() => ({ people: { boxes: [box(0.1), box(0.5)], chosen: 1 } }));
  expect(html).toContain('2 people');
  expect(html).toMatch(/left:50\.00%;top:10\.00%;width:30\.00%;height:80\.00%" aria-pressed="true"/);
  expect(html).toMatch(/left:10\.00%;[^>]*aria-pressed="false" aria-label="Person 1 from the left"/);
});

test('who may be a mirror image or a statue is marked so', () => {
  const boxes = [box(0.1), { ...box(0.5), doubt: 'statue' } as const];
  const html = rendered(() => ({ people: { boxes, chosen: 0 } }));
  expect(html).toContain('Person 2 from the left, perhaps a statue');
  expect(html).not.toContain('Person 1 from the left, chosen, perhaps');
});

test('one person needs no choice', () => {
  expect(rendered(() => ({ people: { boxes: [box(0.1)], chosen: 0 } }))).not.toContain('Person 1');
});

test('what makes the figure worse is said while the run goes on, and not over a finished figure', () => {
  const notices = [
    { stage: 'pose', text: 'The person is very dark.' },
    { stage: 'cloud', text: 'Not of the photo.' },
  ] as const;
  const waiting = rendered(() => ({ notices, run: { kind: 'running', startedAtMs: 0 } }));
  expect(waiting).toContain('The person is very dark.');
  expect(waiting).not.toContain('Not of the photo.');
  expect(rendered(() => ({ notices }))).not.toContain('The person is very dark.');
});

test('the way to the cut-out is named, and the others are a click away', () => {
  const done = { kind: 'done', elapsedMs: 1, detail: 'segmentation', cached: false } as const;
  const html = rendered(({ stages }) => ({
    stages: { ...stages, matte: { state: done, thumbnail: null, came: [] } },
  }));
  expect(html).toContain('person detector');
  expect(html).toMatch(/<button[^>]*>Plain background<\/button>/);
  expect(html).toMatch(/<button[^>]*>Black background<\/button>/);
});
