/** The app's store and registry for the components, and hooks that read them. */
import { createContext, type ReactNode, use, useEffect } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { PlanarMap, RgbaImage } from '../base/images.ts';
import type { PictureRequest } from '../digitizer/types.ts';
import type { App } from '../store/app-store.ts';
import { figureOf, type ShownState, shownState } from '../store/figure.ts';
import { isThere, pictureKey, stageOfPicture } from '../store/picture-slice.ts';
import type { ResourceId, ResourceKind } from '../store/resources.ts';
import type { AppState } from '../store/state.ts';
import type { PictureForm } from '../store/view-state.ts';

const AppContext = createContext<App | null>(null);

export function AppProvider({ app, children }: { app: App; children: ReactNode }) {
  return <AppContext value={app}>{children}</AppContext>;
}

function useApp(): App {
  const app = use(AppContext);
  if (!app) throw new Error('no AppProvider above this component');
  return app;
}

/** A slice of the page's state and the shown figure's; re-renders only when what the selector returns changes (shallowly). */
export function useAppState<T>(selector: (state: ShownState) => T): T {
  return useStore(
    useApp().store,
    useShallow((state: AppState) => selector(shownState(state))),
  );
}

/** The actions; they never change, so nothing re-renders for them. */
export function useActions(): AppState {
  return useApp().store.getState();
}

/** The thing behind an id, still owned by the registry. */
export function useResource<K extends ResourceKind>(id: ResourceId<K> | null | undefined) {
  return useApp().resources.get(id);
}

export interface Picture<T> {
  readonly kind: 'waiting' | 'loading' | 'ready' | 'absent';
  readonly value: T | null;
}

/** A picture of a stage's result: asks for it once it can be had and this component shows it, and again when there is more. */
function usePictureAs<T>(request: PictureRequest | null, as: PictureForm): Picture<T> {
  const app = useApp();
  const key = request ? pictureKey(request, as) : '';
  const stage = request ? stageOfPicture(request) : 'photo';
  const there = useStore(app.store, (s) => request !== null && isThere(request, figureOf(s).stages[stage]));
  const state = useStore(app.store, (s) => figureOf(s).pictures[key]);
  const wanted = !state || (state.kind === 'ready' && state.outdated);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the request
  useEffect(() => {
    if (request && there && wanted) void app.store.getState().requestPicture(request, as);
  }, [app, key, there, wanted, as]);
  if (!request || (!there && !state)) return { kind: 'waiting', value: null };
  if (!state || state.kind === 'loading') return { kind: 'loading', value: null };
  if (state.kind === 'absent') return { kind: 'absent', value: null };
  return { kind: 'ready', value: (app.resources.get(state.id) as T | undefined) ?? null };
}

export function usePicture(request: PictureRequest | null): Picture<ImageBitmap> {
  return usePictureAs<ImageBitmap>(request, 'bitmap');
}

export function usePixels(request: PictureRequest | null): Picture<RgbaImage> {
  return usePictureAs<RgbaImage>(request, 'pixels');
}

/** The float map behind a depth picture, both sides of it, once its stage is done. */
export function useFloatMap(request: PictureRequest | null): Picture<PlanarMap> {
  const done = useAppState(
    (s) => request !== null && s.stages[stageOfPicture(request)].state.kind === 'done',
  );
  return usePictureAs<PlanarMap>(done ? request : null, 'map');
}
