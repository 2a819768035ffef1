/** The module for one thread, compiled once; built first where this is the repository. */
export function poissonModule(): Promise<WebAssembly.Module>;
/** The same for several threads: its memory is shared. */
export function sharedPoissonModule(): Promise<WebAssembly.Module>;
