/**
 * `npx tsx bench/networks/run.ts [--case JSON]...`: seconds of each network at its true size on the WASM backend, in a
 * found Chromium, from a production build. Without cases: the starter pack with 2 threads. Prints one line a network.
 */
import { parseArgs } from 'node:util';
import { NETWORK_IDS } from '../../src/networks/network-ids.ts';
import { withBenchPage } from '../page/bench-page.ts';
import type { BenchCase, BenchRow } from './cases.ts';

const DEFAULT_CASE: BenchCase = {
  label: 'starter',
  build: 'wasm',
  threads: 2,
  ids: NETWORK_IDS,
  repeats: 3,
  tilePx: 560,
  weights: 'starter',
  sessionOptions: {},
  precision: 'f32',
};

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { case: { type: 'string', multiple: true } } });
  const cases = (values.case ?? ['{}']).map(
    (json) => ({ ...DEFAULT_CASE, ...JSON.parse(json) }) as BenchCase,
  );
  await withBenchPage(import.meta.dirname, 4790, async (page) => {
    for (const wanted of cases) {
      const rows = (await page.evaluate(
        (c) => (globalThis as unknown as { runCase(c: BenchCase): Promise<BenchRow[]> }).runCase(c),
        wanted,
      )) as BenchRow[];
      for (const row of rows) {
        console.log(
          `${row.label.padEnd(24)} ${row.id.padEnd(13)} ${row.gmac.toFixed(2).padStart(7)} GMAC  create ${ms(row.createMs)}  first ${ms(row.firstMs)}  median ${ms(row.medianMs)}  least ${ms(row.leastMs)}  heap ${(row.heapBytes / 2 ** 20).toFixed(0)} MiB`,
        );
      }
    }
  });
}

const ms = (value: number) => `${value.toFixed(0).padStart(6)} ms`;

await main();
