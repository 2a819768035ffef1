/**
 * How long does work block the page? `npm run bench -- long-tasks [--no-build] [SAMPLE...]` runs samples through the built app (not
 * minified, so that functions have names), networks and kernels on the processor, and looks at every view afterwards. It
 * prints the tasks of the page's main thread over 50 ms: when, how long by the clock, how long of the processor's time (on
 * a busy machine a task may wait in its middle), and the functions that took most of it. Figures: bench/long-tasks.md.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from '../cli/chromium.ts';
import { serve } from '../cli/serve.ts';
import { VIEW_IDS } from '../src/store/view-state.ts';

const ROOT = join(import.meta.dirname, '..');
const BUILT = join(ROOT, '.cache/long-tasks');
/** What the Long Tasks specification calls long, ms. */
const LONG_MS = 50;
const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8.execute'];
/** Begins where the last one ended; work of a phase may end a little in the next. */
const PHASES = ['open', 'run', ...VIEW_IDS] as const;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Start, and length by the clock and of the thread's own time; microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: {
    readonly name?: string;
    readonly data?: { readonly functionName?: string; readonly url?: string; readonly lineNumber?: number };
  };
}

interface Task {
  readonly atMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly work: string;
}

/** Turns of the message loop, as DevTools and as Chromium itself calls them: one inside the other. */
const TURNS = ['RunTask', 'ThreadControllerImpl::RunTask'] as const;

/** Tasks of the page's main thread, with the deepest parts that account for most of each. */
function longTasks(events: readonly TraceEvent[], origin: string): Task[] {
  // Chromium's own panels are renderers, too; workers are threads of other names.
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const main = mains
    .map((thread) => events.filter(({ pid, tid }) => pid === thread.pid && tid === thread.tid))
    .find((list) => list.some(({ args }) => args?.data?.url?.startsWith(origin)));
  if (!main) return [];
  const timed = main.filter(({ ph, dur }) => ph === 'X' && dur !== undefined);
  const turn = TURNS.find((wanted) => timed.some(({ name }) => name === wanted));
  const begin = Math.min(...timed.map(({ ts }) => ts));
  return timed
    .filter(({ name, dur = 0 }) => name === turn && dur >= LONG_MS * 1000)
    .map((task) => {
      const inside = timed
        .filter(({ ts, dur = 0, name }) => {
          return (
            !TURNS.some((other) => other === name) && ts >= task.ts && ts + dur <= task.ts + (task.dur ?? 0)
          );
        })
        .sort((a, b) => (b.tdur ?? b.dur ?? 0) - (a.tdur ?? a.dur ?? 0));
      const told = new Map<string, number>();
      for (const { name, dur = 0, tdur = dur, args } of inside) {
        const { functionName, url, lineNumber } = args?.data ?? {};
        const place = url ? ` ${functionName || '?'} ${url.replace(/.*\//, '')}:${lineNumber ?? '?'}` : '';
        const label = `${name}${place}`;
        if (tdur >= 10_000 && !told.has(label)) told.set(label, tdur / 1000);
      }
      const work = [...told].slice(0, 5).map(([label, ms]) => `${label} ${Math.round(ms)}`);
      return {
        atMs: (task.ts - begin) / 1000,
        wallMs: (task.dur ?? 0) / 1000,
        cpuMs: (task.tdur ?? task.dur ?? 0) / 1000,
        work: work.join('; '),
      };
    });
}

const { positionals: wanted, values } = parseArgs({
  allowPositionals: true,
  options: { 'no-build': { type: 'boolean' } },
});
const build = [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--minify', 'false', '--outDir', BUILT];
if (!values['no-build']) {
  spawnSync(process.execPath, [...build, '--emptyOutDir', '--logLevel', 'error'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}
const server = await serve({ root: BUILT });
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: [...CHROMIUM_FLAGS, '--disable-features=WebGPU'],
});
try {
  // Without keypoints, as a visitor's photo; and a sample with a mask.
  for (const sample of wanted.length > 0 ? wanted : ['bomber-jacket', 'white-jacket']) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    for (const phase of PHASES) {
      await browser.startTracing(page, { categories: CATEGORIES });
      if (phase === 'open') {
        await page.goto(server.origin);
        await page.getByTestId(`sample-${sample}`).waitFor();
        await page.locator('[data-testid="machine-line"][data-state="ready"]').waitFor({ timeout: 120_000 });
      } else if (phase === 'run') {
        await page.getByTestId(`sample-${sample}`).click();
        await page.locator('[data-testid="stage-surface"][data-state="done"]').waitFor({ timeout: 600_000 });
        await page.getByTestId('run-total').waitFor();
      } else await page.getByTestId(`view-${phase}`).click();
      await page.waitForTimeout(3000);
      const { traceEvents } = JSON.parse((await browser.stopTracing()).toString('utf8'));
      const tasks = longTasks(traceEvents, server.origin);
      const long = tasks.filter(({ cpuMs }) => cpuMs >= LONG_MS);
      console.log(
        `${sample}, ${phase}: ${tasks.length} tasks over ${LONG_MS} ms by the clock, ${long.length} by the processor's time`,
      );
      for (const { atMs, wallMs, cpuMs, work } of tasks.sort((a, b) => b.cpuMs - a.cpuMs).slice(0, 12)) {
        const at = `${(atMs / 1000).toFixed(1)} s`.padStart(8);
        console.log(`${at} ${wallMs.toFixed(0).padStart(6)} ms ${cpuMs.toFixed(0).padStart(6)} cpu  ${work}`);
      }
    }
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
}
