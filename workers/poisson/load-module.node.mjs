/** The compiled module in Node: from the file in the package, or built first where this is the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { withSharedMemory } from './share-memory.mjs';

async function wasmFile() {
  const packed = new URL('./poisson.wasm', import.meta.url);
  if (existsSync(packed)) return readFileSync(packed);
  const { buildPoisson } = await import('./build.mjs');
  return readFileSync(await buildPoisson());
}

let bytes;
const wasmBytes = () => {
  bytes ??= wasmFile();
  return bytes;
};

let compiled;

/** The module for one thread, compiled once. */
export function poissonModule() {
  compiled ??= wasmBytes().then((file) => WebAssembly.compile(file));
  return compiled;
}

let compiledShared;

/** The same for several threads: its memory is shared. */
export function sharedPoissonModule() {
  compiledShared ??= wasmBytes().then((file) => WebAssembly.compile(withSharedMemory(file)));
  return compiledShared;
}
