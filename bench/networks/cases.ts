/** What one benchmark case is asked and answers. */
import type { NetworkId } from '../../src/networks/network-ids.ts';
import type { OrtBuild } from '../../src/networks/ort-runtime.ts';

export interface BenchCase {
  readonly label: string;
  /** Which onnxruntime-web build runs the WASM backend. */
  readonly build: OrtBuild;
  readonly threads: number;
  readonly ids: readonly NetworkId[];
  readonly repeats: number;
  /** Side of the fineDepth tile, px. */
  readonly tilePx: number;
  /** `starter`, or made-up weights of the original's widths. */
  readonly weights: 'starter' | 'fullWidth';
  /** Options laid over the session options of the app. */
  readonly sessionOptions: Readonly<Record<string, unknown>>;
  /** Compute graph, f32 or f16 weights and arithmetic. */
  readonly precision: 'f32' | 'f16';
}

export interface BenchRow {
  readonly label: string;
  readonly id: NetworkId;
  readonly gmac: number;
  readonly createMs: number;
  readonly firstMs: number;
  readonly medianMs: number;
  /** On a busy machine the least disturbed run. */
  readonly leastMs: number;
  /** Size of the runtime's WASM memory after the runs; it never shrinks. */
  readonly heapBytes: number;
}
