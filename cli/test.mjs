/**
 * `npm test`: sets up what is missing, then runs every check to the end, whatever fails on the way:
 * the surface module, lint, types, unit tests, browser tests, build, end-to-end tests, parity with the recorded runs of the
 * original. The end names what failed, and the last line counts them all.
 *   npm test -- [--only surface,lint,types,unit,browser,build,e2e,parity] [--fast] [--serial]
 * --fast is the daily loop: surface, lint, types and the unit tests that are quick.
 * Two steps at a time where cores and memory allow (a browser test hardly ever keeps two cores busy); what a step says is
 * then shown when it ends, and stands in .cache/test-NAME.log meanwhile. --serial: one after the other, live.
 * Surface, lint, types, build and parity count as one test each; parity is skipped aloud without its reference data.
 * Plain Node, works on a fresh clone.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { argumentProblem } from './argument-problem.mjs';
import { buildApp } from './build.mjs';
import { countPlaywright, countVitest } from './count-tests.mjs';
import { buildSurface, findOrInstallBrowser, SetupError, setUpPackages } from './setup.mjs';
import { freePort, inPackage, ROOT, runStep } from './step.mjs';

const MINUTE = 60_000;
/** What two steps may hold at once: two browsers with networks, and the runners. */
const MEMORY_FOR_TWO = 12 * 2 ** 30;

async function vitest(project, log) {
  const file = `.cache/${project}-report.json`;
  return withReport(file, countVitest, () =>
    runStep(
      inPackage('vitest/vitest.mjs'),
      [
        ...['run', '--project', project, '--reporter=default'],
        ...['--reporter=json', `--outputFile.json=${file}`],
      ],
      { timeoutMs: 30 * MINUTE, log },
    ),
  );
}

async function e2e(log) {
  const port = String(await freePort(4180));
  return withReport('.cache/e2e-report.json', countPlaywright, () =>
    runStep(inPackage('@playwright/test/cli.js'), ['test'], {
      timeoutMs: 45 * MINUTE,
      log,
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
async function parity(log) {
  const shared = process.env.STATUETTE_SHARED ?? join(ROOT, '../shared');
  if (!existsSync(join(shared, 'reference/golden/hanni'))) {
    process.stdout.write(
      'SKIPPED: the recorded runs of the original are not here (../shared or STATUETTE_SHARED).\n',
    );
    return { passed: 0, failed: 0, skipped: 1 };
  }
  return single(() =>
    runStep(inPackage('tsx/dist/cli.mjs'), ['bench/parity/run.ts', 'hanni'], { timeoutMs: 25 * MINUTE, log }),
  );
}

/** In the order in which they begin: the longest early, so that nothing long is left alone at the end. */
const STEPS = {
  surface: (log) => single(() => buildSurface({ log })),
  build: (log) => single(() => buildApp({ log })),
  e2e,
  lint: (log) => single(() => runStep(inPackage('@biomejs/biome/bin/biome'), ['check', '.'], short(log))),
  types: (log) => single(() => runStep(inPackage('typescript/bin/tsc'), ['-p', '.'], short(log))),
  fast: (log) => vitest('fast', log),
  browser: (log) => vitest('browser', log),
  unit: (log) => vitest('unit', log),
  parity,
};
const short = (log) => ({ timeoutMs: 10 * MINUTE, log });
/** Steps that wait for others, where those run at all. */
const AFTER = { e2e: ['build'], parity: ['build'] };
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
        serial: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(`npm test -- [--fast] [--only ${names.join(',')}] [--serial]\n`);
      process.exit(0);
    }
    const only = values.only?.split(',').map((name) => name.trim()) ?? (values.fast ? FAST : WHOLE);
    const unknown = only.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`There is no step "${unknown}".`);
    const chosen = names.filter((name) => only.includes(name));
    const room = availableParallelism() >= 2 && totalmem() >= MEMORY_FOR_TWO;
    return { steps: chosen, atOnce: values.serial || !room || chosen.length < 2 ? 1 : 2 };
  } catch (error) {
    process.stderr.write(
      `${argumentProblem(error)}\n\nnpm test -- [--fast] [--only ${names.join(',')}] [--serial]\n`,
    );
    process.exit(2);
  }
}

/** Runs one step and says how it went. @param log where its output goes; undefined: it is shown live. */
async function runNamed(step, noBrowser, log) {
  process.stdout.write(`\n=== ${step}${log ? ' begins' : ''}\n`);
  const started = Date.now();
  const result =
    noBrowser && NEEDS_BROWSER.includes(step)
      ? { passed: 0, failed: 1, skipped: 0, note: noBrowser }
      : await STEPS[step](log);
  if (log) {
    const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
    process.stdout.write(`\n=== ${step}\n${said}`);
  }
  return { ...result, seconds: Math.round((Date.now() - started) / 1000) };
}

/** Every step once, in order, as many at a time as told; none begins before those it comes after have ended. */
async function runSteps(steps, atOnce, run) {
  const waiting = [...steps];
  const results = new Map();
  const isReady = (step) =>
    results.has('surface') || !steps.includes('surface')
      ? (AFTER[step] ?? []).every((other) => results.has(other) || !steps.includes(other))
      : step === 'surface';
  const running = new Set();
  while (waiting.length > 0 || running.size > 0) {
    const next = running.size < atOnce ? waiting.findIndex(isReady) : -1;
    if (next >= 0) {
      const [step] = waiting.splice(next, 1);
      const work = run(step).then((result) => {
        results.set(step, result);
        running.delete(work);
      });
      running.add(work);
    } else await Promise.race(running);
  }
  return results;
}

async function runAll() {
  const { steps, atOnce } = chosenSteps();
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
  const results = await runSteps(steps, atOnce, (step) => {
    const log = atOnce > 1 ? join(ROOT, `.cache/test-${step}.log`) : undefined;
    if (log) rmSync(log, { force: true });
    return runNamed(step, noBrowser, log);
  });
  for (const [step, result] of results) {
    for (const key of Object.keys(total)) total[key] += result[key];
    const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`;
    lines.push(`${step.padEnd(8)} ${counts}, ${result.seconds} s${result.note ? ` (${result.note})` : ''}`);
    for (const failure of result.failures ?? [])
      lines.push(`         failed: ${failure.replace(`${ROOT}/`, '')}`);
  }
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return total;
}

const { passed, failed, skipped } = await runAll();
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`);
process.exit(failed > 0 ? 1 : 0);
