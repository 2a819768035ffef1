/** No axe finding of any weight, and nothing a finger would miss, in every state of the page and both themes. */
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

/** Each state at a phone's size in the light theme and at a desk's in the dark one. */
const LOOKS = [
  { width: 390, height: 844, theme: 'light' },
  { width: 1440, height: 900, theme: 'dark' },
] as const;
/** The least a finger needs, px. */
const FINGER_PX = 44;

/** Controls on screen that a finger would miss: runs in the page. Links and boxes in a line of words are as high as it. */
function smallTargets(leastPx: number): string[] {
  const scope = document.querySelector('dialog[open]') ?? document.querySelector('[role="menu"]') ?? document;
  const controls = scope.querySelectorAll<HTMLElement>(
    'button, summary, select, input:not([type="file"]), [role="slider"], [role="tab"]',
  );
  return [...controls]
    .filter((control) => control.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map((control) => (control.matches('input') && control.closest('label')) || control)
    .map((control) => ({ control, box: control.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 1 && (box.height < leastPx - 0.5 || box.width < 30))
    .map(
      ({ control, box }) =>
        `${control.dataset.testid ?? control.ariaLabel ?? control.textContent?.slice(0, 30)}: ${Math.round(box.width)} x ${Math.round(box.height)}`,
    );
}

test('every state at a desk and on a phone, in both themes', async ({ page }) => {
  await page.setViewportSize(LOOKS[1]);
  await openApp(page);
  const clean = async (state: string) => {
    for (const { width, height, theme } of LOOKS) {
      await page.setViewportSize({ width, height });
      await page.evaluate((name) => {
        document.documentElement.dataset.theme = name;
      }, theme);
      expect.soft(await findings(page), `${state} at ${width} x ${height}, ${theme}`).toEqual([]);
      if (width > 390) continue;
      expect.soft(await page.evaluate(smallTargets, FINGER_PX), `fingers, ${state}`).toEqual([]);
      const beside = await page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(beside, `${state} lies beside the phone`).toBeLessThanOrEqual(width);
    }
  };
  await clean('first page');
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
    await clean(view);
  }
  await page.getByTestId('tool-paint').click();
  await clean('painting');
  await page.getByTestId('view-model').click();
  for (const tool of ['measure', 'section', 'grid']) await page.getByTestId(`tool-${tool}`).click();
  await expect(page.getByTestId('section-grip')).toBeVisible();
  await clean('tools of the figure');
  await page.getByTestId('motion-walk').click();
  await expect(page.getByTestId('motion-notes')).not.toContainText('Finding');
  await clean('motion');
  await page.getByTestId('save-button').click();
  await expect(page.getByTestId('save-project')).toBeVisible();
  await clean('save menu');
  await page.keyboard.press('Escape');
  // On a phone the details are a sheet.
  await page.setViewportSize(LOOKS[0]);
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Close details' })).toBeVisible();
  expect.soft(await findings(page), 'details on a phone').toEqual([]);
  expect.soft(await page.evaluate(smallTargets, FINGER_PX), 'fingers, details').toEqual([]);
  await page.keyboard.press('Escape');
  await page.setViewportSize(LOOKS[1]);
  await page.getByTestId('home').click();
  await expect(page.getByTestId('project-card')).toBeVisible();
  await clean('gallery');
  await page.getByTestId('project-delete').click();
  await expect(page.getByTestId('undo-delete')).toBeVisible();
  await clean('deleted');
});
