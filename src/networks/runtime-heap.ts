/**
 * Size of onnxruntime's WebAssembly heaps. The runtime does not hand out its memory, but its glue code makes it with
 * `new WebAssembly.Memory(...)` when the first session opens: between loading the runtime and that moment the
 * constructor is replaced by one that remembers what it made. A heap never shrinks, so its size is the peak since the
 * page was opened, not since the run began.
 */

const heaps = new Set<WebAssembly.Memory>();

/** Remembers the next WebAssembly.Memory made in this thread, then puts the plain constructor back. */
export function watchForHeap(): void {
  const Plain = WebAssembly.Memory;
  class Watched extends Plain {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      heaps.add(this);
      if (WebAssembly.Memory === Watched) WebAssembly.Memory = Plain;
    }
  }
  WebAssembly.Memory = Watched;
}

/** Bytes of all runtime heaps in this thread; null when none was seen (no session yet, or the glue code changed). */
export function runtimeHeapBytes(): number | null {
  if (heaps.size === 0) return null;
  return [...heaps].reduce((sum, heap) => sum + heap.buffer.byteLength, 0);
}
