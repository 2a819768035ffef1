/** Figures stay: through reload, Back and Forward, closing in the middle, deleting by mistake, and as a file elsewhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { zipSync } from 'fflate';
import { giveFiles, openApp, saveFile, waitForStage } from './page.ts';

const SAMPLES = join(import.meta.dirname, '../public/samples');
const photo = (name: string) => ({
  name,
  mimeType: 'image/jpeg',
  buffer: readFileSync(join(SAMPLES, name)),
});

const card = (page: Page) => page.getByTestId('project-card');
const onScreen = (page: Page) => expect(page.getByTestId('model-canvas').locator('canvas')).toBeVisible();

test('a figure is kept by itself: home, Back, Forward, reload; renamed, carried away, deleted, had back', async ({
  page,
}) => {
  const watch = await openApp(page);
  await page.getByTestId('sample-sweater-and-jeans').click();
  await waitForStage(page, 'surface');
  await onScreen(page);
  expect(page.url()).toContain('#/figure/');
  const glb = await saveFile(page, 'save-glb');

  await page.goBack();
  await expect(card(page)).toHaveAttribute('data-state', 'finished');
  await expect(page.getByTestId('gallery-space')).toContainText(/1 kept in this browser, [\d.]+ MB/);
  await page.goForward();
  await onScreen(page);
  await page.getByTestId('view-maps').click();
  await page.getByTestId('home').click();
  await expect(card(page)).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId('view-maps')).toHaveAttribute('aria-selected', 'true');

  // The same view after a reload: its maps are made again, the figure is there at once.
  await page.reload();
  await expect(page.getByTestId('view-maps')).toHaveAttribute('aria-selected', 'true');
  await waitForStage(page, 'surface');
  await expect(page.locator('[data-testid="stage-mergedNormals"]')).toHaveAttribute('data-state', 'done');
  await page.getByTestId('view-model').click();
  await page.reload();
  await onScreen(page);
  await expect(page.getByTestId('machine-line')).toHaveAttribute('data-state', 'ready');
  expect((await saveFile(page, 'save-glb')).bytes.equals(glb.bytes), 'the mesh is the same to the byte').toBe(
    true,
  );
  const project = await saveFile(page, 'save-project');
  expect(project.name).toBe('sweater-and-jeans.statuette');

  await page.getByTestId('home').click();
  await page.getByTestId('project-rename').click();
  await page.getByTestId('project-name').fill('Blue');
  await page.keyboard.press('Enter');
  await expect(card(page)).toContainText('Blue');
  await page.getByTestId('project-delete').click();
  await expect(card(page)).toHaveCount(0);
  await page.getByTestId('undo-delete').click();
  await expect(card(page)).toHaveCount(1);

  await giveFiles(page, [
    { name: 'elsewhere.statuette', mimeType: 'application/zip', buffer: project.bytes },
  ]);
  await onScreen(page);
  await page.getByTestId('home').click();
  await expect(card(page)).toHaveCount(2);
  await giveFiles(page, [
    { name: 'cut.statuette', mimeType: 'application/zip', buffer: project.bytes.subarray(0, 5000) },
  ]);
  await expect(page.getByTestId('error-banner')).toContainText('cut.statuette');
  const manifest = JSON.stringify({ format: 'statuette project', version: 999 });
  await giveFiles(page, [
    {
      name: 'newer.statuette',
      mimeType: 'application/zip',
      buffer: Buffer.from(zipSync({ 'project.json': Buffer.from(manifest) })),
    },
  ]);
  await expect(page.getByTestId('error-banner')).toContainText('newer Statuette');
  await expect(card(page)).toHaveCount(2);
  expect(watch.foreign).toEqual([]);
  expect(watch.errors).toEqual([]);
});

test('closed in the middle: the photo is there and its run is taken up again; two tabs do not fight', async ({
  page,
  context,
}) => {
  await openApp(page);
  await page.getByTestId('sample-checked-shirt').click();
  await waitForStage(page, 'coarse');
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  await expect(page.getByTestId('stage-photo')).toBeVisible();
  await waitForStage(page, 'surface');
  await onScreen(page);

  const other = await context.newPage();
  await other.goto(address);
  await expect(other.getByTestId('notice-list')).toContainText('another tab');
  await other.close();
});

test('several photos: one after the other, a bad one is named, the others are kept', async ({ page }) => {
  await openApp(page);
  await giveFiles(page, [
    { ...photo('sweater-and-jeans.jpg'), name: 'one.jpg' },
    { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('\xff\xd8\xff no picture', 'latin1') },
    { ...photo('sweater-and-jeans.jpg'), name: 'three.jpg' },
  ]);
  const items = page.getByTestId('queue-item');
  await expect(items).toHaveCount(3);
  await expect(page.getByTestId('queue')).toContainText('all through', { timeout: 200_000 });
  await expect(items.nth(0)).toHaveAttribute('data-state', 'done');
  await expect(items.nth(1)).toHaveAttribute('data-state', 'failed');
  await expect(items.nth(2)).toHaveAttribute('data-state', 'done');
  await expect(page.locator('[data-testid="project-card"][data-state="finished"]')).toHaveCount(2);
});
