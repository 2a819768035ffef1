/**
 * `npx tsx bench/networks/run.ts [--case JSON]...`: seconds of each network at its true size on the WASM backend, in a
 * found Chromium, from a production build. Without cases: the starter pack with 2 threads. Prints one line a network.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, preview } from 'vite';
import { launchBrowser } from '../../cli/browser.ts';
import { ISOLATION_HEADERS } from '../../cli/page-headers.ts';
import { NETWORK_IDS } from '../../src/networks/network-ids.ts';
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
  const root = import.meta.dirname;
  const outDir = mkdtempSync(join(tmpdir(), 'bench-networks-'));
  const common = {
    configFile: false,
    root,
    publicDir: resolve(root, '../../public'),
    logLevel: 'error',
    worker: { format: 'es' },
  } as const;
  await build({ ...common, build: { outDir, target: 'es2023', assetsInlineLimit: 0, emptyOutDir: true } });
  const server = await preview({
    ...common,
    build: { outDir },
    preview: { port: 4790, headers: ISOLATION_HEADERS },
  });
  const browser = await launchBrowser('software');
  try {
    const page = await browser.newPage();
    page.on('console', (message) => console.error(message.text()));
    await page.goto(server.resolvedUrls!.local[0]);
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
  } finally {
    await browser.close();
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}

const ms = (value: number) => `${value.toFixed(0).padStart(6)} ms`;

await main();
