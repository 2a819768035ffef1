/** Files of the finished figure, one at a time; those whose size is shown are made while the menu is open, and kept. */
import { StageError } from '../base/errors.ts';
import type { ExportEvent } from '../digitizer/types.ts';
import {
  DEFAULT_FILE_OPTIONS,
  EXPORTS,
  type ExportFormat,
  isOfMesh,
  isPrintable,
  needsRun,
} from '../export/formats.ts';
import type { SliceContext } from './context.ts';
import { figureOf, withFigure } from './figure.ts';
import type { SaveSlice } from './file-state.ts';
import { TRIANGLES_OF_SIZE } from './mesh-size.ts';
import type { MeshSizer } from './mesh-size-slice.ts';
import type { AppState } from './state.ts';

type KeyedState = Pick<AppState, 'figures' | 'subject' | 'meshSize' | 'fileOptions'>;

/** Names a file of the figure on screen: another figure, size or choice has another name. */
export function fileKey(state: KeyedState, format: ExportFormat): string {
  const figure = figureOf(state);
  const size = isOfMesh(format) ? state.meshSize : 'full';
  const { up, transparent, print } = state.fileOptions;
  const printed = print && isPrintable(format) ? JSON.stringify(print) : '';
  const height = figure.input?.heightCm ?? '';
  return [figure.mesh, size, format, format === 'png' ? transparent : up, printed, height].join(' ');
}

export function saveSlice({ deps, client, set, get }: SliceContext, sizer: MeshSizer): SaveSlice {
  /** Blobs lie in the browser's storage, not in the script's memory. Only of the figure on screen. */
  const made = new Map<string, Blob>();
  let madeOf: unknown = null;
  let preparing: symbol | null = null;

  const make = async (format: ExportFormat, onEvent: (event: ExportEvent) => void): Promise<Blob> => {
    const state = get();
    const { mesh } = figureOf(state);
    if (madeOf !== mesh) {
      made.clear();
      set({ fileSizes: {} });
      madeOf = mesh;
    }
    const key = fileKey(state, format);
    const kept = made.get(key);
    if (kept) return kept;
    const triangles = isOfMesh(format) ? TRIANGLES_OF_SIZE[state.meshSize] : null;
    const heightCm = figureOf(state).input?.heightCm;
    const options = { ...state.fileOptions, ...(heightCm && { heightMeters: heightCm / 100 }) };
    const file = await client().exportFile(format, triangles, options, onEvent);
    // The figure may have changed meanwhile: then nobody will ask for this one again.
    if (madeOf === figureOf(get()).mesh && mesh === madeOf) {
      made.set(key, file);
      set({ fileSizes: { ...get().fileSizes, [key]: file.size } });
    }
    return file;
  };

  const stopPreparing = async () => {
    if (!preparing) return;
    preparing = null;
    await client().cancelExport();
  };

  const tell = (format: ExportFormat, event: ExportEvent) => {
    if (event.kind === 'progress') {
      const { fraction, note } = event;
      if (get().saving?.format === format) set({ saving: { format, fraction, note } });
      return;
    }
    const { text } = event;
    set(withFigure(({ notices }) => ({ notices: [...notices, { stage: 'surface', text }] })));
  };

  /** Makes a file for the person, and gives it to `take` with its name. */
  const hand = async (format: ExportFormat, take: (file: Blob, name: string) => Promise<void>) => {
    if (get().saving) return;
    const state = get();
    const { input } = figureOf(state);
    set({ saving: { format, fraction: 0 } });
    try {
      if (needsRun(format)) await get().wake();
      // A mesh that was chosen and is not there yet is waited for; one that will not come is not replaced by another.
      const settled = isOfMesh(format) ? sizer.settled() : true;
      await stopPreparing();
      if (!(await settled)) return;
      const file = await make(format, (event) => tell(format, event));
      const printed = state.fileOptions.print && isPrintable(format) ? '-print' : '';
      const person = input?.person ? `-${input.person.replace(' ', '-')}` : '';
      await take(file, `${input?.name ?? 'statuette'}${person}${printed}${EXPORTS[format].ending}`);
    } catch (thrown) {
      if (!isCancelled(thrown)) get().showProblem(thrown, 'export');
    } finally {
      set({ saving: null });
    }
  };

  return {
    saving: null,
    fileOptions: DEFAULT_FILE_OPTIONS,
    fileSizes: {},

    setFileOptions: (options) => set({ fileOptions: { ...get().fileOptions, ...options } }),

    save: (format) => hand(format, async (file, name) => deps.saveFile(file, name)),

    canShare: () => deps.sharing?.canShare(EXPORTS.png.mime) ?? false,

    share: (format) =>
      hand(format, async (file, name) => {
        if ((await deps.sharing?.share(file, name)) !== 'again') return;
        throw new StageError('export', 'E_NOT_READY', 'The file is ready to be shared.', {
          fix: 'Choose Share once more: browsers open the share sheet right after a click only.',
        });
      }),

    async cancelSave() {
      if (get().saving) await client().cancelExport();
    },

    async prepareFiles(formats) {
      if (get().saving) return;
      const own = Symbol('preparing');
      preparing = own;
      try {
        for (const format of formats) {
          if (isOfMesh(format) && !(await sizer.settled())) return;
          if (preparing !== own || get().saving) return;
          // A file that cannot be made says so when it is asked for.
          await make(format, (event) => tell(format, event)).catch(() => {});
        }
      } finally {
        if (preparing === own) preparing = null;
      }
    },

    stopPreparing,
  };
}

function isCancelled(thrown: unknown): boolean {
  return thrown instanceof StageError && thrown.code === 'E_CANCELLED';
}
