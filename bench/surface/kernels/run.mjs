/**
 * The solver's hot kernels compiled by AssemblyScript (as they are) and by clang (kernels.c, the same line by line), on
 * the same memory and the same data: 1 M points on a sphere, splat, steps of conjugate gradients, marching cubes.
 *   npm i --no-save @yowasp/clang && node bench/surface/kernels/run.mjs [--clang FOLDER] [--rounds 9]
 * --clang: where @yowasp/clang is installed when not here. Prints, and writes bench/surface-kernels.md.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import asc from 'assemblyscript/asc';

const ROOT = resolve(import.meta.dirname, '../../..');
const POISSON = join(ROOT, 'workers/poisson');
const { values: flags } = parseArgs({
  options: { clang: { type: 'string', default: ROOT }, rounds: { type: 'string', default: '9' } },
});
const rounds = Number(flags.rounds);

/** Our kernels behind flat functions; everything else is the product's own code. */
const ENTRY = `
import { Level, createLevel, numberMarked } from '../assembly/level';
import { gatherHalo, HALO_BYTES } from '../assembly/halo';
import { stiffness } from '../assembly/stencil';
import { advanceJob, turnJob } from '../assembly/gradient';
import { countJob, verticesJob } from '../assembly/extract';
import { markJob, splatEvenJob } from '../assembly/splat';
import { sampleBlocks } from '../assembly/sample-blocks';
import { allocate, allocateZeroed } from '../assembly/memory';
import { laneSum } from '../assembly/weights';
import { S, scratch } from '../assembly/state';
export { begin, setFrame, positionsAt, normalsAt, areasAt, cubeTableAt } from '../assembly/index';
let level: Level = changetype<Level>(0);
export function make(): i32 {
  level = createLevel(S.depth);
  S.jobLevel = changetype<usize>(level);
  markJob(0, sampleBlocks());
  return numberMarked(level);
}
export function reserve(bytes: u32): usize { return allocateZeroed(bytes); }
export function tableAt(): usize { return level.table; }
export function bricksAt(): usize { return level.bricks; }
export function sideOf(): i32 { return level.side; }
export function setFields(u: usize, r: usize, p: usize, q: usize, d: usize, partials: usize): void {
  level.u = u; level.r = r; level.p = p; level.q = q; level.d = d;
  S.jobLevel = changetype<usize>(level);
  S.jobPartials = partials;
}
export function splat(order: usize, count: i32, field: usize): void {
  S.slabs = 1; S.order = order; S.jobTo = field;
  S.slabStart = allocate(8);
  store<i32>(S.slabStart, 0); store<i32>(S.slabStart, count, 4);
  splatEvenJob(0, 1);
}
export function apply(): void {
  for (let b = 0; b < level.brickCount; b++) {
    gatherHalo(level, level.p, b, scratch);
    const out = level.q + <usize>b * 2048;
    stiffness(scratch, out, scratch + HALO_BYTES);
    let sum: v128 = i64x2.splat(0);
    const p = level.p + <usize>b * 2048;
    for (let i: usize = 0; i < 2048; i += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(p + i), v128.load(out + i)));
    store<f32>(S.jobPartials + (<usize>b << 2), laneSum(sum));
  }
}
export function advance(factor: f32): void { S.jobFactor = factor; advanceJob(0, level.brickCount); }
export function turn(factor: f32): void { S.jobFactor = factor; turnJob(0, level.brickCount); }
export function count(records: usize, iso: f32): void { S.jobPartials = records; S.isoValue = iso; countJob(0, level.brickCount); }
export function vertices(records: usize, positions: usize, normals: usize): void {
  S.jobPartials = records; S.vertices = positions; S.vertexNormals = normals;
  verticesJob(0, level.brickCount);
}
`;

async function compileOurs() {
  mkdirSync(join(POISSON, 'build'), { recursive: true });
  const entry = join(POISSON, 'build/kernels.ts');
  writeFileSync(entry, ENTRY);
  try {
    // The product's own flags: build.mjs.
    const flagsText = /const FLAGS = (\[[^\]]*\])/.exec(readFileSync(join(POISSON, 'build.mjs'), 'utf8'))[1];
    const ours = [...flagsText.matchAll(/'([^']+)'/g)].map((match) => match[1]);
    const out = 'build/kernels.wasm';
    const { error, stderr } = await asc.main([
      'build/kernels.ts',
      '--baseDir',
      POISSON,
      '--outFile',
      out,
      ...ours,
    ]);
    if (error) throw new Error(stderr.toString());
    return readFileSync(join(POISSON, out));
  } finally {
    rmSync(entry, { force: true });
    rmSync(join(POISSON, 'build/kernels.wasm'), { force: true });
  }
}

