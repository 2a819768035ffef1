/** The pack's network for the far side: opened when a figure first needs it, on the processor, anew for each runtime. */
import { type BackPaint, PAINT_SIDE } from '../geometry/back-paint.ts';
import { fetchOptionalNetwork, type OptionalNetwork } from '../networks/matting/optional-network.ts';
import type { PreparedGraph } from '../networks/prepared-graph.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';

type Runtime = Pick<NetworkRuntime, 'openGraph'>;

interface Opened {
  readonly network: OptionalNetwork;
  readonly runtime: Runtime;
  readonly graph: Promise<PreparedGraph>;
}

const SHOWN = 'The network for the far side';

export class BackPainter {
  #network: OptionalNetwork | null = null;
  #opened: Opened | null = null;

  /** null: there is none. */
  setNetwork(network: OptionalNetwork | null): void {
    this.#network = network;
  }

  /** Names the network by its content; empty where there is none. */
  get key(): string {
    return this.#network?.sha256 ?? '';
  }

  /**
   * @param cells what a canvas shows (backCells); kept in the result.
   * @returns null where there is no network.
   * @throws StageError E_DOWNLOAD or E_BAD_PACK when its file does not come, E_DEVICE when it cannot run.
   */
  async paint(cells: Float32Array<ArrayBuffer>, runtime: Runtime): Promise<BackPaint | null> {
    if (!this.#network) return null;
    const opened = await this.#open(this.#network, runtime);
    try {
      const graph = await opened.graph;
      const results = await graph.run(cells.slice(), [1, 4, PAINT_SIDE, PAINT_SIDE]);
      return { cells, painted: Object.values(results)[0] };
    } catch (thrown) {
      // Its worker was ended, or its file did not come: opened anew the next time.
      if (this.#opened === opened) this.#opened = null;
      throw thrown;
    }
  }

  async #open(network: OptionalNetwork, runtime: Runtime): Promise<Opened> {
    const kept = this.#opened;
    if (kept?.network === network && kept.runtime === runtime) {
      const graph = await kept.graph.catch(() => null);
      if (graph && !graph.isLost()) return kept;
    }
    const graph = fetchOptionalNetwork(network, SHOWN, 'cloud').then((bytes) =>
      runtime.openGraph(bytes, SHOWN),
    );
    graph.catch(() => {});
    const opened = { network, runtime, graph };
    this.#opened = opened;
    return opened;
  }
}
