/** For tests and benches only: what runStages needs, without a page behind it. */
import { NOBODY } from '../intake/pose/people.ts';
import type { Pack } from '../networks/packs/pack.ts';
import type { Engine } from './engine.ts';
import { inThisThread } from './file-work.ts';
import { ResultCache } from './result-cache.ts';
import type { RunEnvironment } from './run.ts';
import { STAGES } from './stages.ts';

/** Its services throw when the pose graphs or the surface are asked for, unless `changes` replaces them. */
export function environmentOf(
  engine: Engine,
  pack: Pack,
  changes: Partial<RunEnvironment> = {},
): RunEnvironment {
  return {
    stages: STAGES,
    engine,
    pack,
    cache: new ResultCache(),
    token: Symbol('test'),
    signal: new AbortController().signal,
    onEvent: () => {},
    onStageDone: async () => {},
    services: {
      files: inThisThread,
      findPeople: async () => NOBODY,
      detect: () => Promise.reject(new Error('a pose was given')),
      cutOut: async () => null,
      paintBack: async () => null,
      solveSurface: () => Promise.reject(new Error('the cloud is enough')),
    },
    ...changes,
  };
}
