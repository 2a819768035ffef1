/**
 * `npm start`: sets up what is missing, builds, and serves the app with the headers that shared memory needs.
 *   npm start -- [--port N] [--host [ADDRESS]] [--dev] [--no-open]
 * Plain Node, works on a fresh clone.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { argumentProblem } from './argument-problem.mjs';
import { buildApp, buildIsStale } from './build.mjs';
import { SetupError, setUp } from './setup.mjs';
import { freePort, inPackage, isFree, runStep } from './step.mjs';

const USAGE = `npm start -- [--port N] [--host ADDRESS] [--dev] [--no-open]
  --port N        port to serve on; the next free one from 4173 when not given
  --host ADDRESS  address to listen on; localhost when not given, 0.0.0.0 for every network
                  (browsers give shared memory and WebGPU to https and localhost only)
  --dev           serve the sources, with reload on change, instead of the built app
  --no-open       do not open the browser
`;

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string' },
        host: { type: 'string', default: 'localhost' },
        dev: { type: 'boolean', default: false },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const port = values.port === undefined ? null : Number(values.port);
    if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65536)) {
      throw new Error(`--port ${values.port} is not a port number.`);
    }
    return { ...values, port };
  } catch (error) {
    process.stderr.write(`${argumentProblem(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function waitForServer(url, deadlineMs) {
  const end = Date.now() + deadlineMs;
  while (Date.now() < end) {
    try {
      if ((await fetch(url)).ok) return true;
    } catch {
      // Not up yet.
    }
    await new Promise((next) => setTimeout(next, 200));
  }
  return false;
}

/** Opens the page where somebody sits in front of this machine; elsewhere the printed address is enough. */
function openBrowser(url) {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  const seated = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!seated || !process.stdout.isTTY) return;
  spawn(command, args, { stdio: 'ignore', detached: true }).on('error', () => {
    // No program to open it with; the address is on the screen.
  });
}

async function main() {
  const flags = readFlags();
  if (flags.help) {
    process.stdout.write(USAGE);
    return;
  }
  await setUp();
  if (!flags.dev && buildIsStale()) {
    process.stderr.write('start: building ...\n');
    const built = await buildApp({ quiet: true });
    if (!built.ok) throw new SetupError(`The app did not build (${built.problem}). The output is above.`);
  }
  const port = flags.port ?? (await freePort(4173, flags.host));
  if (flags.port !== null && !(await isFree(port, flags.host))) {
    throw new SetupError(`Port ${port} is in use. Take another one, or leave --port out.`);
  }
  const mode = flags.dev ? [] : ['preview'];
  const server = runStep(inPackage('vite/bin/vite.js'), [
    ...mode,
    ...['--port', String(port), '--strictPort', '--host', flags.host, '--logLevel', 'warn'],
  ]);
  const url = `http://${['0.0.0.0', '::'].includes(flags.host) ? 'localhost' : flags.host}:${port}/`;
  const up = await Promise.race([waitForServer(url, 120_000), server.then(() => false)]);
  if (up) {
    process.stdout.write(`Statuette is at ${url} (Ctrl-C stops it)\n`);
    if (!flags['no-open']) openBrowser(url);
  }
  const { ok, problem } = await server;
  if (!ok) throw new SetupError(`The server stopped (${problem}).`);
}

main().catch((error) => {
  process.stderr.write(`start: ${error.message}\n`);
  process.exitCode = 1;
});
