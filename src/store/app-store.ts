/** The one store of the page: slices over one context. The client (and its worker) is made on first use. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DigitizerClient } from '../client/digitizer-client.ts';
import type { AppDependencies, SliceContext } from './context.ts';
import { editSlice, watchers } from './edits-slice.ts';
import { explainSlice } from './explain-slice.ts';
import { inputSlice } from './input-slice.ts';
import { type Library, librarySlice } from './library-slice.ts';
import { mattingSlice } from './matting-slice.ts';
import { meshSizeSlice } from './mesh-size-slice.ts';
import { modelSlice } from './model-slice.ts';
import { motionSlice } from './motion-slice.ts';
import { packsSlice } from './packs-slice.ts';
import { pictureSlice } from './picture-slice.ts';
import { printSlice } from './print-slice.ts';
import { queueSlice } from './queue-slice.ts';
import { ResourceRegistry } from './resources.ts';
import { runLifetime } from './run-lifetime.ts';
import { runSlice } from './run-slice.ts';
import { saveSlice } from './save-slice.ts';
import { sessionSlice } from './session-slice.ts';
import type { AppState } from './state.ts';
import { viewSlice } from './view-slice.ts';

export interface App {
  readonly store: StoreApi<AppState>;
  /** Resolves the ids in the state. Things in it belong to the store: look, draw, do not free. */
  readonly resources: ResourceRegistry;
  dispose(): void;
}

export function createApp(deps: AppDependencies): App {
  const resources = new ResourceRegistry();
  let client: DigitizerClient | null = null;
  const opening: SliceContext['opening'] = { current: null };
  let library: Library | null = null;
  const store = createStore<AppState>()((set, get) => {
    const context: SliceContext = {
      deps,
      resources,
      client: () => {
        client ??= deps.createClient();
        return client;
      },
      dropClient: () => {
        client?.dispose();
        client = null;
        opening.current = null;
        // A download ends with its worker.
        set({ packDownload: null });
      },
      opening,
      set,
      get,
    };
    const sizes = meshSizeSlice(context);
    const kept = librarySlice(context);
    library = kept;
    const edits = editSlice(context);
    const starter = runLifetime(context, sizes.sizer, watchers(edits.watcher, kept.watcher));
    kept.useStarter(starter);
    edits.useStarter(starter);
    return {
      ...kept.slice,
      ...edits.slice,
      ...explainSlice(context),
      ...queueSlice(context, starter),
      ...sessionSlice(context),
      ...packsSlice(context),
      ...mattingSlice(context),
      ...inputSlice(context, starter),
      ...runSlice(context, starter),
      ...saveSlice(context, sizes.sizer),
      ...printSlice(context, sizes.sizer),
      ...motionSlice(context, sizes.sizer),
      ...sizes.slice,
      ...pictureSlice(context),
      ...viewSlice(context),
      ...modelSlice(context, kept.keepHeight),
    };
  });
  return {
    store,
    resources,
    dispose() {
      library?.dispose();
      client?.dispose();
      client = null;
      resources.releaseAll();
    },
  };
}
