/**
 * The same module for a shared memory. A module says in its memory import whether the memory is shared: one bit of one
 * byte (WebAssembly core specification, "limits": 1 has a maximum, 3 has a maximum and is shared). Nothing else in the
 * file depends on it, so there is one build, and this sets the bit before it is compiled for threads.
 *
 * @param bytes poisson.wasm; left alone.
 * @returns the changed copy.
 * @throws Error when the import is not there.
 */
export function withSharedMemory(bytes) {
  // "env", "memory", kind memory, limits with a maximum.
  const name = [3, ...lettersOf('env'), 6, ...lettersOf('memory'), 2, 1];
  for (let at = 8; at + name.length <= bytes.length; at++) {
    if (!name.every((byte, k) => bytes[at + k] === byte)) continue;
    const shared = Uint8Array.from(bytes);
    shared[at + name.length - 1] = 3;
    return shared;
  }
  throw new Error('the surface module does not import a memory');
}

function lettersOf(text) {
  return [...text].map((letter) => letter.charCodeAt(0));
}
