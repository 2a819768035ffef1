/** No axe finding of any weight, in every state of the page, at a desk's and at a phone's size. */
import { createRequire } from 'node:module';
import { expect, type Page, test } from '@playwright/test';
import type axe from 'axe-core';
import { giveFiles, openApp, waitForStage } from './page.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

async function findings(page: Page): Promise<string[]> {
  // Past the page's own policy, as a browser's extension is.
  await page.evaluate(await import('node:fs').then(({ readFileSync }) => readFileSync(AXE, 'utf8')));
  // Colours that are still fading from one theme to the other are nobody's to read.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime as number))
        .map((one) => one.finished.catch(() => {})),
    ),
  );
  const { violations } = await page.evaluate(() =>
    // Only of what is wrong it gathers where it is: that is most of its time.
    (window as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  );
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
  );
}

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;

test('every state at a desk and on a phone', async ({ page }) => {
  await page.setViewportSize(SIZES[0]);
  await openApp(page);
  /** The state at both sizes; the desk's again afterwards. */
  const clean = async (state: string) => {
    for (const size of [...SIZES].reverse()) {
      await page.setViewportSize(size);
      expect(await findings(page), `${state} at ${size.width} x ${size.height}`).toEqual([]);
    }
  };
  await clean('first page');
  await page.getByTestId('theme').click();
  await clean('first page, light');
  await giveFiles(page, [{ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF') }]);
  await expect(page.getByTestId('error-banner')).toBeVisible();
  await clean('message');
  await page.getByTestId('packs-button').click();
  await expect(page.getByTestId('packs-dialog')).toBeVisible();
  await clean('model packs');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByTestId('shortcuts')).toBeVisible();
  await clean('shortcuts');
  await page.keyboard.press('Escape');

  await page.getByTestId('sample-sweater-and-jeans').click();
  await waitForStage(page, 'coarse');
  await clean('a run');
  await waitForStage(page, 'surface');
  await expect(page.getByTestId('run-total')).toBeAttached();
  for (const view of ['model', 'maps', 'parts', 'photo']) {
    await page.getByTestId(`view-${view}`).click();
    await expect(page.getByTestId(`view-${view}`)).toHaveAttribute('aria-selected', 'true');
    await clean(`${view}, light`);
    await page.getByTestId('theme').click();
    await clean(view);
    await page.getByTestId('theme').click();
  }
  await page.getByTestId('view-model').click();
  for (const tool of ['measure', 'section', 'grid']) await page.getByTestId(`tool-${tool}`).click();
  await expect(page.getByTestId('section-grip')).toBeVisible();
  await clean('tools of the figure');
  await page.getByTestId('view-photo').click();
  await page.getByTestId('tool-paint').click();
  await clean('painting');
  await page.getByTestId('save-button').click();
  await expect(page.getByTestId('save-project')).toBeVisible();
  await clean('save menu');
  await page.keyboard.press('Escape');
  await page.getByTestId('home').click();
  await expect(page.getByTestId('project-card')).toBeVisible();
  await clean('gallery');
  await page.getByTestId('project-delete').click();
  await expect(page.getByTestId('undo-delete')).toBeVisible();
  await clean('deleted');
});
