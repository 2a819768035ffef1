/** One point of the figure, explained: asked for on any picture or on the figure itself, shown on all of them. */
import { CROP_SIZES, KIND_OF_PART } from '../geometry/body.ts';
import { cropFromCorners } from '../geometry/crop.ts';
import type { SliceContext } from './context.ts';
import { figureOf } from './figure.ts';
import type { ExplainSlice } from './state.ts';

export function explainSlice({ client, set, get }: SliceContext): ExplainSlice {
  let serial = 0;
  return {
    explained: null,

    async explain(at, vertex = null) {
      const mine = ++serial;
      if (!at) {
        set({ explained: null });
        return;
      }
      set({ explained: { at, report: null, vertex, asked: true } });
      try {
        const report = await client().explain(at.row, at.column);
        if (mine !== serial) return;
        set({ explained: { at, report, vertex, asked: false } });
        const part = report?.parts[0]?.part;
        const box = figureOf(get()).partReports.find((other) => other.part === part);
        if (!part || !box) return;
        const [x, y] = cropFromCorners(
          box.corners,
          CROP_SIZES[KIND_OF_PART[part]],
          at.column + 0.5,
          at.row + 0.5,
        );
        set({ part, cropPoint: { x, y } });
      } catch (thrown) {
        if (mine === serial) set({ explained: null });
        get().showProblem(thrown, 'run');
      }
    },
  };
}
