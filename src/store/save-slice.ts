/** Files of the finished figure, one at a time. */
import { StageError } from '../base/errors.ts';
import type { ExportEvent } from '../digitizer/types.ts';
import { EXPORTS, isOfMesh, isTextured } from '../export/formats.ts';
import type { SliceContext } from './context.ts';
import { figureOf, withFigure } from './figure.ts';
import { TRIANGLES_OF_SIZE } from './mesh-size.ts';
import type { MeshSizer } from './mesh-size-slice.ts';
import type { SaveSlice } from './state.ts';

export function saveSlice({ deps, client, set, get }: SliceContext, sizer: MeshSizer): SaveSlice {
  const take = (event: ExportEvent) => {
    if (event.kind === 'progress') {
      if (get().saving) set({ texture: { fraction: event.fraction, note: event.note } });
      return;
    }
    const { text } = event;
    set(withFigure(({ notices }) => ({ notices: [...notices, { stage: 'surface', text }] })));
  };

  return {
    saving: null,
    texture: null,

    async save(format) {
      if (get().saving) return;
      const { input } = figureOf(get());
      set({ saving: format });
      try {
        // A mesh that was chosen and is not there yet is waited for; one that will not come is not replaced by another.
        const ofMesh = isOfMesh(format);
        if (ofMesh && !(await sizer.settled())) return;
        const triangles = ofMesh ? TRIANGLES_OF_SIZE[get().meshSize] : null;
        const file = isTextured(format)
          ? await client().exportFile(format, triangles, take)
          : await client().exportFile(format, triangles);
        deps.saveFile(file, `${input?.name ?? 'statuette'}${EXPORTS[format].ending}`);
      } catch (thrown) {
        if (StageError.from('export', thrown).code !== 'E_CANCELLED') get().showProblem(thrown, 'export');
      } finally {
        set({ saving: null, texture: null });
      }
    },

    async cancelSave() {
      if (get().texture) await client().cancelExport();
    },
  };
}
