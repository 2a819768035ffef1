/** The packs of this page: the starter, those the server has beside it, those in the browser's storage, which is in use. */

import { StageError } from '../base/errors.ts';
import type { PackDetails, PackSource } from '../client/digitizer-api.ts';
import { CATALOGUE_FILE, parseCatalogue } from '../networks/packs/catalogue.ts';
import { detailsOf } from '../networks/packs/details.ts';
import { parseManifest } from '../networks/packs/manifest.ts';
import type { SliceContext } from './context.ts';
import { mattingOf } from './matting-slice.ts';
import type { PackId, PackSlice } from './session-state.ts';
import type { AppState } from './state.ts';
import { weightsOf } from './weights.ts';

export const STARTER_ID: PackId = 'starter';
/** A pack that is open and could not be kept. */
export const CURRENT_ID: PackId = 'current';
const PACKS_FOLDER = 'packs/';
const folderOf = (packId: string) => `${PACKS_FOLDER}${packId}/`;
const STARTER_FOLDER = folderOf(STARTER_ID);

/** Served packs that are not in this browser; none until it is known what is. */
export function offersOf({ servedPacks, storedPacks }: AppState): readonly PackDetails[] {
  if (!servedPacks || !storedPacks) return [];
  const kept = new Set(storedPacks.map(({ weightsSha256 }) => weightsSha256));
  return servedPacks.filter(({ weightsSha256 }) => !kept.has(weightsSha256));
}

export function packsSlice({ deps, client, set, get }: SliceContext): PackSlice {
  function packOf(id: PackId): PackDetails | null {
    if (id === STARTER_ID) return get().starterPack;
    if (id === CURRENT_ID) return get().unkeptPack;
    return get().storedPacks?.find(({ key }) => key === id) ?? null;
  }

  async function readStarter(): Promise<PackDetails | null> {
    const manifest = await deps.fetchOwn(`${STARTER_FOLDER}pack.json`);
    return detailsOf(parseManifest(await manifest.text()));
  }

  async function readCatalogue(): Promise<readonly PackDetails[]> {
    const catalogue = await deps.fetchOwn(`${PACKS_FOLDER}${CATALOGUE_FILE}`);
    return parseCatalogue(await catalogue.text()).map(detailsOf);
  }

  const backToStarter = () =>
    get().openWeights({ kind: 'url', url: STARTER_FOLDER }, get().starterPack?.name ?? 'the starter pack');

  return {
    starterPack: null,
    storedPacks: null,
    servedPacks: null,
    packDownload: null,
    unkeptPack: null,
    packInUse: STARTER_ID,
    packProgress: null,
    packNote: null,
    savingPack: null,
    packsOpen: false,

    setPacksOpen(open) {
      set({ packsOpen: open });
      if (open) void Promise.all([get().loadPacks(), get().loadMatting()]);
    },

    async loadPacks() {
      const starter = get().starterPack ?? (await readStarter().catch(() => null));
      // Without the list (a server that went away, one without it) nothing more is offered; asked again next time.
      const served = get().servedPacks ?? (await readCatalogue().catch(() => null));
      set({ starterPack: starter, servedPacks: served });
      try {
        set({ storedPacks: await client().packs() });
      } catch (thrown) {
        set({ storedPacks: [], packNote: StageError.from('pack', thrown).message });
      }
    },

    async addPack(files) {
      if (files.length === 0) return;
      const matting = mattingOf(files);
      if (matting) {
        await get().openMatting(matting);
        return;
      }
      const { source, name } = weightsOf(files) ?? asWeights(files);
      await get().openWeights(source, name);
    },

    async usePack(id) {
      if (id === get().packInUse) return;
      if (id === STARTER_ID) {
        await backToStarter();
        return;
      }
      await get().openWeights({ kind: 'stored', key: id }, packOf(id)?.name ?? 'the pack');
    },

    async downloadPack(packId) {
      const under = get().packDownload?.kind;
      if (under === 'running' || under === 'cancelling') return null;
      set({ packDownload: { kind: 'running', packId, fraction: 0 } });
      try {
        const { key } = await client().downloadPack(folderOf(packId), (fraction) => {
          const { packDownload } = get();
          if (packDownload?.kind === 'running') set({ packDownload: { ...packDownload, fraction } });
        });
        await get().loadPacks();
        set({ packDownload: null });
        return key;
      } catch (thrown) {
        const error = StageError.from('pack', thrown).toData();
        const cancelled = error.code === 'E_CANCELLED';
        set({ packDownload: cancelled ? null : { kind: 'failed', packId, error } });
        // The card shows it; where the dialog was closed meanwhile, the page does.
        if (!cancelled && !get().packsOpen) get().showProblem(thrown, 'pack');
        return null;
      }
    },

    async cancelDownload() {
      const { packDownload } = get();
      if (packDownload?.kind !== 'running') return;
      set({ packDownload: { ...packDownload, kind: 'cancelling' } });
      await client().cancelDownload();
    },

    async renamePack(id, name) {
      try {
        await client().renamePack(id, name);
        const { session, packInUse } = get();
        if (session.kind === 'ready' && packInUse === id) {
          deps.preferences.setPack({ key: id, name: name.trim() });
          set({ session: { ...session, pack: { ...session.pack, name: name.trim() } } });
        }
        await get().loadPacks();
      } catch (thrown) {
        get().showProblem(thrown, 'pack');
      }
    },

    async removePack(id) {
      try {
        if (id === get().packInUse && !(await backToStarter())) return;
        await client().removePack(id);
        await get().loadPacks();
      } catch (thrown) {
        get().showProblem(thrown, 'pack');
      }
    },

    async savePack(id, format) {
      if (get().savingPack) return;
      set({ savingPack: { id, format } });
      try {
        const blob = await client().packFile(id, format);
        deps.saveFile(blob, `${fileName(packOf(id)?.name ?? id)}${format === 'onnx' ? '-onnx' : ''}.zip`);
      } catch (thrown) {
        get().showProblem(thrown, 'pack');
      } finally {
        set({ savingPack: null });
      }
    },
  };
}

/** Chosen as weights under a name of unknown type: one file is read as a checkpoint, which says what it is not. */
function asWeights(files: readonly File[]): { source: PackSource; name: string } {
  const [first] = files;
  if (files.length === 1) return { source: { kind: 'checkpoint', file: first }, name: first.name };
  return { source: { kind: 'files', files }, name: first.name };
}

/** A name that every file system takes. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|-+$/g, '') || 'pack';
}
