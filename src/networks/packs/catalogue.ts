/**
 * `packs/catalogue.json`: the manifests of the packs that are served beside the starter. The build gathers them from the
 * packs' own folders (cli/pack-catalogue.ts); the page reads the list when somebody looks at the packs, never at start.
 */
import { badPack, manifestFrom, type PackManifest } from './manifest.ts';

export const CATALOGUE_FILE = 'catalogue.json';
export const CATALOGUE_VERSION = 1;

/** A pack lies in the folder of its id, beside the catalogue. */
export interface PackCatalogue {
  readonly version: typeof CATALOGUE_VERSION;
  readonly packs: readonly PackManifest[];
}

/** @throws StageError E_BAD_PACK when the text is no catalogue of this version, or one of its manifests is none. */
export function parseCatalogue(text: string): readonly PackManifest[] {
  let json: { version?: unknown; packs?: unknown } | null;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badPack(`${CATALOGUE_FILE} is not valid JSON`, cause);
  }
  if (json?.version !== CATALOGUE_VERSION || !Array.isArray(json.packs)) {
    throw badPack(`${CATALOGUE_FILE} is not a list of packs that this app reads`);
  }
  return json.packs.map(manifestFrom);
}
