/** The runner: keys from what is declared, pieces, alternatives, going back. And the real descriptors' contracts. */
import { describe, expect, test } from 'vitest';
import { contentKey } from '../base/content-key.ts';
import type { Keeping, KeptValue, ResultShelf } from './kept-results.ts';
import { ResultCache } from './result-cache.ts';
import { Runner } from './runner.ts';
import type { AnyStage, ResultId, RunResults, StageContext, StageOptions } from './stage.ts';
import { STAGES } from './stages.ts';
import { ONLY_SUBJECT, STAGE_IDS } from './types.ts';

const OPTIONS: StageOptions = {
  mode: 'robust',
  subject: ONLY_SUBJECT,
  textureSide: 2048,
  matteSource: null,
  surfaceDepth: 8,
  weights: 'w',
  backend: 'wasm',
  precision: 'f32',
  ownMatting: '',
  packMatting: '',
  packBack: '',
};

/** Stages over numbers: what they compute is written down. */
const asText: Keeping<string> = {
  save: (facts) => ({ facts, arrays: [] }),
  load: ({ facts }) => String(facts),
};

function memoryShelf(): ResultShelf & { readonly kept: Map<string, KeptValue> } {
  const kept = new Map<string, KeptValue>();
  return {
    kept,
    read: async (key) => kept.get(key) ?? null,
    write: (key, value) => void Promise.resolve(value()).then((made) => kept.set(key, made)),
  };
}

function setUp(shelf: ResultShelf | null = null) {
  const log: string[] = [];
  const noted = <T>(entry: string, value: T): T => {
    log.push(entry);
    return value;
  };
  // biome-ignore lint/suspicious/noExplicitAny: numbers stand for results
  const fake = (descriptor: any): AnyStage => ({ version: 1, estimate: () => 8, ...descriptor });
  const stages = new Map<string, AnyStage>(
    [
      fake({
        id: 'matte: mask',
        inputs: ['maskFile'],
        run: ({ maskFile }: { maskFile: unknown }) => noted('mask', maskFile),
      }),
      fake({
        id: 'matte: alpha',
        inputs: ['photoFile'],
        run: ({ photoFile }: { photoFile: unknown }) => noted('alpha', photoFile),
      }),
      fake({ id: 'matte', firstOf: ['matte: mask', 'matte: alpha'] }),
      fake({
        id: 'parts',
        inputs: ['poseFile'],
        // Whatever is after the point does not change the parts.
        content: (value: number) => String(value),
        run: ({ poseFile }: { poseFile: number }) => noted('parts', Math.floor(poseFile)),
      }),
      fake({
        id: 'partNormals',
        inputs: ['matte', 'parts'],
        options: ['mode'],
        async run(inputs: { parts: number }, options: object, context: StageContext) {
          expect(Object.keys(options)).toEqual(['mode']);
          const digits = [...String(inputs.parts)];
          return Promise.all(
            digits.map(async (digit, at) => {
              const piece = { inputs: ['matte'] as const, content: `${at} ${digit}`, keep: () => asText };
              await context.isKept(piece);
              return context.piece({ ...piece, compute: async () => noted(`piece ${at}=${digit}`, digit) });
            }),
          );
        },
      }),
      fake({
        id: 'surface',
        inputs: ['partNormals'],
        options: ['surfaceDepth'],
        keep: () => asText,
        run: ({ partNormals }: { partNormals: string[] }) => noted('surface', partNormals.join('')),
      }),
    ].map((descriptor) => [descriptor.id as string, descriptor]),
  ) as unknown as ReadonlyMap<ResultId, AnyStage>;
  const cache = new ResultCache();
  async function run(poseFile: number, options: Partial<StageOptions> = {}, maskFile: number | null = null) {
    log.length = 0;
    const runner = new Runner(
      {
        stages,
        options: { ...OPTIONS, ...options },
        cache,
        shelf,
        token: Symbol('run'),
        results: {} as RunResults,
        context: () => ({}) as StageContext,
        notice: () => {},
      },
      {
        photoFile: { content: 'photo', value: 1 },
        maskFile: { content: String(maskFile), value: maskFile },
        poseFile: { content: contentKey(String(poseFile)), value: poseFile },
      },
    );
    const { value } = await runner.make('surface');
    return { value: value as unknown as string, log: [...log] };
  }
  return run;
}

