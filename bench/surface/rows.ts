/**
 * What the surface benchmark measured, kept in bench/surface.json. A group is one cloud at one depth, measured as one
 * series on one machine; measuring a group again replaces all of it, so that ratios never mix two days.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { MeshErrors } from './measure.ts';

export type Part = 'table' | 'growth' | 'runs';

/** One run of one solver. */
export interface Sample {
  /** 'ours', or the peer with its version. */
  readonly who: string;
  readonly threads: number;
  readonly cpuS: number;
  readonly wallS: number;
  /** Most memory the process had. */
  readonly processMb: number;
  /** Ours: WebAssembly memory and result. */
  readonly solverMb?: number;
  /** Of the machine, over the last minute, when the run began. */
  readonly load: number;
}

export interface MeshFigures {
  readonly who: string;
  readonly vertices: number;
  readonly triangles: number;
  readonly boundary: number;
  readonly nonManifold: number;
  readonly pieces: number;
  /** Where the truth is known. */
  readonly errors?: MeshErrors;
}

export interface Group {
  readonly part: Part;
  readonly cloud: string;
  readonly points: number;
  readonly depth: number;
  /** Day and hour, UTC. */
  readonly measured: string;
  /** When the errors of ours were measured again, if they were (`--parts errors`). */
  readonly errorsMeasured?: string;
  readonly machine: string;
  /** In the order in which they ran: a peer's partner is the run of ours right before it. */
  readonly samples: readonly Sample[];
  readonly meshes: readonly MeshFigures[];
}

const same = (a: Group, b: Group) => a.part === b.part && a.cloud === b.cloud && a.depth === b.depth;

export function loadGroups(path: string): Group[] {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
}

/** Puts a group in the place of its predecessor, and saves all. */
export function saveGroup(path: string, group: Group): Group[] {
  const groups = [...loadGroups(path).filter((old) => !same(old, group)), group];
  groups.sort(
    (a, b) =>
      a.part.localeCompare(b.part) ||
      a.depth - b.depth ||
      a.points - b.points ||
      a.cloud.localeCompare(b.cloud),
  );
  writeFileSync(path, `${JSON.stringify(groups, null, 1)}\n`);
  return groups;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function samplesOf(group: Group, who: string, threads: number): readonly Sample[] {
  return group.samples.filter((s) => s.who === who && s.threads === threads);
}

/** Median of (run / run of ours before it), wall and CPU seconds; null where there is no pair. */
export function pairRatio(group: Group, who: string, threads: number, oursThreads = threads) {
  const wall: number[] = [];
  const cpu: number[] = [];
  group.samples.forEach((sample, at) => {
    const before = group.samples[at - 1];
    if (sample.who !== who || sample.threads !== threads) return;
    if (before?.who !== 'ours' || before.threads !== oursThreads) return;
    wall.push(sample.wallS / before.wallS);
    cpu.push(sample.cpuS / before.cpuS);
  });
  return wall.length > 0 ? { wall: median(wall), cpu: median(cpu), pairs: wall.length } : null;
}
