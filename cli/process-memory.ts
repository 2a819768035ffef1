/**
 * Resident memory of the browser's processes, now and at its highest, from the Linux kernel's own marks (VmRSS, VmHWM).
 * Chromium runs a page with all its workers in one renderer process, the GPU (or its software stand-in) in another, and
 * keeps Blobs in a third, its own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { CDPSession } from 'playwright-core';

export interface ProcessMemory {
  readonly rendererBytes: number;
  readonly gpuBytes: number;
  readonly browserBytes: number;
}

const KINDS = ['renderer', 'GPU', 'browser'] as const;
type Kind = (typeof KINDS)[number];
type Mark = 'VmRSS' | 'VmHWM';

async function pidsOf(session: CDPSession, kind: Kind): Promise<number[]> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.filter((process) => process.type === kind).map((process) => process.id);
}

function bytesOf(pid: number, mark: Mark): number {
  const line = new RegExp(`${mark}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line ? Number(line[1]) * 1024 : 0;
}

/** Forgets the peaks so far, so that the next photo has its own. Without effect where the system has no such mark. */
export async function resetPeaks(session: CDPSession): Promise<void> {
  for (const kind of KINDS) {
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

/** The most since the last resetPeaks. @returns null where the system does not tell. */
export const readPeaks = (session: CDPSession) => read(session, 'VmHWM');

/** What the processes hold now. @returns null where the system does not tell. */
export const readResident = (session: CDPSession) => read(session, 'VmRSS');

/** The largest process of each kind counts: other renderers are the browser's own pages. */
async function read(session: CDPSession, mark: Mark): Promise<ProcessMemory | null> {
  if (process.platform !== 'linux') return null;
  try {
    const largest = async (kind: Kind) =>
      (await pidsOf(session, kind)).reduce((most, pid) => Math.max(most, bytesOf(pid, mark)), 0);
    return {
      rendererBytes: await largest('renderer'),
      gpuBytes: await largest('GPU'),
      browserBytes: await largest('browser'),
    };
  } catch {
    // A process ended between the list and the look.
    return null;
  }
}