describe('the runner', () => {
  test('one piece changes: that piece and what is made of it', async () => {
    const run = setUp();
    expect((await run(123)).log).toEqual([
      'mask',
      'alpha',
      'parts',
      'piece 0=1',
      'piece 1=2',
      'piece 2=3',
      'surface',
    ]);
    expect((await run(124)).log).toEqual(['parts', 'piece 2=4', 'surface']);
  });

  test('a page that was closed goes on from what was kept; what is lost is made again', async () => {
    const shelf = memoryShelf();
    expect((await setUp(shelf)(123)).log).toContain('piece 2=3');
    const again = await setUp(shelf)(123);
    expect(again).toEqual({ value: '123', log: ['mask', 'alpha', 'parts'] });
    for (const key of shelf.kept.keys()) if (key.startsWith('surface')) shelf.kept.delete(key);
    expect((await setUp(shelf)(123)).log).toEqual(['mask', 'alpha', 'parts', 'surface']);
    expect((await setUp(shelf)(124)).log).toEqual(['mask', 'alpha', 'parts', 'piece 2=4', 'surface']);
  });

  test('going back is found whole', async () => {
    const run = setUp();
    await run(123);
    await run(124);
    expect(await run(123)).toEqual({ value: '123', log: [] });
  });

  test('an input that gives the same content changes nothing after it', async () => {
    const run = setUp();
    await run(123);
    expect((await run(123.5)).log).toEqual(['parts']);
  });

  test('an option counts where it is declared, and nowhere else', async () => {
    const run = setUp();
    await run(123);
    expect((await run(123, { surfaceDepth: 9 })).log).toEqual(['surface']);
    expect((await run(123, { weights: 'other' })).log).toEqual([]);
    expect((await run(123, { mode: 'reference' })).log).toContain('piece 0=1');
  });

  test('what a mode does without is not made, and neither what it is made of', async () => {
    const made: string[] = [];
    const fake = (id: string, inputs: string[], more: object = {}) => ({
      id,
      version: 1,
      inputs,
      estimate: () => 8,
      run: (given: object) => {
        made.push(id);
        return Object.values(given)[0] === null ? `${id} without` : id;
      },
      ...more,
    });
    const isRobust = ({ mode }: StageOptions) => mode === 'robust';
    const stages = new Map(
      [
        fake('decoded', []),
        fake('people', ['decoded'], { when: isRobust }),
        fake('photo', ['people'], { options: ['mode'] }),
      ].map((descriptor) => [descriptor.id, descriptor]),
    ) as unknown as ReadonlyMap<ResultId, AnyStage>;
    const run = async (mode: StageOptions['mode']) => {
      made.length = 0;
      const options = { ...OPTIONS, mode };
      const context = () => ({}) as StageContext;
      const cache = new ResultCache();
      const token = Symbol('run');
      const runner = new Runner(
        { stages, options, cache, token, results: {} as RunResults, context, notice: () => {} },
        {},
      );
      return (await runner.make('photo')).value as unknown;
    };
    expect(await run('robust')).toBe('photo');
    expect(made).toEqual(['decoded', 'people', 'photo']);
    expect(await run('reference')).toBe('photo without');
    expect(made).toEqual(['photo']);
  });

  test('the way that the visitor prefers is tried first; when it does not hold, that is said', async () => {
    const said: string[] = [];
    const asked: string[] = [];
    const way = (id: string, value: number | null) => ({
      id,
      version: 1,
      inputs: [],
      estimate: () => 8,
      run: () => {
        asked.push(id);
        return value;
      },
    });
    const stages = new Map(
      [
        way('matte: alpha', 1),
        way('matte: segmentation', 2),
        way('matte: uniform background', null),
        {
          id: 'matte',
          firstOf: ['matte: alpha', 'matte: segmentation', 'matte: uniform background'],
          preferred: ({ matteSource }: StageOptions) => matteSource && `matte: ${matteSource}`,
          passedOver: (id: string) => `not by ${id}`,
        },
      ].map((descriptor) => [descriptor.id, descriptor]),
    ) as unknown as ReadonlyMap<ResultId, AnyStage>;
    const run = async (matteSource: StageOptions['matteSource']) => {
      said.length = 0;
      asked.length = 0;
      const options = { ...OPTIONS, matteSource };
      const context = () => ({}) as StageContext;
      const notice = (text: string) => said.push(text);
      const parts = { stages, options, cache: new ResultCache(), token: Symbol('run'), context, notice };
      const runner = new Runner({ ...parts, results: {} as RunResults }, {});
      return (await runner.make('matte')).value as unknown;
    };
    expect([await run(null), ...asked]).toEqual([1, 'matte: alpha']);
    expect([await run('segmentation'), ...asked]).toEqual([2, 'matte: segmentation']);
    expect(said).toEqual([]);
    expect([await run('uniform background'), ...asked]).toEqual([
      1,
      'matte: uniform background',
      'matte: alpha',
    ]);
    expect(said).toEqual(['not by matte: uniform background']);
  });

  test('the first alternative that answers is taken; the next is not asked', async () => {
    const run = setUp();
    const { log } = await run(1, {}, 5);
    expect(log).toContain('mask');
    expect(log).not.toContain('alpha');
  });
});

describe('the descriptors', () => {
  test('every input is made by a stage or brought by the visitor, and nothing goes in a circle', () => {
    const brought = ['photoName', 'photoFile', 'maskFile', 'poseFile'];
    const sources = [...brought, 'jointEdits', 'boxEdits', 'hiddenParts', 'strokes'];
    const visit = (id: ResultId, above: readonly ResultId[]): void => {
      if (sources.includes(id)) return;
      expect(above, `${id} is made of itself`).not.toContain(id);
      const descriptor = STAGES.get(id);
      expect(descriptor, id).toBeDefined();
      const needs = descriptor && ('firstOf' in descriptor ? descriptor.firstOf : descriptor.inputs);
      for (const input of needs ?? []) visit(input as ResultId, [...above, id]);
    };
    for (const id of STAGE_IDS) visit(id, []);
  });

  test('every shown stage has a picture and says what came out', () => {
    for (const id of STAGE_IDS) {
      expect(STAGES.get(id)?.thumbnail, id).toBeDefined();
      expect(STAGES.get(id)?.detail, id).toBeDefined();
    }
  });
});
