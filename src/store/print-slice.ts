/** The print that is being prepared: its options, and the solid to look at. Made anew when something is chosen; saved as a file. */
import { StageError } from '../base/errors.ts';
import { DEFAULT_PRINT_OPTIONS } from '../export/print/print-options.ts';
import type { SliceContext } from './context.ts';
import type { PrintSlice } from './file-state.ts';
import { TRIANGLES_OF_SIZE } from './mesh-size.ts';
import type { MeshSizer } from './mesh-size-slice.ts';

export function printSlice({ client, resources, set, get }: SliceContext, sizer: MeshSizer): PrintSlice {
  let serial = 0;

  const drop = () => {
    const { printing } = get();
    if (printing.kind === 'ready') resources.release(printing.mesh);
  };

  const stop = () => {
    serial++;
    if (get().printing.kind !== 'making') return;
    client()
      .cancelExport()
      .catch(() => {});
  };

  const make = async () => {
    stop();
    drop();
    const mine = serial;
    set({ printing: { kind: 'making' } });
    try {
      if (!(await sizer.settled()) || mine !== serial) return;
      const { mesh, facts } = await client().printPreview(
        TRIANGLES_OF_SIZE[get().meshSize],
        get().printOptions,
      );
      if (mine !== serial) return;
      set({ printing: { kind: 'ready', mesh: resources.put('mesh', mesh), facts } });
    } catch (thrown) {
      if (mine !== serial) return;
      set({ printing: { kind: 'failed', error: StageError.from('export', thrown).toData() } });
    }
  };

  return {
    printOpen: false,
    printOptions: DEFAULT_PRINT_OPTIONS,
    printing: { kind: 'none' },

    setPrintOpen(open) {
      if (open === get().printOpen) return;
      set({ printOpen: open });
      if (open) {
        void get()
          .stopPreparing()
          .then(() => (get().printOpen ? make() : undefined));
        return;
      }
      stop();
      drop();
      set({ printing: { kind: 'none' } });
    },

    async setPrintOptions(options) {
      set({ printOptions: { ...get().printOptions, ...options } });
      if (get().printOpen) await make();
    },

    async savePrint(format) {
      get().setFileOptions({ print: get().printOptions });
      try {
        await get().save(format);
      } finally {
        // STL and 3MF of the menu are the figure itself, life-size.
        get().setFileOptions({ print: null });
      }
    },
  };
}
