/** Shared steps of the browser tests: open the page, run a photo, wait for a stage, save a file. */
import { readFile } from 'node:fs/promises';
import { type Download, expect, type Page } from '@playwright/test';

const RUN_TIMEOUT_MS = 300_000;

export interface PageWatch {
  /** Requests that left our own origin; must stay empty. */
  readonly foreign: string[];
  /** Uncaught errors of the page. */
  readonly errors: string[];
}

/** Opens the app and waits until it says what the machine can do. */
export async function openApp(page: Page): Promise<PageWatch> {
  const watch: PageWatch = { foreign: [], errors: [] };
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (['blob:', 'data:'].includes(url.protocol)) return;
    if (url.hostname !== 'localhost' && url.hostname !== '127.0.0.1') watch.foreign.push(request.url());
  });
  page.on('pageerror', (error) => watch.errors.push(error.message));
  // What the page itself needs, its own policy must not refuse.
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) watch.errors.push(message.text());
  });
  await page.goto('/');
  await expect(page.getByTestId('machine-line')).toContainText(/processor|graphics|WebGPU|WASM/i, {
    timeout: 60_000,
  });
  return watch;
}

/** A stage that failed this long ago, ms, belongs to this run and not to the one before. */
const SETTLED_FAILURE_MS = 5_000;

/**
 * The page is asked by one evaluation a poll and no time limit of its own: software WebGL
 * may hold the main thread for seconds, and a slow answer is not a wrong one.
 * @param state what data-state must become; a failure of the run fails the wait early with its sentence.
 */
export async function waitForStage(page: Page, stage: string, state = 'done'): Promise<void> {
  let failedSinceMs = 0;
  await expect
    .poll(
      async () => {
        const now = await page.evaluate(stageOnPage, stage);
        if (!now.failed) failedSinceMs = 0;
        else if (failedSinceMs === 0) failedSinceMs = Date.now();
        else if (Date.now() - failedSinceMs > SETTLED_FAILURE_MS) {
          throw new Error(`a stage failed; the page says: ${now.said}`);
        }
        return now.state;
      },
      { timeout: RUN_TIMEOUT_MS, intervals: [250] },
    )
    .toBe(state);
}

/** Runs in the page: the stage's state (null while its row is not shown) and whether any stage failed. */
function stageOnPage(stage: string): { state: string | null; failed: boolean; said: string } {
  return {
    state: document.querySelector(`[data-testid="stage-${stage}"]`)?.getAttribute('data-state') ?? null,
    failed: document.querySelector('[data-testid^="stage-"][data-state="failed"]') !== null,
    said: document.querySelector('[data-testid="error-banner"]')?.textContent ?? 'nothing',
  };
}

export async function saveFile(page: Page, testId: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByTestId('save-button').click();
  const download: Download = await Promise.all([
    page.waitForEvent('download', { timeout: 120_000 }),
    page.getByTestId(testId).click(),
  ]).then(([event]) => event);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Drops files in memory on the page's file input. */
export async function giveFiles(
  page: Page,
  files: readonly { name: string; mimeType: string; buffer: Buffer }[],
): Promise<void> {
  await page.getByTestId('file-input').setInputFiles([...files]);
}