/** @param base where its static variables lie: the memory is shared with our module. */
async function compileClang(base) {
  const from = createRequire(pathToFileURL(join(resolve(flags.clang), 'package.json')));
  const folder = join(from.resolve.paths('@yowasp/clang')[0], '@yowasp/clang');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { runClang } = await import(pathToFileURL(join(folder, 'gen/bundle.js')).href);
  const options = ['-O3', '-msimd128', '-mbulk-memory', '-ffp-contract=off', '--target=wasm32', '-nostdlib'];
  const linker = ['--no-entry', '--import-memory', '--export=__stack_pointer', `--global-base=${base}`];
  const files = await runClang(
    ['clang', ...options, ...linker.map((flag) => `-Wl,${flag}`), 'kernels.c', '-o', 'out.wasm'],
    { 'kernels.c': readFileSync(join(import.meta.dirname, 'kernels.c'), 'utf8') },
  );
  return { wasm: files['out.wasm'], version, options };
}

const POINTS = 1_000_000;
const DEPTH = 9;
const RADIUS = 0.5;
/** Cells across the sphere: about 5 million nodes in bricks, as a person at depth 9 to 10 has. */
const ACROSS = 300;

const begun = performance.now();
const oursWasm = await compileOurs();
const oursCompileMs = performance.now() - begun;
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
const env = {
  memory,
  fail: (code, detail) => {
    throw new Error(`module failed: ${code}, ${detail}`);
  },
  progress: () => {},
};
const { instance } = await WebAssembly.instantiate(oursWasm, { env });
const a = instance.exports;
a.begin(POINTS, 0, 0);
const scale = ACROSS / (2 * RADIUS);
const origin = -(2 ** DEPTH) / 2 / scale;
a.setFrame(DEPTH, origin, origin, origin, scale);
const f32 = (at, length) => new Float32Array(memory.buffer, at, length);
const golden = Math.PI * (3 - Math.sqrt(5));
for (let i = 0; i < POINTS; i++) {
  const z = 1 - (2 * i + 1) / POINTS;
  const r = Math.sqrt(1 - z * z);
  const normal = [r * Math.cos(golden * i), r * Math.sin(golden * i), z];
  f32(a.normalsAt(), POINTS * 3).set(normal, i * 3);
  f32(a.positionsAt(), POINTS * 3).set(
    normal.map((value) => value * RADIUS),
    i * 3,
  );
}
f32(a.areasAt(), POINTS).fill((4 * Math.PI * RADIUS ** 2) / POINTS);
const bricks = a.make();
const nodes = bricks * 512;
const names = ['u', 'r', 'p', 'q', 'd'];
const field = Object.fromEntries(names.map((name) => [name, a.reserve(nodes * 4)]));
const splatted = a.reserve(nodes * 16);
const order = a.reserve(POINTS * 4);
new Uint32Array(memory.buffer, order, POINTS).forEach((_, i, all) => {
  all[i] = i;
});
const partials = a.reserve(bricks * 4);
const records = a.reserve(bricks * 400);
const scratch = a.reserve(65536);
const stack = a.reserve(65536);
a.setFields(...names.map((name) => field[name]), partials);

const cubes = new Uint8Array(memory.buffer, a.cubeTableAt(), 256);
// Stands for the triangle counts of cube-table.ts; both modules read it.
cubes.forEach((_, mask) => {
  cubes[mask] = mask === 0 || mask === 255 ? 0 : 1 + (mask % 5);
});

// A page for clang's static variables; its stack ends where the block does.
const statics = (a.reserve(131072) + 65535) & ~65535;
const clangBegun = performance.now();
const clang = await compileClang(statics);
const clangCompileMs = performance.now() - clangBegun;
const { instance: other } = await WebAssembly.instantiate(clang.wasm, { env: { memory } });
const c = other.exports;
c.__stack_pointer.value = stack + 65520;
const ISO = 0.25;
c.configure(
  a.tableAt(),
  a.bricksAt(),
  a.sideOf(),
  bricks,
  DEPTH,
  ISO,
  scale,
  origin,
  origin,
  origin,
  a.cubeTableAt(),
);

/** Fields as a solve has them: u the distance to the sphere, the others waves. */
function fillFields() {
  const table = new Uint32Array(memory.buffer, a.bricksAt(), bricks);
  const centre = 2 ** (DEPTH - 1);
  const [u, r, p, d] = ['u', 'r', 'p', 'd'].map((name) => f32(field[name], nodes));
  for (let b = 0, at = 0; b < bricks; b++) {
    const corner = [table[b] & 1023, (table[b] >> 10) & 1023, table[b] >> 20].map(
      (value) => value * 8 - centre,
    );
    for (let k = 0; k < 512; k++, at++) {
      const x = corner[0] + (k & 7);
      const y = corner[1] + ((k >> 3) & 7);
      const z = corner[2] + (k >> 6);
      u[at] = Math.sqrt(x * x + y * y + z * z) - ACROSS / 2 + 0.3;
      r[at] = Math.sin(at * 0.37);
      p[at] = Math.cos(at * 0.21);
      d[at] = 0.1 + 0.05 * Math.sin(at * 0.11);
    }
  }
}

