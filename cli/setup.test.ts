import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

// The set-up scripts are plain JavaScript: they run before anything is installed.
interface StepModule {
  runStep(
    command: string,
    args: string[],
    options?: { timeoutMs?: number },
  ): Promise<{ ok: boolean; problem: string }>;
  freePort(from: number): Promise<number>;
}
interface SetupModule {
  checkNode(version: string): void;
  packagesAreInstalled(root: string): boolean;
}
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
}
interface CountModule {
  countVitest(report: unknown): Counts;
  countPlaywright(report: unknown): Counts;
}
const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ join(import.meta.dirname, name));
const step = (await load('step.mjs')) as StepModule;
const setup = (await load('setup.mjs')) as SetupModule;
const builder = (await load('build.mjs')) as { buildIsStale(root: string): boolean };
const counters = (await load('count-tests.mjs')) as CountModule;

const folder = mkdtempSync(join(tmpdir(), 'statuette-setup-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a fresh clone', () => {
  test('old Node versions are refused with what to do', () => {
    for (const version of ['18.20.0', '20.18.3', '21.7.0', '22.11.0']) {
      expect(() => setup.checkNode(version)).toThrow(/nodejs\.org/);
    }
    for (const version of ['20.19.0', '22.12.0', '24.0.0']) setup.checkNode(version);
  });

  test('packages count as installed only when all are there in the locked version', () => {
    const root = join(folder, 'clone');
    const write = (path: string, value: unknown) => {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), JSON.stringify(value));
    };
    const entries = {
      '': { name: 'x' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b-other-system': { version: '1.0.0', optional: true },
    };
    write('package-lock.json', { packages: entries });
    expect(setup.packagesAreInstalled(root)).toBe(false);
    write('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version: '1.0.0' } } });
    expect(setup.packagesAreInstalled(root)).toBe(false);
    write('node_modules/a/package.json', {});
    expect(setup.packagesAreInstalled(root)).toBe(true);
    write('package-lock.json', { packages: { ...entries, 'node_modules/a': { version: '1.0.1' } } });
    expect(setup.packagesAreInstalled(root)).toBe(false);
  });

  test('the lock file names every optional package of the packages it holds: npm ci refuses it otherwise', () => {
    const lock: {
      packages: Record<
        string,
        { optionalDependencies?: Record<string, string>; resolved?: string; link?: boolean; version?: string }
      >;
    } = JSON.parse(readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8'));
    const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter(
        (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
    // Whose mirror a package came from is nobody's business; a link points into the repository.
    expect(
      Object.keys(lock.packages).filter((path) => lock.packages[path].resolved && !lock.packages[path].link),
    ).toEqual([]);
  });

  test('the scripts that run first import nothing but Node and each other', () => {
    for (const name of ['step.mjs', 'setup.mjs', 'build.mjs', 'start.mjs', 'test.mjs', 'count-tests.mjs']) {
      const text = readFileSync(join(import.meta.dirname, name), 'utf8');
      const imports = [...text.matchAll(/^(?:import|export)[^;]*?from '([^']+)'/gm)].map((match) => match[1]);
      expect(
        imports.filter((path) => !path.startsWith('node:') && !/^\.\/[\w-]+\.mjs$/.test(path)),
        name,
      ).toEqual([]);
    }
  });

  test('wrong flags end with usage and code 2, before anything is installed', () => {
    for (const [script, flag] of [
      ['start.mjs', '--prot'],
      ['start.mjs', '--port=0'],
      ['test.mjs', '--only=uint'],
    ]) {
      const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, script), flag]);
      expect([script, status]).toEqual([script, 2]);
      expect(stderr.toString()).toMatch(/npm (start|test) -- \[/);
    }
  });
});

describe('runStep', () => {
  test('tells success, exit codes, signals and programs that are not there', async () => {
    const node = (code: string) => step.runStep(process.execPath, ['-e', code]);
    expect(await node('')).toEqual({ ok: true, problem: '' });
    expect(await node('process.exit(3)')).toEqual({ ok: false, problem: 'exit code 3' });
    expect(await node('process.kill(process.pid, "SIGKILL")')).toEqual({
      ok: false,
      problem: 'killed by SIGKILL',
    });
    expect((await step.runStep('no-such-program', [])).problem).toMatch(/could not start/);
  });

  test.skipIf(process.platform === 'win32')(
    'kills a step that takes too long, and its children',
    async () => {
      const beats = join(folder, 'beats');
      const child = `setInterval(() => require('fs').appendFileSync(${JSON.stringify(beats)}, '.'), 20)`;
      const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]);setInterval(() => {}, 99)`;
      const result = await step.runStep(process.execPath, ['-e', parent], { timeoutMs: 5000 });
      expect(result).toEqual({ ok: false, problem: expect.stringMatching(/stopped after/) });
      const heard = readFileSync(beats, 'utf8').length;
      expect(heard).toBeGreaterThan(0);
      await new Promise((done) => setTimeout(done, 300));
      expect(readFileSync(beats, 'utf8')).toHaveLength(heard);
    },
  );
});

test('the app is built again when a source is newer than it, and only then', () => {
  const root = join(folder, 'app');
  const write = (path: string, second: number) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), '');
    utimesSync(join(root, path), second, second);
  };
  write('src/ui/panel.tsx', 1000);
  expect(builder.buildIsStale(root)).toBe(true);
  write('dist/index.html', 2000);
  expect(builder.buildIsStale(root)).toBe(false);
  write('bench/notes.txt', 3000);
  expect(builder.buildIsStale(root)).toBe(false);
  write('src/ui/deep/button.tsx', 3000);
  expect(builder.buildIsStale(root)).toBe(true);
});

test('freePort steps over a port in use', async () => {
  const first = await step.freePort(45_100);
  const server = createServer();
  await new Promise<void>((done) => server.listen(first, 'localhost', done));
  expect(await step.freePort(first)).toBeGreaterThan(first);
  await new Promise((done) => server.close(done));
});

describe('counting tests', () => {
  test('vitest: a file that breaks before its first test is a failure; each failure is named', () => {
    const failed = { status: 'failed', fullName: 'a sphere closes', failureMessages: ['2 edges\n    at x'] };
    const report = {
      numPassedTests: 5,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [
        { name: 'a.test.ts', status: 'failed', assertionResults: [failed, { status: 'passed' }] },
        { name: 'b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
        { name: 'c.test.ts', status: 'passed', assertionResults: [{ status: 'passed' }] },
      ],
    };
    expect(counters.countVitest(report)).toEqual({
      passed: 5,
      failed: 2,
      skipped: 3,
      failures: ['b.test.ts: no such module', 'a.test.ts: a sphere closes: 2 edges'],
    });
  });

  test('Playwright: flaky passes, errors without a test fail; failures in nested suites are named', () => {
    const stats = { expected: 3, flaky: 1, unexpected: 0, skipped: 2 };
    const none = { stats, errors: [], suites: [] };
    expect(counters.countPlaywright(none)).toEqual({ passed: 4, failed: 0, skipped: 2, failures: [] });
    const broken = { stats, errors: [{ message: 'no browser' }, {}], suites: [] };
    expect(counters.countPlaywright(broken)).toMatchObject({
      failed: 2,
      failures: ['no browser', 'no message'],
    });
    const results = [{ error: { message: '\u001b[31mnot visible\u001b[39m\n  at y' } }];
    const spec = (status: string) => ({ file: 'a.spec.ts', title: status, tests: [{ status, results }] });
    const suites = [{ specs: [spec('expected')], suites: [{ specs: [spec('unexpected')] }] }];
    const one = counters.countPlaywright({ stats: { ...stats, unexpected: 1 }, errors: [], suites });
    expect(one).toMatchObject({ failed: 1, failures: ['a.spec.ts: unexpected: not visible'] });
  });
});
