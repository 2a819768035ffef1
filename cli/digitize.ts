/**
 * `npm run digitize`: the built app, headless, over photos. Per photo OUT/NAME/ with mesh, clouds, depth, normals, part
 * pictures and report.json. It is the way to batch-process, and the way we measure. Usage: digitize-flags.ts.
 * Exit code 0 only when every photo gave a mesh; 2 for a wrong command line.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { StageErrorData } from '../src/base/errors.ts';
import type { RunReport, SubjectId } from '../src/digitizer/types.ts';
import type { HeadlessEvent } from '../src/headless-contract.ts';
import { decodeJsonText } from '../src/intake/keypoints/json-text.ts';
import { BrowserMissing, launchBrowser } from './browser.ts';
import { explain, outputFolder } from './command-line.ts';
import { type DigitizeFlags, type PhotoJob, readFlags, USAGE } from './digitize-flags.ts';
import { type ProcessMemory, readPeaks, readResident, resetPeaks } from './process-memory.ts';
import { ROOT, type RunningServer, serve } from './serve.ts';

/** Stages that take long say how far they are in steps of this share. */
const PROGRESS_STEP = 0.25;

const say = (text: string) => process.stderr.write(`${text}\n`);

interface Tab {
  readonly tab: Page;
  readonly died: Promise<never>;
  readonly idle: ProcessMemory | null;
}

class RunFailed extends Error {}

const failure = (error: StageErrorData) => new RunFailed(`${error.stage}: ${error.message} ${error.fix}`);

function buildApp(): void {
  const args = [join(ROOT, 'cli/build.mjs'), '--if-stale', '--quiet'];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new RunFailed('The app did not build; the output is above.');
}

/** Prints what happens as lines; remembers the files of the photo in work. */
class Reporter {
  files: { path: string; sizeBytes: number }[] = [];
  private name = '';
  private lastShare = 0;

  begin(name: string): void {
    this.name = name;
    this.files = [];
    this.lastShare = 0;
  }

  take(event: HeadlessEvent): void {
    if (event.kind === 'file') this.files.push({ path: event.path, sizeBytes: event.sizeBytes });
    else if (event.kind === 'notice') say(`${this.name}  ${event.stage}: ${event.text}`);
    else this.takeState(event);
  }

  private takeState({ stage, state }: Extract<HeadlessEvent, { kind: 'stage' }>): void {
    if (state.kind === 'done') {
      const time = state.cached ? 'kept' : `${(state.elapsedMs / 1000).toFixed(1)} s`;
      say(`${this.name}  ${stage.padEnd(13)} ${time.padStart(8)}  ${state.detail}`);
      this.lastShare = 0;
    } else if (state.kind === 'running' && state.fraction < 1) {
      if (state.fraction < this.lastShare) this.lastShare = 0;
      if (state.fraction < this.lastShare + PROGRESS_STEP) return;
      this.lastShare = state.fraction;
      say(
        `${this.name}  ${stage.padEnd(13)} ${`${Math.round(state.fraction * 100)} %`.padStart(8)}  ${state.note}`,
      );
    }
  }
}

/** Opens the page and starts its worker with the pack. */
async function openTab(browser: Browser, server: RunningServer, flags: DigitizeFlags, reporter: Reporter) {
  const tab = await browser.newPage();
  // A page that dies answers no call: whoever waits for it must hear of it.
  const died = new Promise<never>((_, reject) => {
    tab.on('crash', () => {
      reject(
        new RunFailed(
          'The page ran out of memory or crashed. Close other programs, or take a smaller --depth.',
        ),
      );
    });
  });
  died.catch(() => {});
  tab.on('pageerror', (error) => say(`page: ${error.message}`));
  tab.on('response', (response) => {
    if (response.status() >= 400) say(`page: ${response.status()} ${new URL(response.url()).pathname}`);
  });
  await tab.exposeFunction('statuetteEvent', (event: HeadlessEvent) => reporter.take(event));
  await tab.goto(`${server.origin}/digitize.html`);
  await tab.waitForFunction(() => window.statuette !== undefined);
  const idle = await idleMemory(tab);
  if (flags.pack.files.length > 0) await tab.setInputFiles('#pack', [...flags.pack.files]);
  const start = tab.evaluate(([pack, options]) => window.statuette?.start(pack, options), [
    flags.pack.kind,
    flags.options,
  ] as const);
  const started = await Promise.race([start, died]);
  if (!started?.ok) throw started ? failure(started.error) : new RunFailed('The page did not start.');
  const { machine, pack } = started.value;
  if (flags.matting !== null) {
    await tab.setInputFiles('#matting', flags.matting);
    const use = tab.evaluate((options) => window.statuette?.useMatting(options), flags.options);
    const used = await Promise.race([use, died]);
    if (!used?.ok) throw used ? failure(used.error) : new RunFailed('The page did not take the network.');
    say(`people are cut out by ${used.value.name} (${used.value.kind})`);
  }
  say(
    `${machine.reason}${machine.adapter ? ` (${machine.adapter})` : ''}; pack ${pack.name} ${pack.version}`,
  );
  return { tab, died, idle };
}

