/**
 * Loads onnxruntime-web when the first network is opened, never with the page. Three builds of it, by need:
 *
 * | build    | bytes  | packed | for                                                                     |
 * |----------|--------|--------|-------------------------------------------------------------------------|
 * | wasm     | 14.2 M |  3.7 M | the processor; as fast there as the larger builds                       |
 * | jspi     | 16.8 M |  4.1 M | WebGPU where WebAssembly can suspend by itself (Chrome and Edge 137 on)  |
 * | asyncify | 26.8 M |  6.7 M | WebGPU elsewhere                                                        |
 *
 * Their .wasm and .mjs come from our own origin as hashed assets; both paths must be given, else threads hang in a
 * production build. The build packs each .wasm in place (cli/packed-wasm.ts); it reaches the runtime as a blob. Each build
 * keeps its own settings.
 */
import type { Env, InferenceSession, Tensor } from 'onnxruntime-web';
import { fetchUnpacked } from './fetch-unpacked.ts';
import { watchForHeap } from './runtime-heap.ts';

export interface OrtModule {
  readonly env: Env;
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

export type OrtBuild = 'wasm' | 'jspi' | 'asyncify';

const loaded = new Map<OrtBuild, Promise<OrtModule>>();

/** The smaller of the two WebGPU builds that this browser can run. */
export function webgpuBuild(): OrtBuild {
  return 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
}

/**
 * @param threads taken on the first call for each build; later calls cannot change it.
 */
export function loadOrt(build: OrtBuild, threads: number): Promise<OrtModule> {
  let module = loaded.get(build);
  if (!module) {
    module = load(build, threads);
    loaded.set(build, module);
    // A failed download may succeed when tried again.
    module.catch(() => loaded.delete(build));
  }
  return module;
}

async function load(build: OrtBuild, threads: number): Promise<OrtModule> {
  const [module, mjs, wasm] = await LOADERS[build]();
  const bytes = await fetchUnpacked(wasm.default, 'The network runtime');
  const blob = new Blob([bytes], { type: 'application/wasm' });
  module.env.wasm.wasmPaths = { mjs: mjs.default, wasm: URL.createObjectURL(blob) };
  module.env.wasm.numThreads = threads;
  module.env.logLevel = 'error';
  watchForHeap();
  return module;
}

type Loader = () => Promise<[OrtModule, { readonly default: string }, { readonly default: string }]>;

const LOADERS: Readonly<Record<OrtBuild, Loader>> = {
  wasm: () =>
    Promise.all([
      import('onnxruntime-web/wasm'),
      import('onnxruntime-web/ort-wasm-simd-threaded.mjs?url'),
      import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
    ]),
  jspi: () =>
    Promise.all([
      import('onnxruntime-web/jspi'),
      import('onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url'),
      import('onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url'),
    ]),
  asyncify: () =>
    Promise.all([
      import('onnxruntime-web/webgpu'),
      import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url'),
      import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'),
    ]),
};
