/**
 * `npm run make-hero -- [--sample ID]`: makes public/hero, the figure on the first page: the built app runs one of its own
 * samples with the starter pack, the model view's colour shading is photographed from 24 sides 15 degrees apart (the first is
 * where the view begins), cut to what the figure covers from any of them, and scaled. Nothing is retouched. Needed only
 * when the weights or the shading change; its output is committed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { readArgs, runCommand, UsageError } from './command-line.ts';
import { ROOT, serve } from './serve.ts';

/** As src/ui/first-page/hero-figure.tsx shows them. */
const FRAMES = 24;
const COLUMNS = 6;
/** The view's arrow keys turn by 7.5 degrees (src/scene/figure-controls.tsx). */
const KEYS_PER_FRAME = 2;
/** Height of one picture, px: twice what a page of middle size shows. */
const HEIGHT_PX = 720;
const WEBP_QUALITY = 0.75;
/** Free space around the figure, px of the photographed view. */
const MARGIN_PX = 12;
const VIEWPORT = { width: 1500, height: 1080 } as const;
const RUN_MS = 600_000;
/** After a turn the view glides on for less than this, also where software draws it. */
const SETTLE_MS = 1500;

/** Only the figure and its shadow, on nothing. */
const BARE = `
  *, *::before, *::after { background: transparent !important; box-shadow: none !important; border-color: transparent !important; }
  [role="toolbar"], [role="alert"], [data-testid="shading-legend"] { visibility: hidden !important; }
  :focus-visible { outline: none !important; }`;

interface Composition {
  readonly frames: readonly string[];
  readonly columns: number;
  readonly heightPx: number;
  readonly marginPx: number;
  readonly quality: number;
  readonly target: string;
}

/** Runs in the page: cuts all frames alike, and posts the first one and the sheet of all as WebP. */
async function compose(wanted: Composition): Promise<string> {
  const { frames, columns, heightPx, marginPx, quality, target } = wanted;
  const pictures = await Promise.all(
    frames.map(async (url) => createImageBitmap(await (await fetch(url)).blob())),
  );
  const { width, height } = pictures[0];
  const pen = (w: number, h: number) => {
    const made = new OffscreenCanvas(w, h).getContext('2d', { willReadFrequently: true });
    if (!made) throw new Error('This browser has no 2D canvas.');
    made.imageSmoothingQuality = 'high';
    return made;
  };
  const all = pen(width, height);
  for (const picture of pictures) all.drawImage(picture, 0, 0);
  const { data } = all.getImageData(0, 0, width, height);
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 4 + 3] < 8) continue;
      [left, right, top, bottom] = [
        Math.min(left, x),
        Math.max(right, x + 1),
        Math.min(top, y),
        Math.max(bottom, y + 1),
      ];
    }
  }
  if (right <= left) throw new Error('The pictures of the figure are empty.');
  left = Math.max(0, left - marginPx);
  top = Math.max(0, top - marginPx);
  right = Math.min(width, right + marginPx);
  bottom = Math.min(height, bottom + marginPx);
  const widthPx = Math.round(((right - left) / (bottom - top)) * heightPx);
  const post = async (name: string, canvas: OffscreenCanvas) => {
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
    const answer = await fetch(`${target}${name}`, { method: 'POST', body: blob });
    if (!answer.ok) throw new Error(await answer.text());
    return blob.size;
  };
  const sheet = pen(widthPx * columns, heightPx * Math.ceil(pictures.length / columns));
  const front = pen(widthPx, heightPx);
  pictures.forEach((picture, i) => {
    const [x, y] = [(i % columns) * widthPx, Math.floor(i / columns) * heightPx];
    const put = (on: OffscreenCanvasRenderingContext2D, atX: number, atY: number) =>
      on.drawImage(picture, left, top, right - left, bottom - top, atX, atY, widthPx, heightPx);
    put(sheet, x, y);
    if (i === 0) put(front, 0, 0);
  });
  const bytes = (await post('front.webp', front.canvas)) + (await post('turntable.webp', sheet.canvas));
  return `${pictures.length} pictures of ${widthPx} x ${heightPx} px, ${Math.round(bytes / 1000)} kB`;
}

/** Runs the sample and photographs its figure; data URLs of PNGs with alpha. */
async function photograph(tab: Page, sample: string): Promise<string[]> {
  await tab.getByTestId(`sample-${sample}`).click();
  await tab.waitForSelector('[data-testid="run-total"]', { timeout: RUN_MS });
  const view = tab.getByTestId('model-canvas');
  await view.locator('canvas').waitFor();
  await tab.addStyleTag({ content: BARE });
  await view.focus();
  const frames: string[] = [];
  for (let i = 0; i < FRAMES; i++) {
    await tab.waitForTimeout(SETTLE_MS);
    // The view is as large as the page lets it be; its box is photographed without what lies around it.
    const png = await view.screenshot({ omitBackground: true });
    frames.push(`data:image/png;base64,${png.toString('base64')}`);
    for (let k = 0; k < KEYS_PER_FRAME; k++) await tab.keyboard.press('ArrowRight');
  }
  return frames;
}

const USAGE = `npm run make-hero -- [--sample ID]
  --sample ID  of public/samples/index.json; sweater-and-jeans when not given
`;

async function main(): Promise<number | null> {
  const { values, positionals } = readArgs({ sample: { type: 'string', default: 'sweater-and-jeans' } });
  if (values.help) return null;
  if (positionals.length > 0) throw new UsageError('Name the sample with --sample ID.');
  const samples: { id: string }[] = JSON.parse(readFileSync(join(ROOT, 'public/samples/index.json'), 'utf8'));
  if (!samples.some(({ id }) => id === values.sample)) {
    throw new UsageError(
      `There is no sample ${values.sample}; there are ${samples.map(({ id }) => id).join(', ')}.`,
    );
  }
  const args = [join(ROOT, 'cli/build.mjs'), '--if-stale', '--quiet'];
  const built = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (built.status !== 0) throw new Error('The app did not build; the output is above.');
  const server = await serve({
    root: join(ROOT, 'dist'),
    outputFolder: join(ROOT, 'public/hero'),
  });
  const browser = await launchBrowser('auto');
  try {
    const tab = await browser.newPage({ viewport: VIEWPORT, reducedMotion: 'reduce' });
    // tsx names inner functions through a helper that the page does not have.
    await tab.addInitScript('globalThis.__name = (named) => named');
    await tab.goto(`${server.origin}/`);
    const frames = await photograph(tab, values.sample);
    const said = await tab.evaluate(compose, {
      frames,
      columns: COLUMNS,
      heightPx: HEIGHT_PX,
      marginPx: MARGIN_PX,
      quality: WEBP_QUALITY,
      target: `${server.secretPath}/out/`,
    });
    process.stdout.write(`${values.sample}: ${said} in public/hero\n`);
  } finally {
    await browser.close();
    await server.close();
  }
  return 0;
}

await runCommand('make-hero', USAGE, main);
