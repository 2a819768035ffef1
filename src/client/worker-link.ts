/**
 * The way into a worker: a typed object whose calls go over Comlink and whose errors arrive as StageErrors. Pending calls
 * are rejected when the worker dies or is ended (Comlink alone would leave them waiting). Functions among the arguments
 * become Comlink proxies.
 */
import * as Comlink from 'comlink';
import type { StageError } from '../base/errors.ts';
import { registerStageErrorTransfer } from './stage-error-transfer.ts';

/** A worker that nothing refers to may be collected, and with it the answers that are awaited from it. */
const linked = new Set<Worker>();

export interface WorkerLink<Api> {
  readonly api: Api;
  /** Ends the worker; what it was asked and did not answer is rejected with the reason. Twice is harmless. */
  end(reason: StageError): void;
}

/** @param died the error of those who wait when the worker stops by itself, from the browser's message. */
export function linkWorker<Api extends object>(
  worker: Worker,
  died: (message: string) => StageError,
): WorkerLink<Api> {
  registerStageErrorTransfer();
  const remote = Comlink.wrap<Record<string, (...args: unknown[]) => unknown>>(worker);
  linked.add(worker);
  const waiting = new Set<(reason: StageError) => void>();
  let gone: StageError | null = null;
  const end = (reason: StageError) => {
    if (gone) return;
    gone = reason;
    linked.delete(worker);
    worker.terminate();
    for (const reject of waiting) reject(reason);
    waiting.clear();
  };
  worker.addEventListener('error', (event) => end(died(event.message)));
  worker.addEventListener('messageerror', () => end(died('a message could not be read')));

  const call = (name: string, args: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (gone) return reject(gone);
      waiting.add(reject);
      const passed = args.map((arg) => (typeof arg === 'function' ? Comlink.proxy(arg as object) : arg));
      Promise.resolve(remote[name](...passed))
        .then(resolve, reject)
        .finally(() => waiting.delete(reject));
    });
  const api = new Proxy({} as Api, {
    get: (_, name) => (name === 'then' ? undefined : (...args: unknown[]) => call(String(name), args)),
  });
  return { api, end };
}