/** What the page's processes hold before a pack is opened. */
async function idleMemory(tab: Page): Promise<ProcessMemory | null> {
  const session = await tab.context().browser()?.newBrowserCDPSession();
  const idle = session ? await readResident(session) : null;
  await session?.detach();
  return idle;
}

/**
 * One person, or with `--person all` everybody in the photo, one after the other. Who may be no person is left out; the first
 * run, which tells who is there, is of number 1 in any case.
 */
async function runPhoto(
  open: Tab,
  job: PhotoJob,
  flags: DigitizeFlags,
  server: RunningServer,
  reporter: Reporter,
) {
  if (flags.person !== 'all') return runPerson(open, job, flags, server, reporter, flags.person, '');
  let boxes: NonNullable<RunReport['people']>['boxes'] = [];
  for (let number = 1; number <= Math.max(1, boxes.length); number++) {
    const doubt = boxes[number - 1]?.doubt;
    if (doubt) {
      say(`${job.name}  person ${number} is left out, perhaps a ${doubt}; --person ${number} takes it`);
      continue;
    }
    const report = await runPerson(
      open,
      job,
      flags,
      server,
      reporter,
      `person ${number}`,
      `person-${number}`,
    );
    boxes = report.people?.boxes ?? [];
  }
}

/** @param folder below the photo's own; empty: that one itself. */
async function runPerson(
  { tab, died, idle }: Tab,
  job: PhotoJob,
  flags: DigitizeFlags,
  server: RunningServer,
  reporter: Reporter,
  subject: SubjectId,
  folder: string,
): Promise<RunReport> {
  const name = folder ? `${job.name}/${folder}` : job.name;
  reporter.begin(name);
  const session = await tab.context().browser()?.newBrowserCDPSession();
  if (session) await resetPeaks(session);
  await tab.setInputFiles('#photo', job.photo);
  await tab.setInputFiles('#mask', job.maskFile ?? []);
  const request = {
    name: job.name,
    poseJson: job.poseFile === null ? undefined : decodeJsonText(readFileSync(job.poseFile)),
    hasMask: job.maskFile !== null,
    options: flags.options,
    triangles: flags.triangles,
    formats: flags.formats,
    fileOptions: flags.fileOptions,
    save: flags.save,
    subject,
    target: `${server.secretPath}/out/${encodeURIComponent(job.name)}/${folder && `${folder}/`}`,
  };
  const answer = await Promise.race([tab.evaluate((r) => window.statuette?.run(r), request), died]);
  if (!answer?.ok) throw answer ? failure(answer.error) : new RunFailed('The page gave no answer.');
  const peakProcessMemory = session ? await readPeaks(session) : null;
  await session?.detach();
  const report = { ...answer.value, idleProcessMemory: idle, peakProcessMemory, files: reporter.files };
  const path = join(flags.out, job.name, folder);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  const { totalMs, simplified } = answer.value;
  const { triangles, boundaryEdges } = simplified ?? answer.value;
  say(
    `${name}  ${triangles.toLocaleString('en')} triangles, ${boundaryEdges} boundary edges, ` +
      `${(totalMs / 1000).toFixed(1)} s -> ${path}`,
  );
  return answer.value;
}

/** @returns the number of photos that gave no mesh. */
async function runAll(flags: DigitizeFlags): Promise<number> {
  outputFolder(flags.out);
  if (flags.build) buildApp();
  if (!existsSync(join(ROOT, 'dist/digitize.html'))) {
    throw new RunFailed('There is no built app. Run it without --no-build.');
  }
  const server = await serve({ root: join(ROOT, 'dist'), outputFolder: flags.out });
  const browser = await launchBrowser(flags.softwareGpu ? 'software' : 'auto');
  const reporter = new Reporter();
  let failed = 0;
  try {
    let open = await openTab(browser, server, flags, reporter);
    for (const job of flags.jobs) {
      try {
        await runPhoto(open, job, flags, server, reporter);
      } catch (error) {
        failed++;
        say(`${job.name}  failed: ${error instanceof Error ? error.message : String(error)}`);
        // A fresh page for the next photo: this one may be gone, or hold what made it fail.
        await open.tab.close().catch(() => {});
        if (job !== flags.jobs.at(-1)) open = await openTab(browser, server, flags, reporter);
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
  return failed;
}

async function main(): Promise<number> {
  try {
    const flags = readFlags(process.argv.slice(2));
    if (!flags) {
      process.stdout.write(USAGE);
      return 0;
    }
    const failed = await runAll(flags);
    if (failed > 0) say(`${failed} of ${flags.jobs.length} photos gave no mesh.`);
    return failed > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof RunFailed || error instanceof BrowserMissing) {
      say(error.message);
      return 1;
    }
    return explain('digitize', USAGE, error);
  }
}

process.exitCode = await main();
