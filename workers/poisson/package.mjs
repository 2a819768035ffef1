/**
 * Makes dist/, what the package holds: JavaScript and types of index.ts and node.ts and what they import, the plain JavaScript
 * of the helper threads, and poisson.wasm. Run by `npm pack` and `npm publish`, or `node package.mjs`.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildPoisson } from './build.mjs';

const HERE = import.meta.dirname;
const DIST = join(HERE, 'dist');
/** Only where the module is compiled. */
const NOT_PACKED = /^(build|check-assembly|generate-abi|package)\./;

const wasm = await buildPoisson();
rmSync(DIST, { recursive: true, force: true });
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', join(HERE, 'tsconfig.package.json')], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);
for (const name of readdirSync(HERE))
  if (/\.m(js|ts)$/.test(name) && !NOT_PACKED.test(name)) copyFileSync(join(HERE, name), join(DIST, name));
// The compiler changes the endings of imports in JavaScript only.
for (const name of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.d.ts')) continue;
  const text = readFileSync(join(DIST, name), 'utf8');
  writeFileSync(join(DIST, name), text.replace(/(from '\.[^']*)\.ts'/g, "$1.js'"));
}
// In the package the file is always there, and the compiler is not.
const loader = join(DIST, 'load-module.node.mjs');
const lines = readFileSync(loader, 'utf8').split('\n');
writeFileSync(loader, lines.filter((line) => !/build\.mjs|buildPoisson/.test(line)).join('\n'));
copyFileSync(wasm, join(DIST, 'poisson.wasm'));
