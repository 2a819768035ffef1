/** poisson.wasm with a shared memory import, as a copy. @throws Error when it imports no memory. */
export function withSharedMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
