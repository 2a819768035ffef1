/**
 * Makes a fresh clone ready: packages, the surface module, a browser for the tests. Does only what is missing.
 * Plain Node, nothing installed. `npm run setup` does all of it; start and test call what they need.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inPackage, ROOT, runNpm, runStep } from './step.mjs';

/** A sentence for the person, with what to do; start and test print it without a stack. */
export class SetupError extends Error {}

const say = (text) => process.stderr.write(`setup: ${text}\n`);

/** Vite 8 asks for 20.19 or later, or 22.12 or later. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!fits) {
    throw new SetupError(
      `Statuette needs Node 20.19 or later, or 22.12 or later; this is ${version}. Get a newer one at nodejs.org.`,
    );
  }
}

/**
 * True when every package of package-lock.json is in node_modules in the very version. npm writes
 * node_modules/.package-lock.json as its last act, so an interrupted installation counts as none.
 */
export function packagesAreInstalled(root = ROOT) {
  const installedFile = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    // Packages for other systems are listed but not installed.
    if (!installed[path]) return Boolean(entry.optional);
    return installed[path].version === entry.version && existsSync(join(root, path));
  });
}

async function installPackages() {
  if (packagesAreInstalled()) return;
  say('installing packages (npm ci) ...');
  const { ok, problem } = await runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  if (!ok) {
    throw new SetupError(
      `npm ci did not finish (${problem}). Check the network and the npm registry, then try again.`,
    );
  }
}

/** Compiles the surface solver to WebAssembly; quick when it is up to date. */
export const buildSurface = (options = {}) => runStep(join(ROOT, 'workers/poisson/build.mjs'), [], options);

/**
 * A shim that only says "install the snap" is a file too: the browser has to answer. On Windows `--version` would open
 * a window instead, and there are no such shims.
 */
function answers(path) {
  if (!path || !existsSync(path)) return false;
  if (process.platform === 'win32') return true;
  return spawnSync(path, ['--version'], { timeout: 60_000, stdio: 'ignore' }).status === 0;
}

async function installedBrowser() {
  const { tsImport } = await import(pathToFileURL(inPackage('tsx/dist/esm/api/index.mjs')).href);
  const { findChromium } = await tsImport('./chromium.ts', import.meta.url);
  const found = findChromium();
  if (answers(found)) return found;
  const { chromium } = await import(pathToFileURL(inPackage('playwright-core/index.mjs')).href);
  const own = chromium.executablePath();
  return answers(own) ? own : null;
}

/**
 * Finds a Chrome or Chromium that starts, or installs one: by apt-get as root on Debian and Ubuntu, else by
 * Playwright. Sets STATUETTE_CHROMIUM for everything started from here.
 * @returns {Promise<string>} its path
 */
export async function findOrInstallBrowser() {
  if (process.env.STATUETTE_CHROMIUM && !answers(process.env.STATUETTE_CHROMIUM)) {
    throw new SetupError(
      `STATUETTE_CHROMIUM is ${process.env.STATUETTE_CHROMIUM}, which does not start. Correct it or unset it.`,
    );
  }
  let path = await installedBrowser();
  const isRoot = typeof process.getuid === 'function' && process.getuid() === 0;
  if (!path && isRoot && existsSync('/usr/bin/apt-get')) {
    say('installing Chromium (apt-get) ...');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const updated = await runStep('apt-get', ['update'], { env, timeoutMs: 300_000 });
    if (updated.ok) await runStep('apt-get', ['install', '-y', 'chromium'], { env, timeoutMs: 900_000 });
    path = await installedBrowser();
  }
  if (!path) {
    say('installing Chromium (playwright install) ...');
    await runStep(inPackage('playwright/cli.js'), ['install', 'chromium'], { timeoutMs: 900_000 });
    path = await installedBrowser();
  }
  if (!path) {
    throw new SetupError(
      'There is no Chrome or Chromium and none could be installed. Install one, or set STATUETTE_CHROMIUM to its path.',
    );
  }
  process.env.STATUETTE_CHROMIUM = path;
  return path;
}

/** Node version and packages: without these nothing runs. */
export async function setUpPackages() {
  checkNode();
  await installPackages();
}

/** Packages and surface module: what the app needs. */
export async function setUp() {
  await setUpPackages();
  const { ok, problem } = await buildSurface();
  if (!ok) throw new SetupError(`The surface module did not build (${problem}). Its output is above.`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [option] = process.argv.slice(2);
  if (option !== undefined) {
    const asked = option === '--help' || option === '-h';
    const usage =
      'npm run setup: packages, the surface module and a browser for the tests; it has no options.\n';
    if (asked) process.stdout.write(usage);
    else process.stderr.write(`There is no option ${option}.\n\n${usage}`);
    process.exit(asked ? 0 : 2);
  }
  try {
    await setUp();
    say(`ready; the tests will use ${await findOrInstallBrowser()}`);
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
