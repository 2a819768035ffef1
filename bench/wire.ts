/**
 * What crosses the wire from an empty cache to the first figure: `npm run build && npm run bench -- wire [SAMPLE]`.
 * Serves dist/ as `npm start` does, runs a sample that needs a pose in a fresh browser, and adds up the bytes of every
 * answer, the largest first. Also prints the main thread's tasks over 50 ms and the time of each stage.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import { CHROMIUM_FLAGS, findChromium } from '../cli/chromium.ts';

const PORT = 5395;
const [sample = 'crossing'] = process.argv.slice(2);

const bytesOf = new Map<string, number>();
const server = await preview({
  logLevel: 'error',
  preview: { port: PORT, strictPort: true },
  plugins: [
    {
      name: 'count-bytes',
      configurePreviewServer({ middlewares }) {
        middlewares.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
          const { socket } = response;
          const before = socket?.bytesWritten ?? 0;
          response.once('finish', () => {
            const path = (request.url ?? '').split('?')[0];
            bytesOf.set(path, (bytesOf.get(path) ?? 0) + (socket?.bytesWritten ?? 0) - before);
          });
          next();
        });
      },
    },
  ],
});
const browser = await chromium.launch({ executablePath: findChromium(), args: [...CHROMIUM_FLAGS] });
try {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${PORT}/`);
  await page.getByTestId(`sample-${sample}`).waitFor();
  await page.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) tasks.push(Math.round(entry.duration));
    }).observe({ type: 'longtask' });
    Object.assign(window, { longTasksMs: tasks });
  });
  const started = performance.now();
  const tasksUntil = () => page.evaluate(() => (window as unknown as { longTasksMs: number[] }).longTasksMs);
  await page.getByTestId(`sample-${sample}`).click();
  const stages: string[] = [];
  for (const stage of ['photo', 'matte', 'pose', 'parts', 'surface']) {
    await page.locator(`[data-testid="stage-${stage}"][data-state="done"]`).waitFor({ timeout: 600_000 });
    stages.push(`${stage} ${Math.round(performance.now() - started)}`);
    if (stage === 'pose')
      console.log(`tasks over 50 ms up to the pose: ${(await tasksUntil()).join(', ') || 'none'}`);
  }
  console.log(`done at, ms after the click: ${stages.join(', ')}`);
  console.log(`tasks over 50 ms in the whole run: ${(await tasksUntil()).join(', ') || 'none'}`);
} finally {
  await browser.close();
  await server.close();
}
const all = [...bytesOf].sort((a, b) => b[1] - a[1]);
for (const [path, bytes] of all.slice(0, 16)) console.log(`${String(bytes).padStart(10)}  ${path}`);
console.log(
  `${String(all.reduce((sum, [, bytes]) => sum + bytes, 0)).padStart(10)}  all ${all.length} files`,
);
