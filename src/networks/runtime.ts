/** Where networks run: this thread (WebGPU, tests), or a worker of their own (the processor, whose runs block a thread). */
import type { Precision } from './onnx/graph-writer.ts';
import type { Pack } from './packs/pack.ts';
import { openPreparedGraph, type PreparedGraph } from './prepared-graph.ts';
import { runtimeHeapBytes } from './runtime-heap.ts';
import {
  createNetwork,
  type Network,
  type NetworkDevice,
  type NetworkId,
  type NetworkSize,
} from './session.ts';

export interface NetworkRuntime {
  /** Runs work on copies of their inputs: who waits for one may leave it to itself. */
  readonly worksOnCopies: boolean;
  /** @throws StageError E_DEVICE when the runtime cannot be loaded or takes the graph amiss. */
  open(pack: Pack, id: NetworkId, size: NetworkSize, precision: Precision): Promise<Network>;
  /**
   * A graph that is an ONNX file already, on the processor. When the runtime was abandoned or disposed of since, it is lost
   * (`isLost`) and its runs reject; it has to be opened anew then.
   *
   * @param bytes transferred where the runtime is another thread's. @param what named in errors, as in "The hand finder".
   */
  openGraph(bytes: Uint8Array<ArrayBuffer>, what: string): Promise<PreparedGraph>;
  /** Size of the runtime's WebAssembly heap; null where none was seen. */
  heapBytes(): number | null;
  /** Nobody waits any more for what runs now. */
  abandon(): void;
  /** Twice is harmless. */
  dispose(): void;
}

/** Networks in the thread that calls. */
export function localRuntime(device: NetworkDevice): NetworkRuntime {
  return {
    worksOnCopies: false,
    open: (pack, id, size, precision) => createNetwork(pack, id, size, device, precision),
    openGraph: (bytes, what) => openPreparedGraph(bytes, device, what),
    heapBytes: runtimeHeapBytes,
    abandon: () => {},
    dispose: () => {},
  };
}
