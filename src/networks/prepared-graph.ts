/**
 * A graph that is an ONNX file already, not built from a pack: fetched from our own origin, opened on the processor, run
 * with plain arrays. For small networks whose sessions are worth keeping; creations and runs pass the room's one queue.
 */
import type { InferenceSession } from 'onnxruntime-web';
import { StageError } from '../base/errors.ts';
import { loadOrt, type OrtModule, webgpuBuild } from './ort-runtime.ts';
import { enqueue, type NetworkDevice } from './session.ts';

export interface PreparedGraph {
  /**
   * @param dims of the one input, whatever it is called; `values` stay the caller's.
   * @returns every output by name, flat, row-major, new memory.
   */
  run(
    values: Float32Array<ArrayBuffer>,
    dims: readonly number[],
  ): Promise<Readonly<Record<string, Float32Array<ArrayBuffer>>>>;
  /** It cannot run any more: it was disposed of, or the thread it was in was ended. Open it anew. */
  isLost(): boolean;
  /** Frees the session; twice is harmless. */
  dispose(): Promise<void>;
}

/**
 * Always on the processor: these graphs are small, and there they need no check of a graphics card. With a WebGPU device
 * the runtime is the one that serves it, so that no second one is loaded.
 *
 * @param what named in errors, as in "The hand finder".
 * @throws StageError E_DEVICE when the runtime cannot be loaded or takes the graph amiss.
 */
export function openPreparedGraph(
  bytes: Uint8Array<ArrayBuffer>,
  device: NetworkDevice,
  what: string,
): Promise<PreparedGraph> {
  return enqueue(async () => {
    try {
      const ort =
        device.backend === 'webgpu' ? await loadOrt(webgpuBuild(), 1) : await loadOrt('wasm', device.threads);
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: ['wasm'],
        graphOptimizationLevel: 'all',
      });
      return new OrtGraph(ort, session, what);
    } catch (cause) {
      throw graphError(what, 'could not be started', cause);
    }
  });
}

class OrtGraph implements PreparedGraph {
  private readonly ort: OrtModule;
  private readonly what: string;
  private session: InferenceSession | null;

  constructor(ort: OrtModule, session: InferenceSession, what: string) {
    this.ort = ort;
    this.session = session;
    this.what = what;
  }

  run(values: Float32Array<ArrayBuffer>, dims: readonly number[]) {
    return enqueue(async () => {
      const { session } = this;
      if (!session) {
        throw new StageError('networks', 'E_INTERNAL', `${this.what} was run after it was disposed of.`, {
          fix: 'Reload the page; if it happens again, report it.',
        });
      }
      try {
        const results = await session.run({
          [session.inputNames[0]]: new this.ort.Tensor('float32', values, dims),
        });
        return Object.fromEntries(
          Object.entries(results).map(([name, { data }]) => [name, data as Float32Array<ArrayBuffer>]),
        );
      } catch (cause) {
        throw graphError(this.what, 'failed while running', cause);
      }
    });
  }

  isLost(): boolean {
    return this.session === null;
  }

  async dispose(): Promise<void> {
    const { session } = this;
    this.session = null;
    if (session) await enqueue(() => session.release());
  }
}

function graphError(what: string, how: string, cause: unknown): StageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StageError('networks', 'E_DEVICE', `${what} ${how}: ${reason}`, {
    fix: 'Close other heavy pages and try again, or give keypoints and a mask.',
    cause,
  });
}
