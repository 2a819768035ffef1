/** The manners of the page: what has the focus, what covers what, what a phone sees first. */
import { expect, type Page, test } from '@playwright/test';
import { giveFiles, openApp, waitForStage } from './page.ts';

const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return at?.getAttribute('data-testid') ?? at?.getAttribute('data-focus-home') ?? at?.tagName ?? '';
  });

const boxOf = async (page: Page, selector: string) => {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not shown`);
  return box;
};
type Box = Awaited<ReturnType<typeof boxOf>>;
const overlap = (a: Box, b: Box) =>
  Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1 &&
  Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 1;

const letter = { name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') };

test('a phone sees the samples without scrolling, and is told to choose, not to drop', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openApp(page);
  const samples = await page.getByRole('region', { name: 'Sample photos' }).boundingBox();
  expect((samples?.y ?? 9999) + (samples?.height ?? 0)).toBeLessThanOrEqual(844);
  await expect(page.getByRole('main')).not.toContainText(/\bdrop\b/i);
  await expect(page.getByRole('main')).toContainText(/choose/i);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

for (const [width, height] of [
  [1440, 900],
  [1024, 768],
  [390, 844],
] as const) {
  test(`a message covers neither headline nor rail at ${width} x ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openApp(page);
    await giveFiles(page, [letter]);
    const banner = '[data-testid="error-banner"]';
    await expect(page.locator(banner)).toBeVisible();
    for (const other of ['h1', 'header', '[data-testid="drop-zone"]']) {
      expect(overlap(await boxOf(page, banner), await boxOf(page, other)), other).toBe(false);
    }
    await page.getByLabel('Close this message').press('Enter');
    await page.getByTestId('sample-sweater-and-jeans').click();
    await waitForStage(page, 'photo');
    await giveFiles(page, [letter]);
    await expect(page.locator(banner)).toBeVisible();
    const details = width <= 860 ? ['[aria-controls="inspector"]'] : [];
    for (const other of ['header', 'nav', '[data-testid="cancel"]', 'main', ...details]) {
      expect(overlap(await boxOf(page, banner), await boxOf(page, other)), other).toBe(false);
    }
    await page.getByTestId('cancel').click();
  });
}

test('focus is never lost: a sample by Enter, Cancel, Run again, a closed message; Tab closes the menu', async ({
  page,
}) => {
  await openApp(page);
  await page.getByTestId('sample-sweater-and-jeans').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('stage-photo')).toBeVisible();
  await expect.poll(() => focused(page)).toBe('studio');
  await page.getByTestId('cancel').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('rerun')).toBeVisible();
  await expect.poll(() => focused(page)).toBe('rerun');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('cancel');
  await waitForStage(page, 'surface');
  await expect(page.getByTestId('save-button')).toBeEnabled();

  await page.getByTestId('save-button').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('save-glb')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('save-glb')).toHaveCount(0);
  expect(await focused(page)).not.toBe('BODY');
  await page.getByTestId('save-button').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+Tab');
  await expect(page.getByTestId('save-glb')).toHaveCount(0);

  // The surface alone again: the rail goes on marking what the view shows.
  await page.getByTestId('view-model').click();
  await expect(page.locator('[data-testid="stage-surface"][aria-current="true"]')).toBeVisible();
});
