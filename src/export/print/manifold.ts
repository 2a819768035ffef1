/** The boolean library (manifold-3d, WASM), loaded when a print is first made; solids are freed by hand. */
import type { ManifoldToplevel } from 'manifold-3d';
import wasmUrl from 'manifold-3d/manifold.wasm?url';

let loaded: Promise<ManifoldToplevel> | null = null;

export function loadManifold(): Promise<ManifoldToplevel> {
  loaded ??= import('manifold-3d').then(async ({ default: open }) => {
    // Outside a browser the module finds its file beside it.
    const inBrowser = typeof self !== 'undefined' && 'location' in self;
    const library = await (inBrowser ? open({ locateFile: () => wasmUrl } as never) : open());
    library.setup();
    return library;
  });
  loaded.catch(() => {
    loaded = null;
  });
  return loaded;
}
