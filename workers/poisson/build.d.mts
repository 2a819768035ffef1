/** Builds poisson.wasm when its sources changed; returns its path. */
export function buildPoisson(): Promise<string>;
