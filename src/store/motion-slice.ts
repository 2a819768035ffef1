/** The figure in motion: its rigged file is made when a motion is first asked for, and shown as it would be saved. */
import { StageError } from '../base/errors.ts';
import type { SliceContext } from './context.ts';
import { figureOf } from './figure.ts';
import { TRIANGLES_OF_SIZE } from './mesh-size.ts';
import type { MeshSizer } from './mesh-size-slice.ts';
import type { MotionSlice } from './model-state.ts';
import { fileKey } from './save-slice.ts';

export function motionSlice({ client, resources, set, get }: SliceContext, sizer: MeshSizer): MotionSlice {
  let serial = 0;

  const drop = () => {
    const { motion } = get();
    if (motion.kind === 'ready') resources.release(motion.file);
    if (motion.kind === 'making') {
      client()
        .cancelExport()
        .catch(() => {});
    }
    set({ motion: { kind: 'off' } });
  };

  return {
    motion: { kind: 'off' },

    async setMotion(name) {
      if (name !== null && figureOf(get()).restored) {
        const asked = ++serial;
        await get().wake();
        if (asked !== serial) return;
      }
      const { motion } = get();
      const of = fileKey(get(), 'rigged');
      if (name !== null && motion.kind !== 'off' && motion.of === of) {
        set({ motion: { ...motion, name } });
        return;
      }
      const mine = ++serial;
      drop();
      if (name === null) return;
      set({ motion: { kind: 'making', name, of } });
      try {
        if (!(await sizer.settled()) || mine !== serial) return;
        const file = await client().exportFile('rigged', TRIANGLES_OF_SIZE[get().meshSize]);
        const now = get().motion;
        // Another motion may have been chosen meanwhile, of the same figure.
        if (mine !== serial || now.kind !== 'making') return;
        set({ motion: { kind: 'ready', name: now.name, of, file: resources.put('file', file) } });
      } catch (thrown) {
        if (mine !== serial) return;
        set({ motion: { kind: 'off' } });
        if (StageError.from('export', thrown).code !== 'E_CANCELLED') get().showProblem(thrown, 'export');
      }
    },
  };
}
