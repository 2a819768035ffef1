/** A phone's HEIC in the built page: libheif comes from our own origin, only then, and the policy lets it run. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { giveFiles, openApp, waitForStage } from './page.ts';

const ROOT = resolve(import.meta.dirname, '..');
const file = (path: string, mimeType: string) => ({
  name: path.replace(/.*\//, ''),
  mimeType,
  buffer: readFileSync(resolve(ROOT, path)),
});

test('a HEIC photo is decoded; libheif is not loaded before', async ({ page, context }) => {
  const libheif: string[] = [];
  context.on('request', (request) => {
    if (/libheif/.test(request.url())) libheif.push(request.url());
  });
  const watch = await openApp(page);
  await giveFiles(page, [file('public/samples/sweater-and-jeans.jpg', 'image/jpeg')]);
  await waitForStage(page, 'photo');
  expect(libheif).toEqual([]);

  // Windows gives these files no type.
  await giveFiles(page, [file('tests/cases/photos/person.heic', '')]);
  await waitForStage(page, 'parts');
  expect(watch.errors).toEqual([]);
  expect(watch.foreign).toEqual([]);
});

test('a video is told apart and the open photo stays', async ({ page }) => {
  await openApp(page);
  await giveFiles(page, [file('public/samples/sweater-and-jeans.jpg', 'image/jpeg')]);
  await waitForStage(page, 'photo');
  await giveFiles(page, [file('tests/cases/photos/live_photo.mov', 'video/quicktime')]);
  await expect(page.getByTestId('error-banner')).toContainText('is a video');
  await expect(page.getByTestId('error-fix')).toContainText('still picture');
  await expect(page.getByTestId('stage-photo')).toHaveAttribute('data-state', 'done');
});
