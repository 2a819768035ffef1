/**
 * `npm run walk`: somebody's first two minutes in the built app, by script, with a video: .cache/walk/two-minutes.webm.
 * It fails when a step does. With --states instead: pictures of every state of the page at three sizes in both themes, in
 * .cache/states; --only NAME takes some of them.
 *   npm run walk -- [--states [--only first,wait,figure,...]] [--no-video]
 * The video is Playwright's own, which wants its ffmpeg: it is fetched once, or that of the PATH is taken.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { argumentProblem } from './argument-problem.mjs';
import { buildApp, buildIsStale } from './build.mjs';
import { findOrInstallBrowser, SetupError, setUpPackages } from './setup.mjs';
import { freePort, inPackage, ROOT, runStep } from './step.mjs';

const PLAYWRIGHT = '@playwright/test/cli.js';
const TOOLS = join(ROOT, '.cache/video-tools');

/** Where this version of Playwright looks for its ffmpeg below a browsers' folder, or null when it does not say. */
function placeOfFfmpeg(browsers) {
  const said = execFileSync(process.execPath, [inPackage(PLAYWRIGHT), 'install', '--dry-run', 'ffmpeg'], {
    env: { ...process.env, ...(browsers && { PLAYWRIGHT_BROWSERS_PATH: browsers }) },
    encoding: 'utf8',
  });
  const folder = /Install location:\s+(\S.*)/.exec(said)?.[1].trim();
  const name = { darwin: 'ffmpeg-mac', win32: 'ffmpeg-win64.exe' }[process.platform] ?? 'ffmpeg-linux';
  return folder ? join(folder, name) : null;
}

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** @returns {Promise<Record<string, string>>} what the walk's environment needs for a video. */
async function videoEnvironment() {
  const own = placeOfFfmpeg();
  if (own && existsSync(own)) return {};
  const linked = placeOfFfmpeg(TOOLS);
  const other = process.platform === 'win32' ? undefined : onPath('ffmpeg');
  if (linked && other) {
    mkdirSync(dirname(linked), { recursive: true });
    if (!existsSync(linked)) symlinkSync(other, linked);
    return { PLAYWRIGHT_BROWSERS_PATH: TOOLS };
  }
  const { ok } = await runStep(inPackage(PLAYWRIGHT), ['install', 'ffmpeg'], { timeoutMs: 300_000 });
  if (ok && own && existsSync(own)) return {};
  process.stdout.write('There is no ffmpeg and none could be fetched: the walk goes on without its video.\n');
  return { STATUETTE_NO_VIDEO: '1' };
}

async function main() {
  const options = {
    states: { type: 'boolean', default: false },
    only: { type: 'string' },
    'no-video': { type: 'boolean', default: false },
  };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    process.stderr.write(`${argumentProblem(error)}\n`);
    return 2;
  }
  if (values.only && !values.states) {
    process.stderr.write('--only names states: write --states --only NAME.\n');
    return 2;
  }
  await setUpPackages();
  await findOrInstallBrowser();
  if (buildIsStale()) {
    const built = await buildApp({ quiet: true });
    if (!built.ok) return 1;
  }
  const env = {
    STATUETTE_WALK_PORT: String(await freePort(4175)),
    ...(values.states || values['no-video'] ? { STATUETTE_NO_VIDEO: '1' } : await videoEnvironment()),
  };
  const args = ['test', '--config', 'e2e/walks/playwright.config.ts', '--project'];
  args.push(values.states ? 'states' : 'two-minutes');
  if (values.only) args.push('--grep', values.only.split(',').join('|'));
  const { ok, problem } = await runStep(inPackage(PLAYWRIGHT), args, { env, timeoutMs: 1_800_000 });
  if (problem) process.stderr.write(`${problem}\n`);
  if (ok) process.stdout.write(`See .cache/${values.states ? 'states' : 'walk/two-minutes.webm'}\n`);
  return ok ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof SetupError ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
