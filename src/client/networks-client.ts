/**
 * Networks on the processor through their worker. Inputs are copied on the way there, outputs are transferred. The worker
 * is kept from network to network, because compiling the runtime takes longer than opening one; not when somebody wants
 * the next network while a run goes on that nobody waits for any more: then a new worker is faster.
 */
import * as Comlink from 'comlink';
import { StageError } from '../base/errors.ts';
import type { MapShape, PlanarMap } from '../base/images.ts';
import { cpuMap, type DeviceMap } from '../gpu/device-map.ts';
import { buildOnnx } from '../networks/onnx/build.ts';
import { weightsOf } from '../networks/packs/pack.ts';
import type { PreparedGraph } from '../networks/prepared-graph.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';
import { type Network, type NetworkId, type NetworkSize, networkShapes } from '../networks/session.ts';
import { linkWorker, type WorkerLink } from './worker-link.ts';

export interface NetworksApi {
  /** @param model an ONNX file; transferred. @returns what to call the network by. */
  open(model: Uint8Array<ArrayBuffer>, id: NetworkId, size: NetworkSize, threads: number): Promise<number>;
  run(
    key: number,
    inputs: Readonly<Record<string, PlanarMap>>,
  ): Promise<{ map: PlanarMap; heapBytes: number | null }>;
  close(key: number): Promise<void>;
  /** @param bytes an ONNX file; transferred. @returns what to call the graph by. */
  openGraph(bytes: Uint8Array<ArrayBuffer>, what: string, threads: number): Promise<number>;
  runGraph(key: number, ...args: Parameters<PreparedGraph['run']>): ReturnType<PreparedGraph['run']>;
  closeGraph(key: number): Promise<void>;
}

const died = (message: string) =>
  new StageError(
    'networks',
    'E_DEVICE',
    `The network worker stopped: ${message || 'it could not be loaded'}.`,
    {
      fix: 'Reload the page. If it happens again, close other tabs to free memory.',
    },
  );
const abandoned = () =>
  new StageError('networks', 'E_CANCELLED', 'The run was cancelled.', {
    fix: 'Start it again when you like.',
  });

export function createNetworksClient(threads: number): NetworkRuntime {
  let link: WorkerLink<NetworksApi> | null = null;
  let heapBytes: number | null = null;
  let pending = 0;
  let unwanted = false;

  const end = () => {
    link?.end(abandoned());
    link = null;
  };
  async function asked<T>(question: (api: NetworksApi) => Promise<T>): Promise<T> {
    link ??= linkWorker<NetworksApi>(
      new Worker(new URL('../../workers/networks.worker.ts', import.meta.url), {
        type: 'module',
        name: 'networks',
      }),
      (message) => {
        link = null;
        return died(message);
      },
    );
    const { api } = link;
    pending++;
    try {
      return await question(api);
    } finally {
      pending--;
    }
  }

  return {
    worksOnCopies: true,
    async open(pack, id, size) {
      if (unwanted && pending > 0) end();
      unwanted = false;
      const model = buildOnnx(await weightsOf(pack, id), id, size, 'f32');
      const key = await asked((api) => api.open(Comlink.transfer(model, [model.buffer]), id, size, threads));
      return new RemoteNetwork(
        id,
        size,
        async (inputs) => {
          const { map, heapBytes: heap } = await asked((api) => api.run(key, inputs));
          heapBytes = heap;
          return map;
        },
        () => asked((api) => api.close(key)),
      );
    },
    async openGraph(bytes, what) {
      if (unwanted && pending > 0) end();
      unwanted = false;
      const key = await asked((api) => api.openGraph(Comlink.transfer(bytes, [bytes.buffer]), what, threads));
      const opener = link;
      return {
        async run(values, dims) {
          if (link !== opener) throw abandoned();
          return asked((api) => api.runGraph(key, values, dims));
        },
        isLost: () => link !== opener,
        async dispose() {
          if (link === opener) await asked((api) => api.closeGraph(key));
        },
      };
    },
    heapBytes: () => heapBytes,
    abandon() {
      unwanted = true;
    },
    dispose: end,
  };
}

class RemoteNetwork implements Network {
  readonly id: NetworkId;
  readonly inputShapes: Readonly<Record<string, MapShape>>;
  readonly outputShape: MapShape;
  readonly #ask: (inputs: Readonly<Record<string, PlanarMap>>) => Promise<PlanarMap>;
  readonly #close: () => Promise<void>;
  #closed = false;

  constructor(
    id: NetworkId,
    size: NetworkSize,
    ask: (inputs: Readonly<Record<string, PlanarMap>>) => Promise<PlanarMap>,
    close: () => Promise<void>,
  ) {
    this.id = id;
    const { inputs, output } = networkShapes(id, size);
    this.inputShapes = inputs;
    this.outputShape = output;
    this.#ask = ask;
    this.#close = close;
  }

  async run(inputs: Readonly<Record<string, DeviceMap>>): Promise<DeviceMap> {
    const plain: Record<string, PlanarMap> = {};
    for (const [name, map] of Object.entries(inputs)) {
      if (map.kind !== 'cpu') throw new Error(`"${name}" of network ${this.id} is on the GPU`);
      plain[name] = { shape: map.shape, data: map.data };
    }
    return cpuMap(await this.#ask(plain));
  }

  async dispose(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#close();
  }
}
