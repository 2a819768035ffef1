/**
 * Networks on the processor, in a thread of their own: a run blocks the thread it is in, half a second and more, and the
 * digitizer's must hear Cancel meanwhile. Contract: networks-client.ts.
 */
import * as Comlink from 'comlink';
import type { NetworksApi } from '../src/client/networks-client.ts';
import { registerStageErrorTransfer } from '../src/client/stage-error-transfer.ts';
import { cpuMap } from '../src/gpu/device-map.ts';
import { openPreparedGraph, type PreparedGraph } from '../src/networks/prepared-graph.ts';
import { runtimeHeapBytes } from '../src/networks/runtime-heap.ts';
import { type Network, openModel } from '../src/networks/session.ts';

registerStageErrorTransfer();

const open = new Map<number, Network>();
const graphs = new Map<number, PreparedGraph>();
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

  async openGraph(bytes, what, threads) {
    const key = ++serial;
    graphs.set(key, await openPreparedGraph(bytes, { backend: 'wasm', threads }, what));
    return key;
  },

  async runGraph(key, values, dims) {
    const graph = graphs.get(key);
    if (!graph) throw new Error('the graph was closed');
    const outputs = await graph.run(values, dims);
    return Comlink.transfer(
      outputs,
      Object.values(outputs).map((output) => output.buffer),
    );
  },

  async closeGraph(key) {
    const graph = graphs.get(key);
    graphs.delete(key);
    await graph?.dispose();
  },

  async close(key) {
    const network = open.get(key);
    open.delete(key);
    await network?.dispose();
  },
};

Comlink.expose(api);
