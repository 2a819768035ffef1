/** Page of the network benchmark: the driver calls `runCase`, each case gets a fresh worker. */
import type { BenchCase, BenchRow } from './cases.ts';

function runCase(wanted: BenchCase): Promise<BenchRow[]> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise<BenchRow[]>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ rows?: BenchRow[]; error?: string }>) =>
      data.rows ? resolve(data.rows) : reject(new Error(data.error));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(wanted);
  }).finally(() => worker.terminate());
}

Object.assign(globalThis, { runCase });
