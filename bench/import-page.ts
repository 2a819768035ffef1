/**
 * `npm run bench -- import-page`: the largest checkpoint there is, brought to the page as a visitor does it. Writes the
 * full-width checkpoint of made-up weights with optimiser state (0.93 GB), gives it to the file input of the built page in
 * a headless browser, and prints the time until the pack is in use, the most memory of the processes over the idle page,
 * whether the pack is listed and in use after a reload, and that its networks run then.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from '../cli/chromium.ts';
import { type ProcessMemory, readPeaks, readResident, resetPeaks } from '../cli/process-memory.ts';
import { ROOT, serve } from '../cli/serve.ts';
import { checkpointChunks } from '../tests/checkpoints/write.ts';
import { deterministicWeights } from '../tests/deterministic-weights.ts';

const NAME = 'full-width';
/** As the machine line says it once the pack is in use. */
const IN_USE = `${NAME} 1,`;
/** The page has drawn itself and opened the starter pack; nothing is going on any more. */
const SETTLE_MS = 5000;
const OPEN_TIMEOUT_MS = 600_000;

function writeCheckpoint(path: string): number {
  const file = openSync(path, 'w');
  for (const chunk of checkpointChunks(deterministicWeights(), { optimizer: true })) writeSync(file, chunk);
  closeSync(file);
  return statSync(path).size;
}

const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const seconds = (fromMs: number) => `${((performance.now() - fromMs) / 1000).toFixed(1)} s`;
const above = (peak: ProcessMemory, idle: ProcessMemory) =>
  (['rendererBytes', 'browserBytes', 'gpuBytes'] as const)
    .map(
      (key) =>
        `${key.replace('Bytes', '')} ${mib(idle[key])} -> ${mib(peak[key])} (+${mib(peak[key] - idle[key])})`,
    )
    .join(', ');

const folder = mkdtempSync(join(tmpdir(), 'bench-import-page-'));
const server = await serve({ root: join(ROOT, 'dist') });
// A profile on disk: in a private window the browser keeps a page's storage in memory.
const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
  executablePath: findChromium(),
  args: [...CHROMIUM_FLAGS],
});
try {
  const path = join(folder, `${NAME}.pth.tar`);
  const size = writeCheckpoint(path);
  const page = await context.newPage();
  const session = await context.browser()?.newBrowserCDPSession();
  if (!session) throw new Error('this browser cannot be asked about its processes');
  const inUse = (words: string) =>
    page.getByTestId('machine-line').filter({ hasText: words }).waitFor({ timeout: OPEN_TIMEOUT_MS });
  await page.goto(`${server.origin}/`);
  await inUse('Starter');
  await sleep(SETTLE_MS);
  const idle = await readResident(session);
  await resetPeaks(session);

  const started = performance.now();
  await page.getByTestId('file-input').setInputFiles(path);
  await inUse(IN_USE);
  console.log(`checkpoint of ${(size / 1e9).toFixed(2)} GB: in use after ${seconds(started)}`);
  const peak = await readPeaks(session);
  if (idle && peak) console.log(`resident, idle -> most while importing: ${above(peak, idle)}`);

  const reloaded = performance.now();
  await page.reload();
  await inUse(IN_USE);
  console.log(`after a reload in use again after ${seconds(reloaded)}`);
  await page.getByTestId('packs-button').click();
  const card = page.locator(`li[data-testid^="pack-${NAME}-"]`);
  await card.waitFor();
  console.log(
    `listed as: ${await card.getByRole('heading').textContent()}, ${(await card.getAttribute('data-in-use')) === 'true' ? 'in use' : 'not in use'}`,
  );
  await page.keyboard.press('Escape');
  const photo = performance.now();
  await page.locator('[data-testid^="sample-"]').first().click();
  const coarse = page.locator('[data-testid="stage-coarse"][data-state="done"]');
  await coarse.waitFor({ timeout: OPEN_TIMEOUT_MS });
  console.log(`its coarse networks ran on a sample ${seconds(photo)} after the click`);
} finally {
  await context.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
