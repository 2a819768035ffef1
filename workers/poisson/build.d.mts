/** Builds poisson.wasm when its sources changed; returns its path. */
export function buildPoisson(): Promise<string>;
/** The compiled module, built first when needed. */
export function poissonModule(): Promise<WebAssembly.Module>;
/** The same for several threads: its memory is shared. */
export function sharedPoissonModule(): Promise<WebAssembly.Module>;
