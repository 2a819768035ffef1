/** Weights dropped on the page: a good pack is taken, bad ones are refused by name and the open ones stay. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { writeZip } from '../src/export/zip.ts';
import { giveFiles, openApp, waitForStage } from './page.ts';

const STARTER = resolve(import.meta.dirname, '../public/packs/starter');
const manifest = () => JSON.parse(readFileSync(resolve(STARTER, 'pack.json'), 'utf8'));
const weights = () => new Uint8Array(readFileSync(resolve(STARTER, 'weights.safetensors')));

const zip = (files: Record<string, Uint8Array>) => ({
  name: 'pack.zip',
  mimeType: 'application/zip',
  buffer: Buffer.from(writeZip(files)),
});

type Header = Record<string, { shape: number[] } | undefined>;

/** A pack whose weights file was changed and whose manifest is honest about the changed bytes. */
function changedPack(change: (header: Header) => void): Record<string, Uint8Array> {
  const bytes = weights();
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
  change(header);
  const text = JSON.stringify(header).padEnd(length, ' ');
  bytes.set(new TextEncoder().encode(text).subarray(0, length), 8);
  const pack = manifest();
  pack.files[0].sha256 = createHash('sha256').update(bytes).digest('hex');
  return { 'pack.json': new TextEncoder().encode(JSON.stringify(pack)), 'weights.safetensors': bytes };
}

const KEY = 'refine.normal1.conv.0.weight';

test("a pack with a wrong-shaped tensor is refused by the tensor's name; the open pack stays and runs", async ({
  page,
}) => {
  const watch = await openApp(page);
  const files = changedPack((header) => {
    header[KEY]?.shape.reverse();
  });
  await giveFiles(page, [zip(files)]);
  const banner = page.getByTestId('error-banner');
  await expect(banner).toContainText(KEY, { timeout: 60_000 });
  await expect(page.getByTestId('error-fix')).not.toBeEmpty();
  await page.getByTestId('sample-sweater-and-jeans').click();
  await waitForStage(page, 'coarse');
  expect(watch.errors).toEqual([]);
});

test("a pack without one of its tensors is refused by the tensor's name", async ({ page }) => {
  await openApp(page);
  const files = changedPack((header) => {
    delete header[KEY];
  });
  await giveFiles(page, [zip(files)]);
  await expect(page.getByTestId('error-banner')).toContainText(KEY, { timeout: 60_000 });
});

test('a checkpoint that is cut off is refused, a good pack is taken', async ({ page }) => {
  await openApp(page);
  await giveFiles(page, [
    {
      name: 'best.pth.tar',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(weights().subarray(0, 5000)),
    },
  ]);
  await expect(page.getByTestId('error-banner')).toBeVisible({ timeout: 60_000 });
  const pack = manifest();
  pack.name = 'Mine';
  await giveFiles(page, [
    zip({ 'pack.json': new TextEncoder().encode(JSON.stringify(pack)), 'weights.safetensors': weights() }),
  ]);
  await expect(page.getByTestId('machine-line')).toContainText('Mine', { timeout: 60_000 });
});
