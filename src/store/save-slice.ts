/** Files of the finished figure, one at a time. */
import { EXPORTS, isOfMesh } from '../export/formats.ts';
import type { SliceContext } from './context.ts';
import { figureOf } from './figure.ts';
import { TRIANGLES_OF_SIZE } from './mesh-size.ts';
import type { MeshSizer } from './mesh-size-slice.ts';
import type { SaveSlice } from './state.ts';

export function saveSlice({ deps, client, set, get }: SliceContext, sizer: MeshSizer): SaveSlice {
  return {
    saving: null,

    async save(format) {
      if (get().saving) return;
      const { input } = figureOf(get());
      set({ saving: format });
      try {
        // A mesh that was chosen and is not there yet is waited for; one that will not come is not replaced by another.
        const ofMesh = isOfMesh(format);
        if (ofMesh && !(await sizer.settled())) return;
        const triangles = ofMesh ? TRIANGLES_OF_SIZE[get().meshSize] : null;
        const file = await client().exportFile(format, triangles);
        const person = input?.person ? `-${input.person.replace(' ', '-')}` : '';
        deps.saveFile(file, `${input?.name ?? 'statuette'}${person}${EXPORTS[format].ending}`);
      } catch (thrown) {
        get().showProblem(thrown, 'export');
      } finally {
        set({ saving: null });
      }
    },
  };
}
