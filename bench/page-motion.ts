/**
 * What does the motion of the page cost while a photo is made? `npm run bench -- page-motion [PAIRS] [SAMPLE]` runs one sample
 * through the built app (`npm run build` first) in a browser without a graphics card, three ways in turn: smooth motion,
 * motion in steps (as shipped where the processor does the work), and none (a visitor who asks for less). It prints seconds
 * by the clock and of the processor, by kind of process. Figures: bench/page-motion.md.
 */
import { join } from 'node:path';
import { type Browser, type CDPSession, chromium } from 'playwright-core';
import { findChromium, QUIET_FLAGS } from '../cli/chromium.ts';
import { serve } from '../cli/serve.ts';

const WAYS = {
  smooth: { style: ':root { --pulse: ease-in-out !important; --glide: linear !important; }', reduced: false },
  steps: { style: '', reduced: false },
  none: { style: '', reduced: true },
} as const;
const FLAGS = [...QUIET_FLAGS, '--disable-gpu', '--disable-features=WebGPU', '--enable-unsafe-swiftshader'];

/** Processor seconds so far, by kind of process. */
async function processorSeconds(session: CDPSession): Promise<Map<string, number>> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const sums = new Map<string, number>();
  for (const { type, cpuTime } of processInfo) sums.set(type, (sums.get(type) ?? 0) + cpuTime);
  return sums;
}

/** From the click on a sample to its closed surface. */
async function run(browser: Browser, origin: string, way: keyof typeof WAYS, sample: string) {
  const { style, reduced } = WAYS[way];
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    reducedMotion: reduced ? 'reduce' : 'no-preference',
  });
  await page.goto(origin);
  await page.getByTestId(`sample-${sample}`).waitFor();
  await page.locator('[data-testid="machine-line"][data-state="ready"]').waitFor({ timeout: 120_000 });
  if (style) await page.addStyleTag({ content: style });
  const session = await browser.newBrowserCDPSession();
  const before = await processorSeconds(session);
  const begin = performance.now();
  await page.getByTestId(`sample-${sample}`).click();
  await page.locator('[data-testid="stage-surface"][data-state="done"]').waitFor({ timeout: 900_000 });
  const clock = (performance.now() - begin) / 1000;
  const after = await processorSeconds(session);
  await page.close();
  const spent = (kind: string) => (after.get(kind) ?? 0) - (before.get(kind) ?? 0);
  return { clock, renderer: spent('renderer'), drawing: spent('GPU') };
}

const [pairs = '2', sample = 'bomber-jacket'] = process.argv.slice(2);
const server = await serve({ root: join(import.meta.dirname, '../dist') });
try {
  console.log(
    '| motion | clock s | page and workers, processor s | drawing process, processor s |\n|---|---|---|---|',
  );
  for (let pair = 0; pair < Number(pairs); pair++) {
    for (const way of ['smooth', 'steps', 'none'] as const) {
      const browser = await chromium.launch({ executablePath: findChromium(), args: FLAGS });
      try {
        const took = await run(browser, server.origin, way, sample);
        const cells = [took.clock, took.renderer, took.drawing].map((seconds) => seconds.toFixed(1));
        console.log(`| ${way} | ${cells.join(' | ')} |`);
      } finally {
        await browser.close();
      }
    }
  }
} finally {
  await server.close();
}
