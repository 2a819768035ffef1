/**
 * The two minutes of somebody who is here for the first time: drop a photo, watch, look at a hand closely, drag its wrist,
 * paint the outline, undo, compare, save, reload. Every step says what must be there after it and fails when it is not;
 * the video of it is in .cache/walk/two-minutes.webm.
 */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { checkGlb } from '../glb-check.ts';
import { openApp, saveFile, waitForStage } from '../page.ts';

const ROOT = join(import.meta.dirname, '../..');
const PHOTO = join(ROOT, 'public/samples/sweater-and-jeans.jpg');
const startMs = Date.now();

/** A step, with the second it began at in the log. */
const step = (name: string, work: () => Promise<void>) => {
  process.stdout.write(`${String(Math.round((Date.now() - startMs) / 1000)).padStart(4)} s  ${name}\n`);
  return test.step(name, work);
};

/** Long enough for somebody who watches the video, ms. */
const LOOK_MS = 1200;

/** A file over the page and let go, as a desktop does it. */
async function dropPhoto(page: Page): Promise<void> {
  const files = await page.evaluateHandle((base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], 'holiday.jpg', { type: 'image/jpeg' }));
    return data;
  }, readFileSync(PHOTO).toString('base64'));
  await page.dispatchEvent('body', 'dragover', { dataTransfer: files });
  await expect(page.getByText('Drop the photo anywhere')).toBeVisible();
  await page.waitForTimeout(LOOK_MS / 2);
  await page.dispatchEvent('body', 'drop', { dataTransfer: files });
}

const finished = async (page: Page) => {
  await expect(page.getByTestId('cancel')).toHaveCount(0, { timeout: 120_000 });
  await expect(page.getByTestId('run-total')).toBeVisible();
};

async function dragOn(page: Page, from: readonly [number, number], to: readonly [number, number]) {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 12 });
  await page.mouse.up();
}

/** Where a pixel of the canvas of 2048 is in the photo's pane, while all of it is shown. */
async function photoPlace(page: Page) {
  const box = await page.getByTestId('photo-canvas').boundingBox();
  if (!box) throw new Error('the photo is not shown');
  const scale = Math.min(box.width, box.height) / 2048;
  return (x: number, y: number) =>
    [box.x + box.width / 2 + (x - 1024) * scale, box.y + box.height / 2 + (y - 1024) * scale] as const;
}

test('two minutes', async ({ page }) => {
  const watch = await openApp(page);
  await page.waitForTimeout(LOOK_MS);

  await step('Drop a photo', async () => {
    await dropPhoto(page);
    await expect(page.getByTestId('stage-photo')).toBeVisible();
    expect(page.url()).toContain('#/figure/');
  });

  await step('Watch the stages', async () => {
    await waitForStage(page, 'parts');
    await waitForStage(page, 'surface');
    await finished(page);
    await expect(page.getByTestId('model-canvas').locator('canvas')).toBeVisible();
  });

  await step('Turn the figure', async () => {
    const box = await page.getByTestId('model-canvas').boundingBox();
    if (!box) throw new Error('the figure is not shown');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await dragOn(page, [x - 160, y], [x + 160, y - 20]);
    await page.waitForTimeout(LOOK_MS);
    await page.getByTestId('camera-photo').click();
  });

  await step('Inspect a hand', async () => {
    await page.getByTestId('view-parts').click();
    await page.getByTestId('part-leftForearm').click();
    const pane = page.getByTestId('pane-front-normal');
    await expect(pane).toBeVisible();
    await pane.hover();
    for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -240);
    await page.waitForTimeout(LOOK_MS);
    await pane.click();
    await expect(page.getByTestId('explained')).toContainText('Left forearm');
    await expect(page.getByTestId('explained')).toContainText('Front normal, merged');
    await page.waitForTimeout(2 * LOOK_MS);
    await pane.dblclick();
  });

  const field = (label: string) => page.getByLabel(label, { exact: true });
  let wrist = [0, 0] as readonly [number, number];
  await step('Drag its wrist', async () => {
    await page.getByTestId('view-photo').click();
    await page.getByTestId('tool-joints').click();
    await page.getByTestId('joint-choice').selectOption('leftWrist');
    wrist = [Number(await field('x').inputValue()), Number(await field('y').inputValue())];
    const at = await photoPlace(page);
    await dragOn(page, at(...wrist), at(wrist[0] + 40, wrist[1] - 30));
    await expect(page.getByTestId('history')).toContainText('Left wrist moved');
    await finished(page);
    await expect(page.getByTestId('stage-partNormals')).toContainText('1 of 12 parts again');
  });

  await step('Paint the outline', async () => {
    await page.getByTestId('tool-paint').click();
    await page.getByTestId('brush-remove').click();
    const at = await photoPlace(page);
    const [x, y] = wrist;
    await dragOn(page, at(x - 20, y - 160), at(x + 50, y - 160));
    await expect(page.getByTestId('history')).toContainText('Outline removed');
    await finished(page);
    await page.waitForTimeout(LOOK_MS);
  });

  await step('Undo the paint', async () => {
    await page.keyboard.press('Control+z');
    await expect(page.getByTestId('history').locator('[data-undone="true"]')).toHaveCount(1);
    await finished(page);
    await expect(page.getByTestId('stage-surface')).toContainText('kept');
    await page.waitForTimeout(LOOK_MS);
  });

  await step('Compare before and now', async () => {
    await page.getByTestId('view-model').click();
    await expect(page.getByTestId('model-canvas').locator('canvas')).toBeVisible();
    await page.getByTestId('tool-compare').click();
    const seam = page.getByTestId('seam');
    const before = Number(await seam.getAttribute('aria-valuenow'));
    const box = await seam.boundingBox();
    if (!box) throw new Error('the seam is not shown');
    const grip = [box.x + box.width / 2, box.y + box.height / 2] as const;
    await dragOn(page, grip, [grip[0] + 160, grip[1]]);
    expect(Number(await seam.getAttribute('aria-valuenow'))).toBeGreaterThan(before);
    await page.waitForTimeout(LOOK_MS);
    await page.getByTestId('tool-compare').click();
  });

  let saved: Buffer;
  await step('Save it', async () => {
    const { name, bytes } = await saveFile(page, 'save-glb');
    expect(name).toBe('holiday.glb');
    const facts = await checkGlb(bytes);
    expect(facts.errors).toEqual([]);
    expect(facts.boundaryEdges).toBe(0);
    saved = bytes;
  });

  await step('Reload', async () => {
    await page.reload();
    await expect(page.getByTestId('model-canvas').locator('canvas')).toBeVisible();
    await expect(page.getByTestId('machine-line')).toHaveAttribute('data-state', 'ready');
    await page.waitForTimeout(LOOK_MS);
    expect((await saveFile(page, 'save-glb')).bytes.equals(saved), 'the figure is the same to the byte').toBe(
      true,
    );
    await page.getByTestId('home').click();
    await expect(page.getByTestId('project-card')).toContainText('holiday');
    await page.waitForTimeout(LOOK_MS);
  });

  expect(watch.foreign).toEqual([]);
  expect(watch.errors).toEqual([]);
  const video = page.video();
  if (video) {
    await page.close();
    copyFileSync(await video.path(), join(ROOT, '.cache/walk/two-minutes.webm'));
  }
});
