/** Packs the visitor brings stay in the browser: listed after a reload, used, renamed, saved, removed; bad ones leave nothing. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { InferenceSession } from 'onnxruntime-node';
import { writeZip } from '../src/export/zip.ts';
import { giveFiles, openApp } from './page.ts';

const STARTER = resolve(import.meta.dirname, '../public/packs/starter');

/** The starter's weights under another name. */
function zipOf(name: string, change: (weights: Uint8Array) => Uint8Array = (weights) => weights) {
  const manifest = { ...JSON.parse(readFileSync(resolve(STARTER, 'pack.json'), 'utf8')), name, id: 'mine' };
  const files = {
    'pack.json': new TextEncoder().encode(JSON.stringify(manifest)),
    'weights.safetensors': change(new Uint8Array(readFileSync(resolve(STARTER, 'weights.safetensors')))),
  };
  return { name: 'pack.zip', mimeType: 'application/zip', buffer: Buffer.from(writeZip(files)) };
}

async function openPacks(page: Page): Promise<Locator> {
  await page.getByTestId('packs-button').click();
  const dialog = page.getByTestId('packs-dialog');
  await expect(dialog.getByTestId('pack-starter')).toBeVisible();
  return dialog;
}

const stored = (dialog: Locator) => dialog.locator('li[data-testid^="pack-mine-"]');

test('a pack is kept over a reload, used, renamed, saved and removed', async ({ page }) => {
  const watch = await openApp(page);
  await giveFiles(page, [zipOf('Mine')]);
  await expect(page.getByTestId('machine-line')).toContainText('Mine', { timeout: 60_000 });

  await page.reload();
  await expect(page.getByTestId('machine-line')).toContainText('Mine', { timeout: 60_000 });
  let dialog = await openPacks(page);
  await expect(stored(dialog)).toHaveCount(1);
  await expect(stored(dialog)).toContainText('CC0-1.0');
  await expect(stored(dialog)).toHaveAttribute('data-in-use', 'true');

  await dialog.getByTestId('pack-starter').getByTestId('pack-use').click();
  await expect(dialog.getByTestId('pack-starter')).toHaveAttribute('data-in-use', 'true', {
    timeout: 60_000,
  });
  await stored(dialog).getByTestId('pack-use').click();
  await expect(stored(dialog)).toHaveAttribute('data-in-use', 'true', { timeout: 60_000 });

  // By keyboard alone: rename, then out of the dialog and back to the button that opened it.
  await stored(dialog).getByTestId('pack-rename').press('Enter');
  await page.keyboard.press('Escape');
  await expect(stored(dialog).getByTestId('pack-rename')).toBeFocused();
  await stored(dialog).getByTestId('pack-rename').press('Enter');
  await page.keyboard.type('Better');
  await page.keyboard.press('Enter');
  await expect(stored(dialog).getByRole('heading')).toHaveText('Better');
  await expect(stored(dialog).getByTestId('pack-rename')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('packs-button')).toBeFocused();
  await expect(page.getByTestId('machine-line')).toContainText('Better');

  dialog = await openPacks(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    stored(dialog).getByTestId('pack-save-zip').click(),
  ]);
  expect(download.suggestedFilename()).toBe('Better.zip');
  const files = unzipSync(new Uint8Array(await readFile(await download.path())));
  expect(JSON.parse(new TextDecoder().decode(files['pack.json'])).name).toBe('Better');
  expect(
    Buffer.from(files['weights.safetensors']).equals(readFileSync(resolve(STARTER, 'weights.safetensors'))),
  ).toBe(true);
  const [graphs] = await Promise.all([
    page.waitForEvent('download', { timeout: 120_000 }),
    dialog.getByTestId('pack-starter').getByTestId('pack-save-onnx').click(),
  ]);
  expect(graphs.suggestedFilename()).toBe('Starter-onnx.zip');
  const onnx = unzipSync(new Uint8Array(await readFile(await graphs.path())));
  expect(Object.keys(onnx).filter((name) => name.endsWith('.onnx'))).toHaveLength(8);
  for (const [name, bytes] of Object.entries(onnx)) {
    const session = await InferenceSession.create(bytes);
    expect(session.outputNames, name).toHaveLength(1);
    await session.release();
  }

  // In use: the starter takes over.
  await stored(dialog).getByTestId('pack-remove').click();
  await expect(stored(dialog)).toContainText('The starter pack takes over');
  await stored(dialog).getByTestId('pack-remove-confirm').click();
  await expect(stored(dialog)).toHaveCount(0, { timeout: 60_000 });
  await expect(dialog.getByTestId('pack-starter')).toHaveAttribute('data-in-use', 'true');
  await expect(dialog.getByTestId('pack-add')).toBeFocused();
  await page.reload();
  dialog = await openPacks(page);
  await expect(stored(dialog)).toHaveCount(0);
  expect(watch.errors).toEqual([]);
  expect(watch.foreign).toEqual([]);
});

