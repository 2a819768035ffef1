/** Touching the figure: a joint dragged on the photo, an outline painted, a box moved, undone and done again. */
import { expect, type Page, test } from '@playwright/test';
import { openApp, type PageWatch, saveFile, waitForStage } from './page.ts';

const finished = async (page: Page) => {
  await expect(page.getByTestId('cancel')).toHaveCount(0, { timeout: 120_000 });
  await expect(page.getByTestId('run-total')).toBeVisible();
};

// One figure for all of them: its run is what takes the time.
test.describe.configure({ mode: 'serial' });
let page: Page;
let watch: PageWatch;
test.beforeAll(async ({ browser, baseURL }) => {
  page = await browser.newPage({ baseURL });
  watch = await openApp(page);
  await page.getByTestId('sample-sweater-and-jeans').click();
  await waitForStage(page, 'surface');
  await finished(page);
});
test.afterAll(() => page.close());

test('drag the wrist, paint, move a box, hide a part, undo all of it by keys', async () => {
  await page.getByTestId('view-photo').click();
  await page.getByTestId('tool-joints').click();

  // The wrist's place on screen, from its fields.
  const field = (label: string) => page.getByLabel(label, { exact: true });
  await page.getByTestId('joint-choice').selectOption('leftWrist');
  const [x, y] = [Number(await field('x').inputValue()), Number(await field('y').inputValue())];
  const box = await page.getByTestId('photo-canvas').boundingBox();
  if (!box) throw new Error('no canvas');
  const scale = Math.min(box.width, box.height) / 2048;
  const at = (px: number, py: number) =>
    [box.x + box.width / 2 + (px - 1024) * scale, box.y + box.height / 2 + (py - 1024) * scale] as const;
  await page.mouse.move(...at(x, y));
  await page.mouse.down();
  await page.mouse.move(...at(x + 20, y - 10), { steps: 4 });
  await page.mouse.up();
  await expect(page.getByTestId('history')).toContainText('Left wrist moved');
  await finished(page);
  await expect(page.getByTestId('stage-partNormals')).toContainText('1 of 12 parts again');
  await expect.poll(async () => Math.abs(Number(await field('x').inputValue()) - x - 20)).toBeLessThan(6);

  await page.getByTestId('tool-paint').click();
  await page.getByTestId('brush-remove').click();
  await page.mouse.move(...at(x, y - 150));
  await page.mouse.down();
  await page.mouse.move(...at(x + 40, y - 150), { steps: 4 });
  await page.mouse.up();
  await expect(page.getByTestId('history')).toContainText('Outline removed');
  await finished(page);

  await page.getByTestId('view-parts').click();
  await page.getByTestId('part-leftForearm').click();
  await page.getByTestId('box-x').fill('12');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('history')).toContainText('Left forearm: box changed');
  await finished(page);
  await page.getByTestId('part-hide').click();
  await expect(page.getByTestId('history')).toContainText('Left forearm hidden');
  await finished(page);

  const struck = page.getByTestId('history').locator('[data-undone="true"]');
  for (let i = 1; i <= 4; i++) {
    await page.keyboard.press('Control+z');
    await expect(struck).toHaveCount(i);
    await finished(page);
  }
  await expect(page.getByTestId('stage-surface')).toContainText('kept');
  await page.keyboard.press('Control+Shift+z');
  await expect(struck).toHaveCount(3);
  await finished(page);
  expect(watch.errors).toEqual([]);
});

test('parts are picked on the mesh: a click on the head explains the head', async () => {
  await page.getByTestId('view-model').click();
  await page.getByTestId('camera-photo').click();
  const canvas = page.getByTestId('model-canvas').locator('canvas');
  await expect(canvas).toBeVisible();
  await expect(async () => {
    // Where the figure is may still change while docks come and go.
    const box = await canvas.boundingBox();
    if (!box) throw new Error('the figure is not shown');
    await page.mouse.click(box.x + box.width / 2, box.y + box.height * 0.19);
    await expect(page.getByTestId('explained')).toContainText('Front normal, head', { timeout: 2000 });
  }).toPass();
  await page.getByTestId('view-parts').click();
  await expect(page.getByTestId('part-head')).toHaveAttribute('aria-checked', 'true');
});

test('full storage is said in words, and costs neither the figure nor the change', async () => {
  const browser = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await browser.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
  await page.getByTestId('view-model').click();
  await page.getByTestId('height-cm').fill('181');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('error-banner')).toContainText('storage for this page is full');
  await expect(page.getByTestId('error-fix')).toContainText('save this one as a file');
  await expect(page.getByTestId('height-cm')).toHaveValue('181');
  await page.getByLabel('Close this message').click();
  expect((await saveFile(page, 'save-glb')).bytes.length).toBeGreaterThan(100_000);
  await browser.send('Storage.overrideQuotaForOrigin', { origin });
  await browser.detach();
});

test('what cannot be is said, and the figure stays', async () => {
  await page.getByTestId('view-parts').click();
  await page.getByTestId('part-head').click();
  await page.getByTestId('box-x').fill('2048');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('error-banner')).toContainText('outside the photo');
  await finished(page);
  await expect(page.getByTestId('box-x')).toHaveValue('0');
  await page.getByTestId('view-model').click();
  await expect(page.getByTestId('model-canvas').locator('canvas')).toBeVisible();
});
