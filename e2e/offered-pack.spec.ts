/**
 * A pack that the server has beside the starter: offered only when it is there, downloaded once, kept over a reload, used
 * and removed; cancelled and failed downloads leave nothing. The server's part is played by routes.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { formatBytes } from '../src/ui/words.ts';
import { openApp } from './page.ts';

const STARTER = resolve(import.meta.dirname, '../public/packs/starter');
const WEIGHTS = readFileSync(resolve(STARTER, 'weights.safetensors'));
const SIZE = formatBytes(WEIGHTS.length);

type Manifest = { accuracy: { measure: string; value: number }[] } & Record<string, unknown>;

/** The starter's weights under another id, a fifth better than they are. */
function largeManifest(): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(resolve(STARTER, 'pack.json'), 'utf8'));
  const accuracy = manifest.accuracy.map((entry) => ({ ...entry, value: entry.value * 0.8 }));
  return { ...manifest, id: 'starter-large', name: 'Starter large', version: '1', accuracy };
}

const listed = (page: Page, packs: readonly Manifest[]) =>
  page.route('**/packs/catalogue.json', (route) => route.fulfill({ json: { version: 1, packs } }));

/** @returns how the server answers when asked for the weights (changeable), and how often it was asked. */
async function serveLarge(page: Page) {
  const server = { answer: 'whole' as 'whole' | 'silent' | 'missing' | 'offline' | 'damaged', asked: 0 };
  const manifest = largeManifest();
  await listed(page, [manifest]);
  await page.route('**/packs/starter-large/pack.json', (route) => route.fulfill({ json: manifest }));
  await page.route('**/packs/starter-large/weights.safetensors', async (route) => {
    server.asked++;
    if (server.answer === 'silent') return;
    if (server.answer === 'offline') await route.abort('internetdisconnected');
    else if (server.answer === 'missing') await route.fulfill({ status: 404 });
    else {
      const body = Buffer.from(WEIGHTS);
      if (server.answer === 'damaged') body[body.length - 7] ^= 1;
      await route.fulfill({ body, contentType: 'application/octet-stream' });
    }
  });
  return server;
}

async function openPacks(page: Page): Promise<Locator> {
  await page.getByTestId('packs-button').click();
  const dialog = page.getByTestId('packs-dialog');
  await expect(dialog.getByTestId('pack-starter')).toBeVisible();
  return dialog;
}

const offer = (dialog: Locator) => dialog.getByTestId('offer-starter-large');
const kept = (dialog: Locator) => dialog.locator('li[data-testid^="pack-starter-large-"]');

/** Folders in the page's storage, whole packs or not. */
const foldersLeft = (page: Page) =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const packs = await root.getDirectoryHandle('packs', { create: true });
    let count = 0;
    for await (const _ of packs.keys()) count++;
    return count;
  });

test('downloaded, kept over a reload without asking again, used and removed', async ({ page }) => {
  const server = await serveLarge(page);
  let catalogueAsked = false;
  page.on('request', (request) => {
    catalogueAsked ||= request.url().endsWith('catalogue.json');
  });
  const watch = await openApp(page);
  expect(catalogueAsked).toBe(false);
  let dialog = await openPacks(page);
  await expect(offer(dialog)).toContainText(SIZE);
  await expect(offer(dialog).getByTestId('offer-gains')).toContainText(
    /Shape error.*\d\.\d · \d+\.\d mm.*starter/,
  );
  expect(server.asked).toBe(0);

  await offer(dialog).getByTestId('offer-download').press('Enter');
  await expect(kept(dialog)).toHaveCount(1, { timeout: 60_000 });
  await expect(offer(dialog)).toHaveCount(0);
  await expect(dialog.getByTestId('pack-starter')).toHaveAttribute('data-in-use', 'true');
  await expect(kept(dialog).getByTestId('pack-use')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(kept(dialog)).toHaveAttribute('data-in-use', 'true', { timeout: 60_000 });

  await page.reload();
  await expect(page.getByTestId('machine-line')).toContainText('Starter large', { timeout: 60_000 });
  dialog = await openPacks(page);
  await expect(kept(dialog)).toHaveAttribute('data-in-use', 'true');
  await expect(offer(dialog)).toHaveCount(0);
  expect(server.asked).toBe(1);

  await kept(dialog).getByTestId('pack-remove').click();
  await kept(dialog).getByTestId('pack-remove-confirm').click();
  await expect(offer(dialog)).toBeVisible({ timeout: 60_000 });
  await expect(dialog.getByTestId('pack-starter')).toHaveAttribute('data-in-use', 'true');
  expect(await foldersLeft(page)).toBe(0);
  expect(watch.errors).toEqual([]);
  expect(watch.foreign).toEqual([]);
});

test('cancelled, missing, offline, damaged, cut off by a reload: said, and nothing is left', async ({
  page,
}) => {
  const server = await serveLarge(page);
  await openApp(page);
  let dialog = await openPacks(page);
  const button = () => offer(dialog).getByTestId('offer-download');

  server.answer = 'silent';
  await button().press('Enter');
  await expect(offer(dialog).getByTestId('offer-progress')).toContainText(`0.0 of ${SIZE}`);
  await expect(offer(dialog).getByTestId('offer-cancel')).toBeFocused();
  await expect.poll(() => server.asked).toBe(1);
  await page.keyboard.press('Enter');
  await expect(button()).toBeFocused();
  expect(await foldersLeft(page)).toBe(0);

  for (const [answer, sentence] of [
    ['missing', /does not have this pack any more\. Reload the page/],
    ['offline', /did not answer\. Check the connection/],
    ['damaged', /arrived damaged; nothing of it was kept\. Download it again/],
  ] as const) {
    server.answer = answer;
    await button().click();
    await expect(offer(dialog).getByTestId('offer-problem')).toHaveText(sentence, { timeout: 60_000 });
    expect(await foldersLeft(page), answer).toBe(0);
  }

  server.answer = 'silent';
  await button().click();
  await expect.poll(() => foldersLeft(page)).toBe(1);
  await page.reload();
  dialog = await openPacks(page);
  await expect(button()).toBeVisible();
  await expect.poll(() => foldersLeft(page)).toBe(0);

  server.answer = 'whole';
  await button().click();
  await expect(kept(dialog)).toHaveCount(1, { timeout: 60_000 });
});

test('a server without such packs offers none, and one without a list neither', async ({ page }) => {
  await listed(page, []);
  const watch = await openApp(page);
  let dialog = await openPacks(page);
  await expect(dialog.locator('li')).toHaveCount(1);
  await page.unroute('**/packs/catalogue.json');
  await page.route('**/packs/catalogue.json', (route) => route.fulfill({ status: 404 }));
  await page.reload();
  dialog = await openPacks(page);
  await expect(dialog.locator('li')).toHaveCount(1);
  await expect(dialog.getByTestId('packs-problem')).toHaveCount(0);
  expect(watch.errors).toEqual([]);
});
