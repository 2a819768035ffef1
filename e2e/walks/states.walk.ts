/**
 * Pictures of every state of the page at a desk's, a small desk's and a phone's size, in both themes, for somebody to look
 * at: .cache/states/STATE-WIDTH-THEME.png. What the page itself must hold in these states, other tests check.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, expect, type Page, test } from '@playwright/test';
import { findChromium, QUIET_FLAGS } from '../../cli/chromium.ts';
import { giveFiles, openApp, waitForStage } from '../page.ts';

const ROOT = join(import.meta.dirname, '../..');
const OUT = join(ROOT, '.cache/states');
mkdirSync(OUT, { recursive: true });

const SIZES = [
  { width: 390, height: 844 },
  { width: 1024, height: 768 },
  { width: 1440, height: 900 },
] as const;
const THEMES = ['light', 'dark'] as const;

const photo = (name: string, as = name) => ({
  name: as,
  mimeType: 'image/jpeg',
  buffer: readFileSync(join(ROOT, 'public/samples', name)),
});
const letter = { name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') };
const noPhoto = {
  name: 'broken.jpg',
  mimeType: 'image/jpeg',
  buffer: Buffer.from('\xff\xd8\xff no picture', 'latin1'),
};

const setTheme = (page: Page, theme: string) =>
  page.evaluate((name) => {
    document.documentElement.dataset.theme = name;
  }, theme);

/**
 * The state at each size in each theme; the desk's dark one at the end.
 * @param sheet on a phone the details are a sheet: shown a second time with it up.
 */
async function take(page: Page, state: string, { sheet = false, settleMs = 150 } = {}): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const theme of THEMES) {
      await setTheme(page, theme);
      await page.waitForTimeout(settleMs);
      const path = (name: string) => join(OUT, `${name}-${size.width}-${theme}.png`);
      await page.screenshot({ path: path(state), animations: 'disabled' });
      if (!sheet || size.width > 860) continue;
      await page.getByRole('button', { name: 'Details', exact: true }).click();
      await page.waitForTimeout(350);
      await page.screenshot({ path: path(`${state}-sheet`) });
      await page.getByRole('button', { name: 'Close details' }).click();
    }
  }
}

/** A run stands still where it is: its worker sleeps, and costs the machine nothing. */
function hold(page: Page, ms: number): void {
  for (const worker of page.workers()) {
    void worker
      .evaluate((time) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);
      }, ms)
      .catch(() => {});
  }
}

const finished = async (page: Page) => {
  await expect(page.getByTestId('cancel')).toHaveCount(0, { timeout: 120_000 });
  await expect(page.getByTestId('run-total')).toBeAttached();
};

async function figure(page: Page, sample = 'sweater-and-jeans'): Promise<void> {
  await openApp(page);
  await page.getByTestId(`sample-${sample}`).click();
  await waitForStage(page, 'surface');
  await finished(page);
  await expect(page.getByTestId('model-canvas').locator('canvas')).toBeVisible();
}

const open = async (page: Page, view: string) => {
  await page.getByTestId(`view-${view}`).click();
  await expect(page.getByTestId(`view-${view}`)).toHaveAttribute('aria-selected', 'true');
  await page.waitForTimeout(800);
};

test('first page', async ({ page }) => {
  await openApp(page);
  await page.waitForTimeout(1500);
  await take(page, 'first');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['x'], 'a.jpg', { type: 'image/jpeg' }));
    document.body.dispatchEvent(new DragEvent('dragover', { bubbles: true, dataTransfer: data }));
  });
  await take(page, 'first-drag-over');
  await page.evaluate(() => document.body.dispatchEvent(new DragEvent('dragleave', { bubbles: true })));
  await giveFiles(page, [letter]);
  await expect(page.getByTestId('error-banner')).toBeVisible();
  await take(page, 'first-refused');
  await page.getByLabel('Close this message').click();
  await page.getByTestId('packs-button').click();
  await expect(page.getByTestId('packs-dialog')).toBeVisible();
  await take(page, 'settings');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByTestId('shortcuts')).toBeVisible();
  await take(page, 'shortcuts');
});

