/**
 * Makes results: looks in the cache under a key of everything the descriptor declares, computes what is not there from its
 * inputs, made the same way first. Only what is asked for is made, each result once a run.
 */
import { contentKey } from '../base/content-key.ts';
import type { ResultShelf } from './kept-results.ts';
import type { CacheEntry, ResultCache, RunToken } from './result-cache.ts';
import type { AnyStage, Piece, ResultId, Results, RunResults, StageContext, StageOptions } from './stage.ts';

export interface Made<T = unknown> {
  /** Names the result in the keys of what is made of it. */
  readonly content: string;
  readonly value: T;
  /** Pieces of it that were computed in this run. */
  readonly pieces: number;
  /** The result itself was there; what is hidden behind it may have been made again, with the same content. */
  readonly kept: boolean;
}

type PieceName<T> = Pick<Piece<T>, 'inputs' | 'content' | 'keep' | 'dispose'>;

export interface RunnerParts {
  readonly stages: ReadonlyMap<ResultId, AnyStage>;
  readonly options: StageOptions;
  readonly cache: ResultCache;
  readonly token: RunToken;
  /** Where long results are kept outside memory; null: nowhere. */
  readonly shelf?: ResultShelf | null;
  /** Filled as results come. */
  readonly results: RunResults;
  /** All of a context but the pieces; `descriptor` says what it may have. */
  context(descriptor: AnyStage): Omit<StageContext, 'piece' | 'isKept'>;
  notice(text: string): void;
}

export class Runner {
  readonly #parts: RunnerParts;
  readonly #made = new Map<ResultId, Promise<Made>>();

  /** @param sources what the visitor brought, with the hashes of it. */
  constructor(parts: RunnerParts, sources: Readonly<Record<string, Pick<Made, 'content' | 'value'>>>) {
    this.#parts = parts;
    for (const [id, source] of Object.entries(sources)) {
      this.#made.set(id as ResultId, Promise.resolve({ ...source, pieces: 0, kept: true }));
    }
  }

  make<Id extends ResultId>(id: Id): Promise<Made<Results[Id]>> {
    const known = this.#made.get(id) ?? this.#resolve(id);
    this.#made.set(id, known);
    return known as Promise<Made<Results[Id]>>;
  }

  async #resolve(id: ResultId): Promise<Made> {
    const { stages, results, notice } = this.#parts;
    const descriptor = stages.get(id);
    if (!descriptor) throw new Error(`no stage makes ${id}`);
    const made = 'firstOf' in descriptor ? await this.#first(descriptor) : await this.#compute(descriptor);
    Object.assign(results, { [id]: made.value });
    for (const text of descriptor.notices?.(made.value) ?? []) notice(text);
    return made;
  }

  async #first(descriptor: Extract<AnyStage, { firstOf: unknown }>): Promise<Made> {
    const { firstOf: ids, preferred, passedOver } = descriptor;
    const wanted = preferred?.(this.#parts.options) ?? null;
    const first = wanted ?? ids[0];
    for (const id of [first, ...ids.filter((other) => other !== first)]) {
      const made = await this.make(id);
      if (made.value !== null) return made;
      if (id === wanted && passedOver) this.#parts.notice(passedOver(id));
    }
    throw new Error(`none of ${ids.join(', ')} answered`);
  }

  async #compute(descriptor: Extract<AnyStage, { run: unknown }>): Promise<Made> {
    const { cache, token, shelf = null } = this.#parts;
    if (descriptor.when && !descriptor.when(this.#parts.options)) {
      return { content: `${descriptor.id}: none`, value: null, pieces: 0, kept: true };
    }
    const inputs: Record<string, unknown> = {};
    const contents = new Map<ResultId, string>();
    for (const id of descriptor.inputs as readonly ResultId[]) {
      const { value, content } = await this.make(id);
      inputs[id] = value;
      contents.set(id, content);
    }
    const options = pick(this.#parts.options, descriptor.options ?? []);
    const keyOf = (of: Iterable<string>) =>
      `${descriptor.id}@${descriptor.version}:${contentKey([JSON.stringify(options), ...of].join('\n'))}`;
    const pieceKey = ({ inputs: of, content }: Pick<Piece<unknown>, 'inputs' | 'content'>) =>
      keyOf(['piece', content, ...of.map((id) => contents.get(id) ?? undeclared(descriptor.id, id))]);

    const held: CacheEntry[] = [];
    let pieces = 0;
    let kept = true;
    const piece = async <T>(wanted: Piece<T>): Promise<T> => {
      const key = pieceKey(wanted);
      const entry = await cache.get(token, key, async () => {
        pieces++;
        const value = await wanted.compute(key);
        const keep = wanted.keep?.(key);
        if (keep) shelf?.write(key, () => keep.save(value));
        return { value, dispose: () => wanted.dispose?.(value) };
      });
      held.push(entry);
      return entry.value;
    };
    const isKept = async <T>(wanted: PieceName<T>): Promise<boolean> => {
      const key = pieceKey(wanted);
      if (cache.has(key)) return true;
      const keep = wanted.keep?.(key);
      const kept = keep && (await shelf?.read(key));
      if (!keep || !kept) return false;
      const value = await keep.load(kept);
      await cache.get(token, key, () => ({ value, dispose: () => wanted.dispose?.(value) }));
      return true;
    };
    // Not spread: what the descriptor may not have throws when it is looked at.
    const context: StageContext = Object.assign(Object.create(this.#parts.context(descriptor)), {
      piece,
      isKept,
    });
    const key = keyOf(contents.values());
    const entry = await cache.get(token, key, async () => {
      cache.makeRoom(descriptor.estimate());
      const keep = shelf && descriptor.keep?.(context.kernels);
      const there = keep && (await shelf.read(key));
      kept = Boolean(there);
      const value = keep && there ? await keep.load(there) : await descriptor.run(inputs, options, context);
      if (keep && !there) shelf.write(key, () => keep.save(value));
      const content = descriptor.content && `${descriptor.id}=${descriptor.content(value)}`;
      return { value, content, holds: held, dispose: () => descriptor.dispose?.(value) };
    });
    return { content: entry.content, value: entry.value, pieces, kept };
  }
}

function undeclared(stage: ResultId, input: ResultId): never {
  throw new Error(`${stage} does not declare its input ${input}`);
}

function pick(options: StageOptions, ids: readonly (keyof StageOptions)[]): Partial<StageOptions> {
  return Object.fromEntries(ids.map((id) => [id, options[id]]));
}
