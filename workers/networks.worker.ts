/**
 * Networks on the processor, in a thread of their own: a run blocks the thread it is in, half a second and more, and the
 * digitizer's must hear Cancel meanwhile. Contract: networks-client.ts.
 */
import * as Comlink from 'comlink';
import type { NetworksApi } from '../src/client/networks-client.ts';
import { registerStageErrorTransfer } from '../src/client/stage-error-transfer.ts';
import { cpuMap } from '../src/gpu/device-map.ts';
import { runtimeHeapBytes } from '../src/networks/runtime-heap.ts';
import { type Network, openModel } from '../src/networks/session.ts';

registerStageErrorTransfer();

const open = new Map<number, Network>();
let serial = 0;

const api: NetworksApi = {
  async open(model, id, size, threads) {
    const key = ++serial;
    open.set(key, await openModel(model, id, size, { backend: 'wasm', threads }));
    return key;
  },

  async run(key, inputs) {
    const network = open.get(key);
    if (!network) throw new Error('the network was closed');
    const maps = Object.entries(inputs).map(([name, map]) => [name, cpuMap(map)]);
    const output = await network.run(Object.fromEntries(maps));
    if (output.kind !== 'cpu') throw new Error('the output is not in ordinary memory');
    const answer = { shape: output.shape, data: output.data };
    return Comlink.transfer({ map: answer, heapBytes: runtimeHeapBytes() }, [output.data.buffer]);
  },

  async close(key) {
    const network = open.get(key);
    open.delete(key);
    await network?.dispose();
  },
};

Comlink.expose(api);