test('first page of an unsupported browser', async ({ baseURL }) => {
  const launch = (...flags: string[]) =>
    chromium.launch({ executablePath: findChromium(), args: [...QUIET_FLAGS, '--disable-gpu', ...flags] });
  let browser = await launch('--disable-features=WebGPU', '--enable-unsafe-swiftshader');
  try {
    const page = await browser.newPage({ baseURL });
    await openApp(page);
    await take(page, 'unsupported-webgpu');
    await browser.close();
    // As Lockdown Mode and enhanced security have it.
    browser = await launch('--js-flags=--noexpose_wasm');
    const bare = await browser.newPage({ baseURL });
    await bare.goto('/');
    await expect(bare.getByTestId('error-banner')).toContainText('lacks WebAssembly');
    await take(bare, 'unsupported-wasm');
    await browser.close();
    browser = await launch('--disable-3d-apis');
    const flat = await browser.newPage({ baseURL });
    await openApp(flat);
    await flat.getByTestId('sample-sweater-and-jeans').click();
    await waitForStage(flat, 'surface');
    await expect(flat.getByTestId('view-broken')).toBeVisible();
    await take(flat, 'unsupported-webgl');
  } finally {
    await browser.close();
  }
});

test('wait', async ({ page }) => {
  await openApp(page);
  const { width, height } = SIZES[2];
  await page.setViewportSize({ width, height });
  await giveFiles(page, [photo('green-jacket.jpg')]);
  for (const [name, stage] of [
    ['wait-early', 'matte'],
    ['wait-parts', 'partNormals'],
    ['wait-depth', 'fineDepth'],
    ['wait-surface', 'surface'],
  ] as const) {
    await expect
      .poll(() => page.getByTestId(`stage-${stage}`).getAttribute('data-state'), {
        intervals: [40],
        timeout: 200_000,
      })
      .not.toBe('waiting');
    if (name !== 'wait-early') await page.waitForTimeout(400);
    hold(page, 18_000);
    await take(page, name);
  }
  await finished(page);
});

test('figure', async ({ page }) => {
  await figure(page);
  await page.waitForTimeout(2500);
  await take(page, 'model', { sheet: true });
  for (const shading of ['clay', 'parts', 'confidence']) {
    await page.getByTestId(`shading-${shading}`).click();
    await page.waitForTimeout(600);
    await take(page, `model-${shading}`);
  }
  await page.getByTestId('shading-colour').click();
  for (const tool of ['measure', 'section', 'grid']) await page.getByTestId(`tool-${tool}`).click();
  const canvas = page.getByTestId('model-canvas');
  await canvas.click({ position: { x: 360, y: 420 } });
  await canvas.click({ position: { x: 380, y: 560 } });
  await page.waitForTimeout(500);
  await take(page, 'model-tools');
  for (const tool of ['measure', 'section', 'grid']) await page.getByTestId(`tool-${tool}`).click();
  await page.getByTestId('motion-walk').click();
  await expect(page.getByTestId('motion-notes')).not.toContainText('Finding', { timeout: 60_000 });
  await page.waitForTimeout(1500);
  await take(page, 'motion');
  await page.getByTestId('motion-walk').click();
});

test('views', async ({ page }) => {
  await figure(page);
  await open(page, 'photo');
  await take(page, 'photo', { sheet: true });
  await page.getByRole('switch', { name: /cut-out|outline/i }).click();
  await take(page, 'photo-cut-out');
  await open(page, 'parts');
  await page.getByTestId('part-leftForearm').click();
  await page.waitForTimeout(800);
  await take(page, 'parts', { sheet: true });
  await open(page, 'maps');
  await take(page, 'maps', { sheet: true });
  for (const question of ['parts', 'overlap', 'depth']) {
    await page.getByTestId(`question-${question}`).click();
    await expect(page.getByTestId('heat-legend')).toBeVisible();
    await page.waitForTimeout(800);
    await take(page, `maps-${question}`);
  }
});

