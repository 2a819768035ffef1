/**
 * Peak memory of the browser's processes, read from the Linux kernel's own high-water mark (VmHWM). Chromium runs a
 * page with all its workers in one renderer process, and the GPU (or its software stand-in) in another.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { CDPSession } from 'playwright-core';

export interface PeakMemory {
  readonly rendererBytes: number;
  readonly gpuBytes: number;
}

type Kind = 'renderer' | 'GPU';

async function pidsOf(session: CDPSession, kind: Kind): Promise<number[]> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.filter((process) => process.type === kind).map((process) => process.id);
}

function highWaterBytes(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line ? Number(line[1]) * 1024 : 0;
}

/** Forgets the peaks so far, so that the next photo has its own. Without effect where the system has no such mark. */
export async function resetPeaks(session: CDPSession): Promise<void> {
  for (const kind of ['renderer', 'GPU'] as const) {
    for (const pid of await pidsOf(session, kind)) {
      try {
        writeFileSync(`/proc/${pid}/clear_refs`, '5');
      } catch {
        // Not Linux, or not allowed: the peak then covers the photos before, too, which readPeaks cannot tell.
        return;
      }
    }
  }
}

/** @returns null where the system does not tell. The largest renderer counts: others are the browser's own. */
export async function readPeaks(session: CDPSession): Promise<PeakMemory | null> {
  if (process.platform !== 'linux') return null;
  try {
    const largest = async (kind: Kind) =>
      (await pidsOf(session, kind)).reduce((most, pid) => Math.max(most, highWaterBytes(pid)), 0);
    return { rendererBytes: await largest('renderer'), gpuBytes: await largest('GPU') };
  } catch {
    // A process ended between the list and the look.
    return null;
  }
}
