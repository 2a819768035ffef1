import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPoisson } from './build.mjs';
import { methodCameraOf } from './camera.ts';
import { createEngine } from './engine.ts';
import { poissonModule, sharedPoissonModule } from './load-module.node.mjs';
import { startNodeHelper, startNodeThreadPool } from './node.ts';
import { cloudOf, figureCloud, sphereCloud, spherePoints } from './shapes.ts';
import { withSharedMemory } from './share-memory.mjs';
import { type SolveResult, solveSurface } from './solver.ts';
import { startThreadPool, type ThreadPool } from './thread-pool.ts';
import { usefulThreads } from './threads.ts';
import type { OrientedCloud } from './types.ts';
import { DEFAULT_SURFACE_OPTIONS } from './types.ts';

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await poissonModule();
}, 120_000);

const solve = (cloud: OrientedCloud, depth: number, pool: ThreadPool | null) =>
  solveSurface(
    module,
    cloud,
    { ...DEFAULT_SURFACE_OPTIONS, depth, camera: methodCameraOf(cloud) },
    () => {},
    pool,
  );

/** One hash of every byte of the mesh. */
function fingerprint({ mesh }: SolveResult): string {
  const hash = createHash('sha256');
  for (const array of Object.values(mesh)) {
    expect(array.buffer).not.toBeInstanceOf(SharedArrayBuffer);
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}

/** A sphere whose points leave three holes. */
function holedSphere(): OrientedCloud {
  const holes = [
    [1, 0, 0],
    [0, 0.6, 0.8],
    [-0.5, -0.5, 0.7],
  ];
  return cloudOf(
    spherePoints(60_000, [0, 0, 0], 0.5).filter(({ normal }) =>
      holes.every((hole) => hole[0] * normal[0] + hole[1] * normal[1] + hole[2] * normal[2] < 0.9),
    ),
  );
}

describe('one, two and three threads make the same bytes', () => {
  const pools: ThreadPool[] = [];
  // Patient, so that on a busy machine too all helpers take part.
  beforeAll(async () => {
    for (const threads of [2, 3])
      pools.push(await startNodeThreadPool(threads, { startMs: 60_000, waitForHelpersMs: 60_000 }));
  });
  afterAll(() => {
    for (const pool of pools) pool.dispose();
  });

  test.each([
    ['a person as a depth map', () => figureCloud(4), 8],
    ['a sphere with holes, areas from the density', holedSphere, 8],
    ['a cloud too thin for its depth', () => sphereCloud(500), 9],
  ])('%s', (_, make, depth) => {
    const cloud = make();
    const alone = solve(cloud, depth, null);
    expect(alone.stats.threads).toBe(1);
    for (const pool of pools) {
      const together = solve(cloud, depth, pool);
      expect(together.stats.threads).toBe(pool.helpers.length + 1);
      expect(fingerprint(together)).toBe(fingerprint(alone));
      expect(together.stats.triangles).toBe(alone.stats.triangles);
    }
  });

  test('a bad cloud is refused in the same way, and the pool goes on', () => {
    expect(() => solve(sphereCloud(3), 7, pools[0])).toThrow(/too few|points/);
    const cloud = sphereCloud(3000);
    expect(fingerprint(solve(cloud, 7, pools[0]))).toBe(fingerprint(solve(cloud, 7, null)));
  });

  test('progress that throws ends the solve, and the pool goes on', () => {
    const stop = new Error('stop');
    expect(() =>
      solveSurface(
        module,
        sphereCloud(20_000),
        { ...DEFAULT_SURFACE_OPTIONS, depth: 8 },
        (fraction) => {
          // In the middle of a shared job.
          if (fraction > 0.1) throw stop;
        },
        pools[1],
      ),
    ).toThrow(stop);
    expect(solve(sphereCloud(3000), 7, pools[1]).stats.threads).toBe(3);
  });
});

// What went wrong once did so in code that the engine had not optimised yet (assembly/thread-pool.ts): an empty custom section
// makes the module a new one, which nothing has run before.
test('a helper that sleeps is woken by every job', async () => {
  const bytes = withSharedMemory(readFileSync(await buildPoisson()));
  const fresh = await WebAssembly.compile(Uint8Array.from([...bytes, 0, 2, 1, 120]));
  const pool = await startThreadPool(fresh, 2, startNodeHelper(), {
    startMs: 60_000,
    waitForHelpersMs: 60_000,
  });
  const engine = createEngine(module, pool, () => {});
  engine.begin(1_000_000);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let job = 0; job < 30; job++) {
    // Longer than a helper looks for the next job, much shorter than its nap.
    Atomics.wait(pause, 0, 0, 10);
    engine.wasm.surveyCloud();
  }
  const joined = engine.wasm.jobsJoined();
  engine.stopHelpers();
  pool.dispose();
  // A busy machine may keep it from a few.
  expect(joined).toBeGreaterThanOrEqual(20);
});

