/**
 * What is on screen, in the address after the hash: `#/figure/KEY/VIEW`, or nothing for the first page. A reload, Back and
 * Forward come back to it. Going to another page is a step in the browser's history; choosing a view changes the step.
 */
import type { App } from '../../store/app-store.ts';
import { figureOf } from '../../store/figure.ts';
import { VIEW_IDS, type ViewId } from '../../store/view-state.ts';

interface Route {
  /** A kept figure; `open`: the one in memory that is not kept; null: the first page. */
  readonly figure: string | null;
  readonly view: ViewId;
}

export function routeOf(hash: string): Route {
  const [, kind, figure, view] = hash.replace(/^#/, '').split('/');
  const known = VIEW_IDS.find((id) => id === view) ?? 'model';
  if (kind !== 'figure' || !/^[\w-]+$/.test(figure ?? '')) return { figure: null, view: known };
  return { figure, view: known };
}

export function hashOf({ figure, view }: Route): string {
  return figure === null ? '' : `#/figure/${figure}/${view}`;
}

/** Keeps address and page together. @returns ends it. */
export function followRoute({ store }: App): () => void {
  const state = () => store.getState();
  const shown = (): Route => {
    const { page, view } = state();
    const { input } = figureOf(state());
    return page === 'studio' && input ? { figure: input.project ?? 'open', view } : { figure: null, view };
  };
  const address = (route: Route) => `${location.pathname}${location.search}${hashOf(route)}`;
  /** While the address is obeyed, it is not written. */
  let obeying = false;

  function write(): void {
    if (obeying) return;
    const [now, then] = [shown(), routeOf(location.hash)];
    if (hashOf(now) === location.hash) return;
    // A figure that is kept a moment after it was opened is the same step.
    const sameStep = now.figure !== null && (now.figure === then.figure || then.figure === 'open');
    if (sameStep || (now.figure === null && then.figure === null))
      history.replaceState(null, '', address(now));
    else history.pushState(null, '', address(now));
  }

  async function obey(): Promise<void> {
    const { figure, view } = routeOf(location.hash);
    obeying = true;
    try {
      if (figure === null) state().goHome();
      else if (figure === 'open') state().goToFigure();
      else if (!(await state().openProject(figure, view))) {
        // Why it cannot be opened stays on the page.
        const { problem } = state();
        state().goHome();
        store.setState({ problem });
      }
    } finally {
      obeying = false;
      // Where the address could not be had, it says what is there.
      const now = shown();
      if (hashOf(now) !== location.hash) history.replaceState(null, '', address(now));
    }
  }

  const stop = store.subscribe(write);
  const onPop = () => void obey();
  window.addEventListener('popstate', onPop);
  if (location.hash) void obey();
  return () => {
    stop();
    window.removeEventListener('popstate', onPop);
  };
}
