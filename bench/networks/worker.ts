/** Runs one benchmark case in a worker, as the app does, and posts its rows. */
import { hashNoiseArray } from '../../src/base/deterministic.ts';
import { networkCost } from '../../src/networks/cost.ts';
import { REFERENCE_WIDTHS } from '../../src/networks/layout.ts';
import { type NetworkId, networkSize } from '../../src/networks/network-ids.ts';
import { buildOnnx, graphInputs, OUTPUT_NAME } from '../../src/networks/onnx/build.ts';
import { loadOrt } from '../../src/networks/ort-runtime.ts';
import { openPack, type Pack, weightsOf } from '../../src/networks/packs/pack.ts';
import { packOf } from '../../src/networks/packs/pack-of.ts';
import { deterministicWeights } from '../../tests/deterministic-weights.ts';
import type { BenchCase, BenchRow } from './cases.ts';

const memories: WebAssembly.Memory[] = [];
const NativeMemory = WebAssembly.Memory;
WebAssembly.Memory = class extends NativeMemory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
};

const heapBytes = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);

async function measure(pack: Pack, id: NetworkId, wanted: BenchCase): Promise<BenchRow> {
  const size = id === 'fineDepth' ? { height: wanted.tilePx, width: wanted.tilePx } : networkSize(id);
  const ort = await loadOrt(wanted.build, wanted.threads);
  const feeds = Object.fromEntries(
    Object.entries(graphInputs(id, size)).map(([name, dims]) => {
      const data = hashNoiseArray(`bench/${id}/${name}`, dims[1] * dims[2] * dims[3]);
      return [name, new ort.Tensor('float32', data, dims)];
    }),
  );
  const created = performance.now();
  const session = await ort.InferenceSession.create(
    buildOnnx(await weightsOf(pack, id), id, size, wanted.precision),
    {
      executionProviders: ['wasm'],
      ...wanted.sessionOptions,
    },
  );
  const createMs = performance.now() - created;
  const times: number[] = [];
  for (let i = 0; i < wanted.repeats; i++) {
    const start = performance.now();
    const result = await session.run(feeds);
    if (!(result[OUTPUT_NAME].data.length > 0)) throw new Error('empty output');
    times.push(performance.now() - start);
  }
  await session.release();
  const sorted = [...times].sort((a, b) => a - b);
  return {
    label: wanted.label,
    id,
    gmac: networkCost(id, pack.manifest.widths[id], size).macs / 1e9,
    createMs,
    firstMs: times[0],
    medianMs: sorted[Math.floor(sorted.length / 2)],
    leastMs: sorted[0],
    heapBytes: heapBytes(),
  };
}

self.onmessage = async ({ data: wanted }: MessageEvent<BenchCase>) => {
  try {
    const pack =
      wanted.weights === 'starter'
        ? await openPack(new URL('/packs/starter/', location.href).href)
        : packOf(deterministicWeights(REFERENCE_WIDTHS));
    const rows: BenchRow[] = [];
    for (const id of wanted.ids) rows.push(await measure(pack, id, wanted));
    self.postMessage({ rows });
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) });
  }
};