const STEPS = 10;
let found = 0;
const kernels = [
  {
    name: `splat of ${POINTS / 1e6} M points`,
    prepare: () => f32(splatted, nodes * 4).fill(0),
    ours: () => a.splat(order, POINTS, splatted),
    clang: () => c.splat(a.positionsAt(), a.normalsAt(), a.areasAt(), order, POINTS, splatted),
    result: () => f32(splatted, nodes * 4),
  },
  {
    name: `${STEPS} steps of conjugate gradients`,
    prepare: fillFields,
    ours() {
      for (let k = 0; k < STEPS; k++) {
        a.apply();
        a.advance(0.01);
        a.turn(0.3);
      }
    },
    clang() {
      for (let k = 0; k < STEPS; k++) {
        c.apply(field.p, field.q, partials, scratch);
        c.advance(field.u, field.r, field.p, field.q, field.d, 0.01, partials);
        c.turn(field.p, field.r, field.d, 0.3);
      }
    },
    result: () => f32(field.u, nodes),
  },
  {
    name: 'of these, stencil alone',
    prepare: fillFields,
    ours() {
      for (let k = 0; k < STEPS; k++) a.apply();
    },
    clang() {
      for (let k = 0; k < STEPS; k++) c.apply(field.p, field.q, partials, scratch);
    },
    result: () => f32(field.q, nodes),
  },
  {
    name: 'marching cubes: count',
    prepare: () => fillFields(),
    ours: () => a.count(records, ISO),
    clang: () => c.count(field.u, records, scratch),
    result: () => new Uint32Array(memory.buffer, records, bricks * 100),
  },
  {
    name: 'marching cubes: vertices and normals',
    prepare() {
      a.count(records, ISO);
      const all = new Uint32Array(memory.buffer, records, bricks * 100);
      found = 0;
      for (let b = 0; b < bricks; b++) {
        const own = all[b * 100 + 96];
        all[b * 100 + 96] = found;
        found += own;
      }
    },
    ours: () => a.vertices(records, splatted, splatted + found * 12),
    clang: () => c.vertices(field.u, records, splatted, splatted + found * 12, scratch),
    result: () => f32(splatted, found * 6),
  },
];

const median = (values) => [...values].sort((x, y) => x - y)[values.length >> 1];
const rows = [];
for (const kernel of kernels) {
  const times = { ours: [], clang: [] };
  const results = {};
  for (let round = 0; round <= rounds; round++) {
    for (const who of round % 2 ? ['clang', 'ours'] : ['ours', 'clang']) {
      kernel.prepare();
      // CPU time, not wall time: the machine may be shared.
      const cpu = process.cpuUsage();
      kernel[who]();
      const { user, system } = process.cpuUsage(cpu);
      // The first round warms both up.
      if (round > 0) times[who].push((user + system) / 1000);
      results[who] ??= kernel.result().slice();
    }
  }
  let farthest = 0;
  for (let i = 0; i < results.ours.length; i++) {
    farthest = Math.max(farthest, Math.abs(results.ours[i] - results.clang[i]));
  }
  const ratio = median(times.ours.map((ms, k) => ms / times.clang[k]));
  rows.push([
    kernel.name,
    median(times.ours).toFixed(0),
    median(times.clang).toFixed(0),
    ratio.toFixed(2),
    farthest,
  ]);
  console.log(rows.at(-1).join('  '));
}

const table = [
  ['kernel', 'AssemblyScript ms', 'clang ms', 'ratio', 'largest difference'],
  ['---', '---', '---', '---', '---'],
  ...rows,
].map((row) => `| ${row.join(' | ')} |`);
writeFileSync(
  join(ROOT, 'bench/surface-kernels.md'),
  `# Surface kernels: AssemblyScript and clang

\`npm i --no-save @yowasp/clang && node bench/surface/kernels/run.mjs\` made this table (${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model},
${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, Node ${process.versions.node}). The product's own AssemblyScript ${asc.version} (build.mjs's flags) and \`kernels.c\`, the same line
by line, by @yowasp/clang ${clang.version}
(\`${clang.options.join(' ')}\`), on one memory and the same data: ${POINTS / 1e6} M points on a sphere, ${(nodes / 1e6).toFixed(1)} M
nodes in ${bricks} bricks, ${found} vertices. CPU milliseconds, one thread, median of ${rounds} rounds after a warm-up, the two in turns;
"ratio" is the median of the rounds' ratios, above 1 where clang is faster. Compiling: ${(oursCompileMs / 1000).toFixed(1)} s and ${(clangCompileMs / 1000).toFixed(1)} s.

${table.join('\n')}
`,
);