test('touch', async ({ page }) => {
  await figure(page);
  await open(page, 'photo');
  await page.getByTestId('tool-joints').click();
  await page.getByTestId('joint-choice').selectOption('leftWrist');
  await take(page, 'joints', { sheet: true });
  const field = (label: string) => page.getByLabel(label, { exact: true });
  const wrist = [Number(await field('x').inputValue()), Number(await field('y').inputValue())];
  await field('x').fill(String(wrist[0] + 30));
  await page.keyboard.press('Enter');
  await finished(page);
  await page.getByTestId('tool-paint').click();
  await page.getByTestId('brush-remove').click();
  const box = await page.getByTestId('photo-canvas').boundingBox();
  if (!box) throw new Error('no photo');
  const scale = Math.min(box.width, box.height) / 2048;
  const at = (x: number, y: number) =>
    [box.x + box.width / 2 + (x - 1024) * scale, box.y + box.height / 2 + (y - 1024) * scale] as const;
  await page.mouse.move(...at(wrist[0] - 40, wrist[1] - 150));
  await page.mouse.down();
  await page.mouse.move(...at(wrist[0] + 60, wrist[1] - 150), { steps: 5 });
  await take(page, 'painting', { sheet: false });
  await page.mouse.up();
  await finished(page);
  await page.keyboard.press('Control+z');
  await finished(page);
  await take(page, 'undo-list', { sheet: true });
  await page.getByTestId('tool-look').click();
  await open(page, 'parts');
  await page.getByTestId('part-upperBody').click();
  await page.waitForTimeout(500);
  await page.getByTestId('pane-front-normal').click();
  await expect(page.getByTestId('explained')).toContainText('Front normal, merged');
  await take(page, 'explain', { sheet: true });
  await page.keyboard.press('Control+Shift+z');
  await finished(page);
  await open(page, 'model');
  await page.getByTestId('tool-compare').click();
  await page.waitForTimeout(1000);
  await take(page, 'compare');
  await page.getByTestId('tool-compare').click();
  await page.getByTestId('save-button').click();
  await expect(page.getByTestId('save-project')).toBeVisible();
  await page.waitForTimeout(1500);
  await take(page, 'save-menu');
  await page.getByTestId('open-print').click();
  await expect(page.getByTestId('print-preview')).toHaveAttribute('data-state', 'ready', {
    timeout: 120_000,
  });
  await page.waitForTimeout(1000);
  await take(page, 'print');
  await page.keyboard.press('Escape');
  await giveFiles(page, [letter]);
  await expect(page.getByTestId('error-banner')).toBeVisible();
  await take(page, 'studio-error');
  await page.getByLabel('Close this message').click();
  await page.getByTestId('home').click();
  await expect(page.getByTestId('project-card')).toBeVisible();
  await take(page, 'kept');
});

test('kept', async ({ page }) => {
  await openApp(page);
  await giveFiles(page, [
    photo('checked-shirt.jpg', 'one.jpg'),
    noPhoto,
    photo('bomber-jacket.jpg', 'two.jpg'),
  ]);
  await expect(page.getByTestId('queue-item')).toHaveCount(3);
  await page.waitForTimeout(5000);
  hold(page, 9000);
  await take(page, 'queue');
  await expect(page.getByTestId('queue')).toContainText('all through', { timeout: 200_000 });
  await take(page, 'queue-done');
  await page.getByTestId('queue-clear').click();
  await page.getByTestId('project-rename').first().click();
  await take(page, 'renaming');
  await page.keyboard.press('Escape');
  await page.getByTestId('project-delete').first().click();
  await expect(page.getByTestId('undo-delete')).toBeVisible();
  await take(page, 'deleted');
});

test('failed run', async ({ page }) => {
  await openApp(page);
  await giveFiles(page, [
    {
      name: 'noise.jpg',
      mimeType: 'image/jpeg',
      buffer: readFileSync(join(ROOT, 'tests/cases/photos/noise.jpg')),
    },
  ]);
  await expect(page.getByTestId('error-banner')).toBeVisible({ timeout: 120_000 });
  await take(page, 'run-failed', { sheet: true });
});
