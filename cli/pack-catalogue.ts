/**
 * The list of packs that are served beside the starter, gathered from the folders under `public/packs`: what lies there is
 * offered, nothing else is, and a folder that is not whole fails the build. A Vite plugin writes it into the build and
 * answers for it in the development server.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { CATALOGUE_FILE, CATALOGUE_VERSION, type PackCatalogue } from '../src/networks/packs/catalogue.ts';
import { MANIFEST_FILE, parseManifest, WEIGHTS_FILE, weightsEntry } from '../src/networks/packs/manifest.ts';

/** Loaded at start, so it is not on the list. */
const STARTER = 'starter';

/** Names of the folders that hold a pack, the starter's too. */
export function bundledPacks(packsFolder: string): string[] {
  return readdirSync(packsFolder)
    .filter((name) => existsSync(join(packsFolder, name, MANIFEST_FILE)))
    .sort();
}

/** @throws Error naming the folder whose name is not its pack's id, or whose weights are not all there. */
export function packCatalogue(packsFolder: string): PackCatalogue {
  const packs = bundledPacks(packsFolder)
    .filter((name) => name !== STARTER)
    .map((name) => {
      const folder = join(packsFolder, name);
      const manifest = parseManifest(readFileSync(join(folder, MANIFEST_FILE), 'utf8'));
      if (manifest.id !== name) throw new Error(`${folder}: ${MANIFEST_FILE} has the id "${manifest.id}"`);
      const { bytes } = weightsEntry(manifest);
      const there = statSync(join(folder, WEIGHTS_FILE), { throwIfNoEntry: false })?.size ?? 0;
      if (there !== bytes) {
        throw new Error(`${folder}: ${WEIGHTS_FILE} has ${there} bytes, ${MANIFEST_FILE} says ${bytes}`);
      }
      return manifest;
    });
  return { version: CATALOGUE_VERSION, packs };
}

/** Serves and builds `packs/catalogue.json`. */
export function packCataloguePlugin(packsFolder: string): Plugin {
  const text = () => JSON.stringify(packCatalogue(packsFolder));
  return {
    name: 'pack-catalogue',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: `packs/${CATALOGUE_FILE}`, source: text() });
    },
    configureServer({ middlewares }) {
      middlewares.use(`/packs/${CATALOGUE_FILE}`, (_, response) => {
        response.setHeader('Content-Type', 'application/json').end(text());
      });
    },
  };
}
