/**
 * How many triangles the shown and saved mesh has. A smaller mesh is made beside the page, once for each size of a
 * figure; until it is there, and when it fails or is cancelled, the mesh before stays on screen. The whole mesh always
 * stays. A new figure is made in the chosen size again.
 */
import { StageError } from '../base/errors.ts';
import type { SliceContext } from './context.ts';
import { figureOf, withFigure } from './figure.ts';
import type { MeshSizeSlice } from './file-state.ts';
import { isAlreadyThatSmall, type MeshSize, TRIANGLES_OF_SIZE } from './mesh-size.ts';

export interface MeshSizer {
  /** A run begins: what is being made would be of the figure before. */
  stop(): void;
  /** A run has put its mesh on screen, without smaller ones: the chosen size is made of it. */
  renew(): void;
  /** Resolves once nothing is being made; false when the size the person asked for did not come. */
  settled(): Promise<boolean>;
}

export function meshSizeSlice(context: SliceContext): { slice: MeshSizeSlice; sizer: MeshSizer } {
  const { deps, resources, client, set, get } = context;
  let serial = 0;
  let making: Promise<boolean> = Promise.resolve(true);

  /** True where `size` can be shown without making anything. */
  function isThere(size: MeshSize): boolean {
    const { run, simplified } = figureOf(get());
    const whole = run.kind === 'done' && isAlreadyThatSmall(size, run.report.triangles);
    return size === 'full' || simplified[size] !== undefined || whole;
  }

  function stop(): void {
    serial++;
    if (!get().simplifying) return;
    set({ simplifying: null });
    // Its worker may be gone; then there is nothing left to stop.
    client()
      .cancelSimplify()
      .catch(() => {});
  }

  async function make(size: MeshSize, triangles: number): Promise<boolean> {
    const mine = ++serial;
    set({ simplifying: { size, startedAtMs: deps.nowMs() } });
    try {
      const { mesh, report } = await client().simplify(triangles);
      if (mine !== serial) return false;
      const entry = { mesh: resources.put('mesh', mesh), report };
      set(withFigure(({ simplified }) => ({ simplified: { ...simplified, [size]: entry } })));
      set({ meshSize: size, simplifying: null });
      return true;
    } catch (thrown) {
      if (mine !== serial) return false;
      set(({ meshSize }) => ({ simplifying: null, meshSize: isThere(meshSize) ? meshSize : 'full' }));
      if (StageError.from('surface', thrown).code !== 'E_CANCELLED') get().showProblem(thrown, 'surface');
      return false;
    }
  }

  function choose(size: MeshSize): Promise<boolean> {
    const triangles = TRIANGLES_OF_SIZE[size];
    if (triangles === null || isThere(size)) {
      stop();
      set({ meshSize: size });
      return Promise.resolve(true);
    }
    return make(size, triangles);
  }

  return {
    sizer: {
      stop,
      renew() {
        making = choose(get().meshSize);
      },
      async settled() {
        if (!get().simplifying) return true;
        // Another size may be chosen meanwhile: then that one counts.
        for (;;) {
          const awaited = making;
          const came = await awaited;
          if (awaited === making) return came;
        }
      },
    },
    slice: {
      meshSize: 'full',
      simplifying: null,

      async setMeshSize(size) {
        if (figureOf(get()).run.kind !== 'done' || get().simplifying?.size === size) return;
        making = choose(size);
        await making;
      },

      async cancelSimplify() {
        if (!get().simplifying) return;
        stop();
        set(({ meshSize }) => ({ meshSize: isThere(meshSize) ? meshSize : 'full' }));
      },
    },
  };
}
