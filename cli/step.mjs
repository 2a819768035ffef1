/**
 * Runs one program with its output shown or logged, and kills it with all its children when it takes too long.
 * Plain Node, nothing installed: the first thing that runs on a fresh clone.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const WINDOWS = process.platform === 'win32';
const running = new Set();

function killTree(child, signal) {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    if (WINDOWS) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f']);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already: what we wanted.
  }
}

let signalsBound = false;

/** A child has a process group of its own (so that we can kill all of it), and so hears no Ctrl-C by itself. */
function passSignalsOn() {
  if (signalsBound) return;
  signalsBound = true;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(signal, () => {
      for (const child of running) killTree(child, 'SIGTERM');
      process.exit(code);
    });
  }
}

/**
 * @param {string} command program; a script of this repository or its packages runs in this very Node
 * @param {readonly string[]} args
 * @param {{ timeoutMs?: number, env?: Record<string, string>, log?: string }} [options] log: a file that the output
 *   is added to, instead of being shown
 * @returns {Promise<{ ok: boolean, problem: string }>} problem is empty when ok; never rejects
 */
export function runStep(command, args, options = {}) {
  passSignalsOn();
  return new Promise((done) => {
    const isScript = command.startsWith(ROOT);
    const output = options.log ? openSync(options.log, 'a') : 'inherit';
    const child = spawn(isScript ? process.execPath : command, isScript ? [command, ...args] : args, {
      cwd: ROOT,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...options.env },
      detached: !WINDOWS,
      shell: WINDOWS && command === 'npm',
    });
    if (options.log) closeSync(output);
    running.add(child);
    let timedOut = false;
    const timers = [];
    if (options.timeoutMs) {
      timers.push(
        setTimeout(() => {
          timedOut = true;
          killTree(child, 'SIGTERM');
          timers.push(setTimeout(() => killTree(child, 'SIGKILL'), 10_000));
        }, options.timeoutMs),
      );
    }
    const finish = (problem) => {
      for (const timer of timers) clearTimeout(timer);
      running.delete(child);
      // Whatever the program left behind (servers, browsers) goes with it.
      if (!WINDOWS) {
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // Nothing was left behind.
        }
      }
      done({ ok: problem === '', problem });
    };
    child.on('error', (error) => finish(`${command} could not start: ${error.message}`));
    child.on('exit', (code, signal) => {
      if (timedOut) finish(`stopped after ${Math.round(options.timeoutMs / 60_000)} minutes`);
      else if (signal) finish(`killed by ${signal}`);
      else finish(code === 0 ? '' : `exit code ${code}`);
    });
  });
}

/** npm itself, found the way that works when npm started us and when it did not. */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath;
  return npm && /npm-cli\.[cm]?js$/.test(npm)
    ? runStep(process.execPath, [npm, ...args], options)
    : runStep('npm', args, options);
}

/** Path of a script inside an installed package, for runStep. */
export const inPackage = (path) => join(ROOT, 'node_modules', path);

/** True when nobody listens on a port of this host name. */
export const isFree = (port, host = 'localhost') =>
  new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => answer(true)));
  });

/** First port from `from` on that nobody uses on this host name. */
export async function freePort(from, host = 'localhost') {
  for (let port = from; port < from + 200; port++) if (await isFree(port, host)) return port;
  throw new Error(`No free port between ${from} and ${from + 199}. Give one with --port.`);
}