test('a bad pack leaves the list and the pack in use as they were', async ({ page }) => {
  await openApp(page);
  await giveFiles(page, [zipOf('Good')]);
  await expect(page.getByTestId('machine-line')).toContainText('Good', { timeout: 60_000 });
  const dialog = await openPacks(page);
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    dialog.getByTestId('pack-add').click(),
  ]);
  await chooser.setFiles([
    zipOf('Bad', (weights) => {
      weights[weights.length - 7] ^= 1;
      return weights;
    }),
  ]);
  await expect(dialog.getByTestId('packs-problem')).toContainText('SHA-256', { timeout: 60_000 });
  await expect(stored(dialog)).toHaveCount(1);
  await expect(stored(dialog)).toHaveAttribute('data-in-use', 'true');
  await page.reload();
  await openPacks(page);
  await expect(stored(dialog)).toHaveCount(1);
  await expect(stored(dialog).getByRole('heading')).toHaveText('Good');
});

test('a remembered pack that is gone is named, and the starter serves', async ({ page }) => {
  await openApp(page);
  await giveFiles(page, [zipOf('Fleeting')]);
  await expect(page.getByTestId('machine-line')).toContainText('Fleeting', { timeout: 60_000 });
  // What a browser does that is short of space, or a person who clears the site's data but for this one text.
  await page.evaluate(async () => {
    await (await navigator.storage.getDirectory()).removeEntry('packs', { recursive: true });
  });
  await page.reload();
  await expect(page.getByTestId('error-banner')).toContainText('“Fleeting” is no longer in this browser', {
    timeout: 60_000,
  });
  await expect(page.getByTestId('machine-line')).toContainText('Starter');
  await page.reload();
  await expect(page.getByTestId('machine-line')).toContainText('Starter', { timeout: 60_000 });
  await expect(page.getByTestId('error-banner')).toBeHidden();
});

test('on a phone, packs and method are in the studio’s details; the method is kept in this tab', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openApp(page);
  let dialog = await openPacks(page);
  await expect(dialog.getByTestId('mode-robust')).toHaveAttribute('aria-checked', 'true');
  await dialog.getByTestId('mode-reference').click();
  await expect(dialog).toContainText('its faults included');
  await page.reload();
  await giveFiles(page, [
    { name: 'flat.png', mimeType: 'image/png', buffer: Buffer.from(await flatPicture(page)) },
  ]);
  await expect(page.getByTestId('stage-photo')).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Details' }).click();
  await expect(page.getByTestId('mode-reference')).toHaveAttribute('aria-checked', 'true');
  await page.getByTestId('inspector-packs').click();
  dialog = page.getByTestId('packs-dialog');
  await expect(dialog.getByTestId('pack-starter')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('inspector-packs')).toBeFocused();
});

/** A grey square, 512 px a side: enough to open the studio. */
function flatPicture(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const canvas = new OffscreenCanvas(512, 512);
    canvas.getContext('2d')!.fillRect(0, 0, 512, 512);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
}
