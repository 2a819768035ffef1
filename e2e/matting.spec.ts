/** A matting network dropped on the page: used, kept over a reload, removed; what is none is named and changes nothing. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { sharedPath } from '../tests/shared.ts';
import { giveFiles, openApp, waitForStage } from './page.ts';

const CASES = resolve(import.meta.dirname, '../tests/cases/matting');
const SAMPLES = resolve(import.meta.dirname, '../public/samples');
const U2NETP = sharedPath('matte/u2netp.onnx');

const onnx = (buffer: Buffer, name: string) => ({ name, mimeType: 'application/octet-stream', buffer });
const tiny = () => onnx(readFileSync(resolve(CASES, 'tiny-red.onnx')), 'tiny-red.onnx');

async function inUse(page: Page) {
  await page.getByTestId('packs-button').click();
  return page.getByTestId('packs-dialog').getByTestId('matting-in-use');
}

test('a network is kept over a reload and removed; a page saved as .onnx is refused by name', async ({
  page,
}) => {
  const watch = await openApp(page);
  await giveFiles(page, [tiny()]);
  await expect(await inUse(page)).toContainText('64 × 64 px', { timeout: 60_000 });
  await page.keyboard.press('Escape');

  await giveFiles(page, [onnx(Buffer.from('<!doctype html><p>404'), 'u2net.onnx')]);
  await expect(page.getByTestId('error-banner')).toContainText('“u2net.onnx” cannot be read as ONNX');
  await page.reload();
  const shown = await inUse(page);
  await expect(shown).toContainText('tiny-red', { timeout: 60_000 });
  await page.getByTestId('matting-remove').click();
  await expect(shown).toHaveCount(0);
  expect(watch.foreign).toEqual([]);
  expect(watch.errors).toEqual([]);
});

test('U-2-Netp (shared/matte) cuts a sample out', async ({ page }) => {
  test.skip(!U2NETP, 'no ../shared/matte here');
  await openApp(page);
  await giveFiles(page, [onnx(readFileSync(U2NETP as string), 'u2netp.onnx')]);
  await expect(await inUse(page)).toContainText('320 × 320 px', { timeout: 60_000 });
  await page.keyboard.press('Escape');
  await giveFiles(page, [
    { name: 'me.jpg', mimeType: 'image/jpeg', buffer: readFileSync(resolve(SAMPLES, 'crossing.jpg')) },
  ]);
  await waitForStage(page, 'matte');
  await expect(page.getByTestId('stage-matte')).toContainText('own network');
});
