/** One point of the figure, explained: asked for on any picture or on the figure itself, shown on all of them. */
import type { SliceContext } from './context.ts';
import type { ExplainSlice, Look } from './view-state.ts';

/** Share of its height that a look reaches from its middle and still shows the point well. */
const IN_SIGHT = 0.4;

/** The same look where the point is in sight; else around the point. */
function lookAt(look: Look | null, x: number, y: number): Look | null {
  if (!look) return null;
  const reach = IN_SIGHT * look.height;
  return Math.abs(look.x - x) > reach || Math.abs(look.y - y) > reach ? { ...look, x, y } : look;
}

export function explainSlice({ client, set, get }: SliceContext): ExplainSlice {
  let serial = 0;
  return {
    explained: null,

    async explain(at, vertex = null, point = null) {
      const mine = ++serial;
      if (!at) {
        set({ explained: null });
        return;
      }
      const [x, y] = [at.column + 0.5, at.row + 0.5];
      set(({ look }) => ({
        explained: { at, report: null, vertex, point, asked: true },
        pointer: { x, y },
        look: lookAt(look, x, y),
      }));
      try {
        const report = await client().explain(at.row, at.column);
        if (mine !== serial) return;
        set({ explained: { at, report, vertex, point, asked: false } });
        const part = report?.parts[0]?.part;
        if (part) set({ part });
      } catch (thrown) {
        if (mine === serial) set({ explained: null });
        get().showProblem(thrown, 'run');
      }
    },
  };
}