describe('helpers that fail', () => {
  const cloud = sphereCloud(30_000);
  let alone: string;
  beforeAll(() => {
    alone = fingerprint(solve(cloud, 8, null));
  });

  const scripted = (code: string) =>
    startNodeHelper(new URL(`data:text/javascript,${encodeURIComponent(code)}`));

  /** A helper thread that answers the hello and does `task` with its task. */
  const helperThat = (task: string, before = '') => {
    const helper = new URL('./helper.mjs', import.meta.url).href;
    return scripted(`
      import { parentPort } from 'node:worker_threads';
      import { help } from '${helper}';
      ${before}
      parentPort.on('message', (task) => {
        if (task === 'hello') parentPort.postMessage('ready');
        else ${task};
      });
    `);
  };
  /** Work space beyond the memory: the first job that a helper enters traps. */
  const TRAP = 'help({ ...task, scratch: 0xfffff000 })';

  const expectAlone = (pool: ThreadPool) => {
    const since = performance.now();
    const result = solve(cloud, 8, pool);
    const elapsedMs = performance.now() - since;
    expect(result.stats.threads).toBe(1);
    expect(fingerprint(result)).toBe(alone);
    pool.dispose();
    return elapsedMs;
  };

  test('a script that does not load: no helpers, one thread', async () => {
    const pool = await startThreadPool(await sharedPoissonModule(), 3, scripted('throw new Error("no")'));
    expect(pool.helpers).toHaveLength(0);
    expectAlone(pool);
  });

  test('one that never answers is left out after the time limit', async () => {
    const pool = await startThreadPool(
      await sharedPoissonModule(),
      2,
      scripted('setInterval(() => {}, 1000)'),
      {
        startMs: 300,
      },
    );
    expect(pool.helpers).toHaveLength(0);
    expectAlone(pool);
  });

  test('one that ends before the solve is left out', async () => {
    const pool = await startThreadPool(
      await sharedPoissonModule(),
      2,
      helperThat('{}', 'setTimeout(() => process.exit(), 100);'),
    );
    await expect.poll(() => pool.helpers.length, { timeout: 60_000 }).toBe(0);
    expectAlone(pool);
  });

  test('one that takes no work is not waited for', async () => {
    const pool = await startThreadPool(await sharedPoissonModule(), 2, helperThat('{}'));
    expectAlone(pool);
  });

  test('one that traps in the middle of a job: the solve starts again alone', async () => {
    const pool = await startThreadPool(await sharedPoissonModule(), 2, helperThat(TRAP), {
      waitForHelpersMs: 60_000,
    });
    expectAlone(pool);
    expect(pool.helpers).toHaveLength(0);
  });

  test('one that vanishes in the middle of a job is given up, and the solve starts again alone', async () => {
    // Its failure ends the thread without a word to the leader.
    const silently = `
      const Instance = WebAssembly.Instance;
      WebAssembly.Instance = function (module, imports) {
        const { exports } = new Instance(module, imports);
        return { exports: { ...exports, helperFailed: () => process.exit(1) } };
      };`;
    const pool = await startThreadPool(await sharedPoissonModule(), 2, helperThat(TRAP, silently), {
      waitForHelpersMs: 60_000,
      helperTimeoutS: 2,
    });
    expect(expectAlone(pool)).toBeGreaterThan(1500);
  });
});

test('threads follow the cores, within limits', () => {
  expect([0, 1, 2, 4, 64, Number.NaN].map(usefulThreads)).toEqual([1, 1, 2, 4, 8, 1]);
});
