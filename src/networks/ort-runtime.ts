/**
 * Loads onnxruntime-web when the first network is opened, never with the page: the WASM build (14 MB) or the WebGPU
 * build (27 MB), each with its own settings. Their .wasm and .mjs come from our own origin as hashed assets.
 */
import type { Env, InferenceSession, Tensor } from 'onnxruntime-web';

export interface OrtModule {
  readonly env: Env;
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

export type OrtBuild = 'wasm' | 'webgpu';

const loaded = new Map<OrtBuild, Promise<OrtModule>>();

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
  const { module, mjs, wasm } = build === 'wasm' ? await loadWasmBuild() : await loadWebgpuBuild();
  module.env.wasm.wasmPaths = { mjs, wasm };
  module.env.wasm.numThreads = threads;
  module.env.logLevel = 'error';
  return module;
}

interface LoadedBuild {
  readonly module: OrtModule;
  readonly mjs: string;
  readonly wasm: string;
}

async function loadWasmBuild(): Promise<LoadedBuild> {
  const [module, mjs, wasm] = await Promise.all([
    import('onnxruntime-web/wasm'),
    import('onnxruntime-web/ort-wasm-simd-threaded.mjs?url'),
    import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
  ]);
  return { module, mjs: mjs.default, wasm: wasm.default };
}

async function loadWebgpuBuild(): Promise<LoadedBuild> {
  const [module, mjs, wasm] = await Promise.all([
    import('onnxruntime-web/webgpu'),
    import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url'),
    import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'),
  ]);
  return { module, mjs: mjs.default, wasm: wasm.default };
}
