/** Page of the GPU memory bench: the driver calls `measureMemory`, each case gets a fresh worker. */
import type { MemoryAnswer, MemoryCase } from './contract.ts';

function measureMemory(wanted: MemoryCase): Promise<MemoryAnswer> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise<MemoryAnswer>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ answer?: MemoryAnswer; error?: string }>) =>
      data.answer ? resolve(data.answer) : reject(new Error(data.error));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(wanted);
  }).finally(() => worker.terminate());
}

Object.assign(globalThis, { measureMemory });
