/**
 * `npm run bench -- gpu-memory [--precision f32|f16] [--mode robust|reference] [--weights full|starter] [--binding MIB]`:
 * how much a whole run at 2048 holds on the GPU, stage by stage: our kernels' buffers and onnxruntime's, counted as they
 * are made and destroyed on a real WebGPU device with the planner's defaults. ALLOCATION IS MEASURED, ARITHMETIC IS
 * SKIPPED: on the software adapter the runtime's dispatches are left out (gpu-memory/idle-networks.ts), so nothing here
 * says that a result is right or how long it takes. Which kernels, and so which buffers, the runtime chooses can differ
 * on a real card.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { MemoryAnswer, MemoryCase } from './gpu-memory/contract.ts';
import { withBenchPage } from './page/bench-page.ts';

const MIB = 2 ** 20;
const mib = (bytes: number) => (bytes / MIB).toFixed(0);

const { values } = parseArgs({
  options: {
    precision: { type: 'string', default: 'f32' },
    mode: { type: 'string', default: 'robust' },
    weights: { type: 'string', default: 'full' },
    binding: { type: 'string', default: '128' },
  },
});
const wanted = {
  precision: values.precision,
  mode: values.mode,
  weights: values.weights,
  bindingBytes: Number(values.binding) * MIB,
} as MemoryCase;

await withBenchPage(join(import.meta.dirname, 'gpu-memory'), 4792, async (page) => {
  const started = performance.now();
  const answer = (await page.evaluate(
    (c) =>
      (globalThis as unknown as { measureMemory(c: MemoryCase): Promise<MemoryAnswer> }).measureMemory(c),
    wanted,
  )) as MemoryAnswer;
  const all = (key: 'kernels' | 'runtime' | 'all') => Math.max(...answer.stages.map((s) => s.peak[key]));
  console.log(
    `${wanted.weights} width, ${wanted.precision}, ${wanted.mode}; ${answer.adapter}; bindings up to ${mib(answer.bindingBytes)} MiB, buffers up to ${mib(answer.largestBufferBytes)} MiB; tiles up to ${answer.tileSizePx} px a side; ${answer.points} points`,
  );
  console.log('\n| stage | peak, MiB | kernels | runtime | stays, MiB |\n| --- | --- | --- | --- | --- |');
  for (const { stage, peak, after } of answer.stages) {
    console.log(
      `| ${stage} | ${mib(peak.all)} | ${mib(peak.kernels)} | ${mib(peak.runtime)} | ${mib(after.all)} |`,
    );
  }
  console.log(`| whole run | ${mib(all('all'))} | ${mib(all('kernels'))} | ${mib(all('runtime'))} | |`);
  console.log(
    `\nallocation measured, arithmetic skipped: ${answer.dispatches.kept} dispatches of our kernels ran, ${answer.dispatches.dropped} of the network runtime were left out; ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  for (const error of answer.gpuErrors) console.log(`GPU error: ${error}`);
});
