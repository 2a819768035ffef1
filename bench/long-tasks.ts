/**
 * How long does work block the page? Runs samples through the built, served app (`npm start` in another terminal) and
 * prints the longest main-thread tasks of each run, with and without an estimated pose.
 *
 *     npx tsx bench/long-tasks.ts [URL]
 */
import { chromium } from '@playwright/test';
import { CHROMIUM_FLAGS, findChromium } from '../cli/chromium.ts';

/** Without pose and mask, and with both. */
const SAMPLES = ['bomber-jacket', 'white-jacket'] as const;
const url = process.argv[2] ?? 'http://localhost:4173/';

const browser = await chromium.launch({ executablePath: findChromium(), args: [...CHROMIUM_FLAGS] });
for (const sample of SAMPLES) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.getByTestId(`sample-${sample}`).waitFor();
  await page.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) tasks.push(Math.round(entry.duration));
    }).observe({ type: 'longtask' });
    Object.assign(window, { longTasksMs: tasks });
  });
  await page.getByTestId(`sample-${sample}`).click();
  await page.locator('[data-testid="stage-surface"][data-state="done"]').waitFor({ timeout: 600_000 });
  const tasks = await page.evaluate(() => (window as unknown as { longTasksMs: number[] }).longTasksMs);
  console.log(`${sample}: tasks over 50 ms: ${tasks.sort((a, b) => b - a).join(', ') || 'none'}`);
  await page.close();
}
await browser.close();
