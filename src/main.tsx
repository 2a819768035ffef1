/** Starts the page: one store, the real worker, our own origin; then the app on top of it. */
import '@fontsource-variable/inter/wght.css';
import './ui/tokens.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createDigitizerClient } from './client/digitizer-client.ts';
import { createApp } from './store/app-store.ts';
import { figureOf } from './store/figure.ts';
import { browserPreferences } from './store/preferences.ts';
import { createRunTimes } from './store/run-times.ts';
import { fetchOwn } from './store/samples.ts';
import { App } from './ui/app.tsx';
import { AppProvider } from './ui/app-context.tsx';
import { browserKeeping } from './ui/keep/keeping.ts';
import { followRoute } from './ui/keep/route.ts';
import { keepFocus } from './ui/kit/focus-keeper.ts';
import { applyTheme } from './ui/kit/theme.tsx';
import { saveFile } from './ui/save-file.ts';
import { systemSharing } from './ui/share-file.ts';

applyTheme();

const app = createApp({
  createClient: createDigitizerClient,
  fetchOwn,
  saveFile,
  sharing: systemSharing,
  nowMs: () => performance.now(),
  preferences: browserPreferences(),
  runTimes: createRunTimes(() => localStorage),
  keeping: browserKeeping(),
});
window.addEventListener('pagehide', (event) => {
  if (!event.persisted) app.dispose();
});
// What is kept may be left at any time; what is not is asked about.
window.addEventListener('beforeunload', (event) => {
  const state = app.store.getState();
  const { input, mesh } = figureOf(state);
  const isUnkept = mesh !== null && input !== null && (input.project === null || state.storageNote !== null);
  const isWaiting = state.queue.some(
    (item) => item.state.kind === 'waiting' || item.state.kind === 'running',
  );
  if ((isUnkept && !input?.ofOtherTab) || isWaiting) event.preventDefault();
});

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
keepFocus(root);
createRoot(root).render(
  <StrictMode>
    <AppProvider app={app}>
      <App />
    </AppProvider>
  </StrictMode>,
);

followRoute(app);
// First paint first: the worker and the samples come after it.
requestAnimationFrame(() => {
  void app.store.getState().startSession();
  void app.store.getState().loadSamples();
  void app.store.getState().loadProjects();
});
