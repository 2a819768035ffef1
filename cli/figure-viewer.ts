/**
 * The viewer of saved pages as text, for the page's writer: src/export/html/viewer.ts with all it imports, bundled into one
 * script, as the module `virtual:figure-viewer`. Bundled when first asked for.
 */
import { join } from 'node:path';
import { build, type Plugin } from 'vite';

const ID = 'virtual:figure-viewer';
const ENTRY = join(import.meta.dirname, '../src/export/html/viewer.ts');

let script: Promise<string> | null = null;

async function bundled(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      lib: { entry: ENTRY, formats: ['iife'], name: 'figureViewer' },
    },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const [first] = Array.isArray(built) ? built : [built];
  if (!('output' in first)) throw new Error('the viewer was not bundled');
  return first.output[0].code;
}

export function figureViewerPlugin(): Plugin {
  return {
    name: 'figure-viewer',
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    async load(id) {
      if (id !== `\0${ID}`) return undefined;
      this.addWatchFile(ENTRY);
      script ??= bundled();
      return `export default ${JSON.stringify(await script)}`;
    },
  };
}
