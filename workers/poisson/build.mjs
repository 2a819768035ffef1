/**
 * Compiles assembly/ to build/poisson.wasm with AssemblyScript (about 4 s; skipped when nothing changed), and writes what the
 * host must know of it into abi.generated.mjs and .d.mts: the constants marked @abi and the types of the exports. These two
 * are part of the repository, so that types are checked without a build; build.test.ts compares them.
 * Run by `npm run build:surface`; tests and the command line ask load-module.node.mjs for the compiled module.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateAbi } from './generate-abi.mjs';

const HERE = import.meta.dirname;
const OUT = join(HERE, 'build');

/** What the compiler is told; a change here rebuilds. */
const FLAGS = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--initialMemory',
  '16',
  '--maximumMemory',
  '65536',
  '--enable',
  'simd',
  '--enable',
  'bulk-memory',
  '--enable',
  'threads',
];

/** Sources of the module, in order of their names. */
const readAssembly = () =>
  readdirSync(join(HERE, 'assembly'))
    .sort()
    .map((name) => readFileSync(join(HERE, 'assembly', name), 'utf8'));

function fingerprint() {
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  const hash = createHash('sha256').update(FLAGS.join(' ')).update(version);
  for (const name of readdirSync(join(HERE, 'assembly')).sort()) {
    hash.update(name).update(readFileSync(join(HERE, 'assembly', name)));
  }
  return hash.digest('hex');
}

/** Builds when needed; returns the path of poisson.wasm. */
export async function buildPoisson() {
  const wasm = join(OUT, 'poisson.wasm');
  const stamp = join(OUT, 'poisson.stamp');
  const wanted = fingerprint();
  if (existsSync(wasm) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return wasm;
  mkdirSync(OUT, { recursive: true });
  // Only when needed: a TypeScript loader takes seconds and over a gigabyte to read the compiler.
  const { default: asc } = await import('assemblyscript/asc');
  // Several processes may build at once: each writes its own file, the last rename wins.
  const own = `poisson.${process.pid}.wasm`;
  const types = own.replace('.wasm', '.d.ts');
  const { error, stderr } = await asc.main(
    ['assembly/index.ts', '--baseDir', HERE, '--outFile', join('build', own), '--bindings', 'raw', ...FLAGS],
    {},
  );
  if (error) throw new Error(`the surface module does not compile\n${stderr.toString()}`);
  for (const [name, text] of generateAbi(readAssembly(), readFileSync(join(OUT, types), 'utf8'))) {
    const file = join(HERE, name);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
  }
  rmSync(join(OUT, types));
  rmSync(join(OUT, own.replace('.wasm', '.js')));
  renameSync(join(OUT, own), wasm);
  writeFileSync(stamp, wanted);
  return wasm;
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  const begun = performance.now();
  const path = await buildPoisson();
  console.log(
    `${path.slice(HERE.length + 1)}: ${readFileSync(path).length} bytes, ${Math.round(performance.now() - begun)} ms`,
  );
}
