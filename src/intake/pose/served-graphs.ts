/**
 * The pose graphs from our own origin (`pose/NAME.graph`, made by cli/pose-graphs.ts), fetched together when the first
 * one is needed and opened one by one; sessions are kept, for the next photo.
 */
import { fetchUnpacked } from '../../networks/fetch-unpacked.ts';
import type { PreparedGraph } from '../../networks/prepared-graph.ts';
import type { NetworkRuntime } from '../../networks/runtime.ts';
import { GRAPH_SIDE, type PoseGraphId, type PoseGraphs } from './pose-graphs.ts';

/** Begins a sentence when something is wrong with it. */
const NAMES: Readonly<Record<PoseGraphId, string>> = {
  person: 'The person finder',
  body: 'The pose finder',
  hand: 'The hand finder',
  face: 'The face finder',
};

export interface ServedPoseGraphs extends PoseGraphs {
  /**
   * Fetches and opens every graph and runs each once, while nobody waits: the first photo then takes a second instead of
   * three. What fails is tried again, and told, when a photo needs it.
   */
  prepare(): Promise<void>;
  /** Frees every session; the next run opens them again. Twice is harmless. */
  dispose(): Promise<void>;
}

/**
 * @param folder absolute URL of the folder that holds them, ending with "/".
 * @param runtime the caller's; a graph whose run fails is opened anew the next time.
 */
export function createServedPoseGraphs(
  folder: string,
  runtime: Pick<NetworkRuntime, 'openGraph'>,
): ServedPoseGraphs {
  const files = new Map<PoseGraphId, Promise<Uint8Array<ArrayBuffer>>>();
  const opened = new Map<PoseGraphId, Promise<PreparedGraph>>();

  function fileOf(id: PoseGraphId): Promise<Uint8Array<ArrayBuffer>> {
    let file = files.get(id);
    if (!file) {
      file = fetchUnpacked(new URL(`${id}.graph`, folder).href, NAMES[id]);
      files.set(id, file);
      // A failed download may succeed when tried again.
      file.catch(() => files.delete(id));
    }
    return file;
  }

  function open(id: PoseGraphId): Promise<PreparedGraph> {
    let graph = opened.get(id);
    if (!graph) {
      for (const other of Object.keys(NAMES) as PoseGraphId[]) if (!opened.has(other)) void fileOf(other);
      graph = fileOf(id).then((bytes) => {
        // The runtime takes the bytes away with it: whoever opens the graph again, after a failure too, fetches them again.
        files.delete(id);
        return runtime.openGraph(bytes, NAMES[id]);
      });
      opened.set(id, graph);
      graph.catch(() => opened.delete(id));
    }
    return graph;
  }

  /** The worker of a kept graph may have been ended, with a network run that nobody waited for: that is no failure. */
  async function forgetLost(id: PoseGraphId): Promise<void> {
    const kept = opened.get(id);
    const graph = await kept?.catch(() => null);
    if (graph?.isLost() && opened.get(id) === kept) opened.delete(id);
  }

  async function run(id: PoseGraphId, crop: Float32Array<ArrayBuffer>) {
    const side = GRAPH_SIDE[id];
    await forgetLost(id);
    const graph = open(id);
    try {
      return await (await graph).run(crop, [1, 3, side, side]);
    } catch (thrown) {
      if (opened.get(id) === graph) opened.delete(id);
      throw thrown;
    }
  }

  return {
    run,
    async prepare() {
      for (const id of Object.keys(NAMES) as PoseGraphId[]) {
        const done = await run(id, new Float32Array(3 * GRAPH_SIDE[id] ** 2)).catch(() => null);
        if (!done) return;
      }
    },
    async dispose() {
      const graphs = [...opened.values()];
      opened.clear();
      files.clear();
      await Promise.all(graphs.map(async (graph) => (await graph.catch(() => null))?.dispose()));
    },
  };
}

/** The pose graphs on the runtime that is in use, so that no second one is loaded; anew where that is another one. */
export class PoseGraphShelf {
  /** As for createServedPoseGraphs; null until it is known. */
  folder: string | null = null;
  #served: { readonly runtime: Pick<NetworkRuntime, 'openGraph'>; readonly graphs: ServedPoseGraphs } | null =
    null;

  on(runtime: Pick<NetworkRuntime, 'openGraph'>): ServedPoseGraphs {
    if (this.folder === null) throw new Error('the worker has not been started');
    if (this.#served?.runtime !== runtime) {
      this.#served = { runtime, graphs: createServedPoseGraphs(this.folder, runtime) };
    }
    return this.#served.graphs;
  }
}
