/**
 * Makes a result that no run shows (an atlas) from those of a finished run, with the same runner: same keys, same cache,
 * cancelled and paced alike.
 */
import { pacedBy } from '../base/steps.ts';
import type { Engine } from './engine.ts';
import type { ResultCache } from './result-cache.ts';
import { Runner } from './runner.ts';
import type {
  AnyStage,
  ResultId,
  Results,
  RunResults,
  RunServices,
  StageContext,
  StageOptions,
} from './stage.ts';

export interface OnDemand {
  readonly stages: ReadonlyMap<ResultId, AnyStage>;
  readonly cache: ResultCache;
  readonly engine: Engine;
  readonly services: RunServices;
  readonly signal: AbortSignal;
  readonly progress: (fraction: number, note: string) => void;
}

/** Names of results that are there already: one is never changed, so it is its own content. */
const names = new WeakMap<object, string>();
let named = 0;

function nameOf(value: object): string {
  let name = names.get(value);
  if (name === undefined) {
    name = `result ${++named}`;
    names.set(value, name);
  }
  return name;
}

/**
 * @param given   results of the run, and what else the descriptor names as its inputs.
 * @param options those that the descriptor declares.
 */
export async function makeOnDemand<Id extends ResultId>(
  id: Id,
  given: RunResults,
  options: Partial<StageOptions>,
  { stages, cache, engine, services, signal, progress }: OnDemand,
): Promise<Results[Id]> {
  const token = Symbol(id);
  const context = (): Omit<StageContext, 'piece' | 'isKept'> => {
    const pace = pacedBy(signal, 'export');
    return {
      stage: 'surface',
      kernels: engine.kernels.paced(pace),
      pace,
      signal,
      threads: engine.machine.threads,
      services,
      get networks(): never {
        throw new Error(`${id} opens networks`);
      },
      progress,
      show: () => {},
    };
  };
  const sources = Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => typeof value === 'object' && value !== null)
      .map(([name, value]) => [name, { content: nameOf(value as object), value }]),
  );
  const parts = { stages, options: options as StageOptions, cache, token, context, notice: () => {} };
  try {
    const { value } = await new Runner({ ...parts, results: {} }, sources).make(id);
    return value;
  } finally {
    cache.release(token);
  }
}
