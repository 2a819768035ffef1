/**
 * How long the stages took on this machine the last times, so that the wait can say how long it will be. By what decides it:
 * where networks run, the weights, the method, the surface's detail. Nothing is guessed before a first run.
 */
import * as v from 'valibot';
import { type RunOptions, type RunReport, STAGE_IDS, type StageId } from '../digitizer/types.ts';
import type { StageEntry } from './run-state.ts';

/** Times of one kind of run, ms; of stages that were kept from before nothing is learnt. */
export type StageTimes = Readonly<Partial<Record<StageId, number>>>;

const TIMES = v.object({
  version: v.literal(1),
  kinds: v.record(v.string(), v.record(v.picklist(STAGE_IDS), v.pipe(v.number(), v.minValue(0)))),
});
const ITEM = 'statuette.times';
/** Weight of the newest run: a machine that is busy once is not slow for good. */
const NEWEST = 0.5;
/** Kinds of runs remembered. */
const MOST_KINDS = 12;

export type KindOfRun = Pick<RunOptions, 'mode' | 'surfaceDepth'> & {
  readonly backend: string;
  readonly packId: string;
};

const nameOf = ({ backend, packId, mode, surfaceDepth }: KindOfRun) =>
  [backend, packId, mode, surfaceDepth].join(' ');

export interface RunTimes {
  of(kind: KindOfRun): StageTimes | null;
  learn(kind: KindOfRun, report: RunReport, stages: Readonly<Record<StageId, StageEntry>>): void;
}

type TextStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** @param storage may throw whenever it is touched: then nothing is remembered. */
export function createRunTimes(storage: () => TextStorage): RunTimes {
  const read = () => {
    try {
      const { success, output } = v.safeParse(TIMES, JSON.parse(storage().getItem(ITEM) ?? 'null'));
      return success ? output.kinds : {};
    } catch {
      return {};
    }
  };
  return {
    of: (kind) => read()[nameOf(kind)] ?? null,
    learn(kind, report, stages) {
      const { [nameOf(kind)]: before = {}, ...others } = read();
      const times: Partial<Record<StageId, number>> = { ...before };
      for (const { stage, elapsedMs } of report.stages) {
        const { state } = stages[stage];
        if (state.kind !== 'done' || state.cached) continue;
        const known = times[stage];
        times[stage] = known === undefined ? elapsedMs : known + NEWEST * (elapsedMs - known);
      }
      const kept = Object.entries(others).slice(-(MOST_KINDS - 1));
      try {
        const kinds = Object.fromEntries([...kept, [nameOf(kind), times]]);
        storage().setItem(ITEM, JSON.stringify({ version: 1, kinds }));
      } catch {
        // Storage refused: the wait has no figure then.
      }
    },
  };
}

/**
 * What is left of a run, ms; null where a stage that is to come was never timed.
 */
export function remainingMs(
  stages: Readonly<Record<StageId, StageEntry>>,
  times: StageTimes | null,
): number | null {
  if (!times) return null;
  let sum = 0;
  for (const id of STAGE_IDS) {
    const { state } = stages[id];
    if (state.kind === 'done') continue;
    const time = times[id];
    if (time === undefined) return null;
    sum += time * (state.kind === 'running' ? 1 - state.fraction : 1);
  }
  return sum;
}
