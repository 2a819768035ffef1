/**
 * `npm test`: sets up what is missing, then runs every check to the end, whatever fails on the way:
 * the surface module, lint, types, unit tests, browser tests, build, end-to-end tests, parity with the recorded runs of the
 * original. The end names what failed, and the last line counts them all.
 *   npm test -- [--only surface,lint,types,unit,browser,build,e2e,parity] [--fast]
 * --fast is the daily loop: surface, lint, types and the unit tests that are quick.
 * Surface, lint, types, build and parity count as one test each; parity is skipped aloud without its reference data.
 * Plain Node, works on a fresh clone.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { argumentProblem } from './argument-problem.mjs';
import { buildApp } from './build.mjs';
import { countPlaywright, countVitest } from './count-tests.mjs';
import { buildSurface, findOrInstallBrowser, SetupError, setUpPackages } from './setup.mjs';
import { freePort, inPackage, ROOT, runStep } from './step.mjs';

const MINUTE = 60_000;

async function vitest(project) {
  const file = `.cache/${project}-report.json`;
  return withReport(file, countVitest, () =>
    runStep(
      inPackage('vitest/vitest.mjs'),
      [
        ...['run', '--project', project, '--reporter=default'],
        ...['--reporter=json', `--outputFile.json=${file}`],
      ],
      { timeoutMs: 30 * MINUTE },
    ),
  );
}

async function e2e() {
  const port = String(await freePort(4180));
  return withReport('.cache/e2e-report.json', countPlaywright, () =>
    runStep(inPackage('@playwright/test/cli.js'), ['test'], {
      timeoutMs: 45 * MINUTE,
      env: { STATUETTE_E2E_PORT: port },
    }),
  );
}

/** Runs a step that writes a report. A runner that failed without a failed test in its report crashed. */
async function withReport(file, count, run) {
  rmSync(join(ROOT, file), { force: true });
  const { problem } = await run();
  let counts = { passed: 0, failed: 0, skipped: 0 };
  let note = problem;
  try {
    counts = count(JSON.parse(readFileSync(join(ROOT, file), 'utf8')));
  } catch (error) {
    note ||= `no report: ${error.message}`;
  }
  if (note && counts.failed === 0) counts = { ...counts, failed: 1 };
  return { ...counts, note };
}

/** A step that passes or fails as a whole. */
async function single(run) {
  const { ok, problem } = await run();
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, note: problem };
}

/** One picture through the whole chain with the original's layout at full width: the longest single check. */
async function parity() {
  const shared = process.env.STATUETTE_SHARED ?? join(ROOT, '../shared');
  if (!existsSync(join(shared, 'reference/golden/hanni'))) {
    process.stdout.write(
      'SKIPPED: the recorded runs of the original are not here (../shared or STATUETTE_SHARED).\n',
    );
    return { passed: 0, failed: 0, skipped: 1 };
  }
  return single(() =>
    runStep(inPackage('tsx/dist/cli.mjs'), ['bench/parity/run.ts', 'hanni'], { timeoutMs: 25 * MINUTE }),
  );
}

const STEPS = {
  surface: () => single(buildSurface),
  lint: () => single(() => runStep(inPackage('@biomejs/biome/bin/biome'), ['check', '.'], short)),
  types: () => single(() => runStep(inPackage('typescript/bin/tsc'), ['-p', '.'], short)),
  fast: () => vitest('fast'),
  unit: () => vitest('unit'),
  browser: () => vitest('browser'),
  build: () => single(() => buildApp()),
  e2e,
  parity,
};
const short = { timeoutMs: 10 * MINUTE };
const NEEDS_BROWSER = ['browser', 'e2e', 'parity'];
/** `fast` is a part of `unit`, so the whole check does without it. */
const WHOLE = Object.keys(STEPS).filter((name) => name !== 'fast');
const FAST = ['surface', 'lint', 'types', 'fast'];

function chosenSteps() {
  const names = Object.keys(STEPS);
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        fast: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(`npm test -- [--fast] [--only ${names.join(',')}]\n`);
      process.exit(0);
    }
    const only = values.only?.split(',').map((name) => name.trim()) ?? (values.fast ? FAST : WHOLE);
    const unknown = only.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`There is no step "${unknown}".`);
    return names.filter((name) => only.includes(name));
  } catch (error) {
    process.stderr.write(`${argumentProblem(error)}\n\nnpm test -- [--fast] [--only ${names.join(',')}]\n`);
    process.exit(2);
  }
}

async function runAll() {
  const steps = chosenSteps();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  let noBrowser = '';
  try {
    await setUpPackages();
    mkdirSync(join(ROOT, '.cache'), { recursive: true });
    if (steps.some((step) => NEEDS_BROWSER.includes(step))) {
      await findOrInstallBrowser().catch((error) => {
        if (!(error instanceof SetupError)) throw error;
        noBrowser = error.message;
      });
    }
  } catch (error) {
    process.stderr.write(`setup: ${error.message}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  for (const step of steps) {
    process.stdout.write(`\n=== ${step}\n`);
    const started = Date.now();
    const result =
      noBrowser && NEEDS_BROWSER.includes(step)
        ? { passed: 0, failed: 1, skipped: 0, note: noBrowser }
        : await STEPS[step]();
    for (const key of Object.keys(total)) total[key] += result[key];
    const seconds = Math.round((Date.now() - started) / 1000);
    const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`;
    lines.push(`${step.padEnd(8)} ${counts}, ${seconds} s${result.note ? ` (${result.note})` : ''}`);
    for (const failure of result.failures ?? [])
      lines.push(`         failed: ${failure.replace(`${ROOT}/`, '')}`);
  }
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return total;
}

const { passed, failed, skipped } = await runAll();
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`);
process.exit(failed > 0 ? 1 : 0);
