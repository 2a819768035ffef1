/** The visitor's own matting network: which one cuts people out here, taken from a drop or a choice, and removed. */
import { StageError } from '../base/errors.ts';
import type { SliceContext } from './context.ts';
import { figureOf } from './figure.ts';
import type { MattingSlice } from './session-state.ts';

/** One ONNX file by itself is a matting network; the page takes no other. */
export function mattingOf(files: readonly File[]): File | null {
  return files.length === 1 && /\.onnx$/i.test(files[0].name) ? files[0] : null;
}

export function mattingSlice({ client, set, get }: SliceContext): MattingSlice {
  return {
    matting: null,
    mattingNote: null,

    async loadMatting() {
      const matting = await client()
        .matting()
        .catch(() => null);
      set({ matting });
    },

    async openMatting(file) {
      if (!(await get().startSession())) return;
      set({ openingWeights: file.name, problem: null });
      try {
        if (file.size === 0) {
          throw new StageError('matte', 'E_EMPTY_FILE', `“${file.name}” is empty.`, {
            fix: 'Choose the file again from where it was saved, or another one.',
          });
        }
        const { summary, kept } = await client().importMatting(file, get().options);
        set({
          matting: summary,
          mattingNote: kept ? null : 'This browser does not keep it: it serves until the page is closed.',
        });
      } catch (thrown) {
        get().showProblem(thrown, 'matte');
        return;
      } finally {
        set({ openingWeights: null });
      }
      if (figureOf(get()).input) void get().rerun();
    },

    async removeMatting() {
      try {
        await client().removeMatting();
        set({ matting: null, mattingNote: null });
        if (figureOf(get()).input) void get().rerun();
      } catch (thrown) {
        get().showProblem(thrown, 'matte');
      }
    },
  };
}
