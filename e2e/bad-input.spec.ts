/** Bad input gets one clear sentence with what to do; the page stays usable and keeps what was computed. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { encodePng } from '../src/export/png.ts';
import { giveFiles, openApp, type PageWatch, waitForStage } from './page.ts';

const SAMPLES = resolve(import.meta.dirname, '../public/samples');
const sample = (name: string) => readFileSync(resolve(SAMPLES, name));

function flatPng(width: number, height: number, grey: number): Buffer {
  return Buffer.from(
    encodePng({ width, height, channels: 1, data: new Uint8Array(width * height).fill(grey) }),
  );
}

const png = (buffer: Buffer, name = 'photo.png') => ({ name, mimeType: 'image/png', buffer });
const jpeg = (buffer: Buffer, name = 'photo.jpg') => ({ name, mimeType: 'image/jpeg', buffer });
const json = (text: string) => ({
  name: 'pose_keypoints.json',
  mimeType: 'application/json',
  buffer: Buffer.from(text),
});

const person = (value: number) => ({
  pose_keypoints_2d: new Array(75).fill(value),
  hand_left_keypoints_2d: new Array(63).fill(value),
  hand_right_keypoints_2d: new Array(63).fill(value),
});

const CASES: readonly {
  readonly title: string;
  readonly files: () => { name: string; mimeType: string; buffer: Buffer }[];
  readonly says: RegExp;
}[] = [
  {
    title: 'not an image',
    files: () => [png(Buffer.from('hello, this is text'))],
    says: /not (a|an) (picture|image)/i,
  },
  {
    // Of more, the part that arrived is used.
    title: 'an image of which hardly anything arrived',
    files: () => [jpeg(sample('sweater-and-jeans.jpg').subarray(0, 1_500))],
    says: /cut off|truncated|incomplete|damaged/i,
  },
  { title: 'an empty file', files: () => [png(Buffer.alloc(0))], says: /empty/i },
  { title: 'a 1 x 1 picture', files: () => [png(flatPng(1, 1, 90))], says: /small/i },
  {
    title: 'malformed keypoints',
    files: () => [jpeg(sample('sweater-and-jeans.jpg')), json('{"people": [')],
    says: /JSON/i,
  },
  {
    title: 'keypoints without a person',
    files: () => [jpeg(sample('sweater-and-jeans.jpg')), json('{"people": []}')],
    says: /no person|nobody/i,
  },
  {
    title: 'keypoints that are all zero',
    files: () => [jpeg(sample('sweater-and-jeans.jpg')), json(JSON.stringify({ people: [person(0)] }))],
    says: /zero|no .*point/i,
  },
  {
    title: 'a mask of another size',
    files: () => [jpeg(sample('sweater-and-jeans.jpg')), png(flatPng(300, 400, 255), 'photo_mask.png')],
    says: /mask/i,
  },
];

// One visit for all of them: every photo that works comes after one that does not.
test.describe('one after the other', () => {
  test.describe.configure({ mode: 'serial' });
  let page: Page;
  let watch: PageWatch;
  test.beforeAll(async ({ browser, baseURL }) => {
    page = await browser.newPage({ baseURL });
    watch = await openApp(page);
  });
  test.afterAll(() => page.close());

  for (const { title, files, says } of CASES) {
    test(`${title}: one clear sentence, and the page goes on`, async () => {
      await giveFiles(page, files());
      const banner = page.getByTestId('error-banner');
      await expect(banner).toContainText(says, { timeout: 60_000 });
      await expect(page.getByTestId('error-fix')).not.toBeEmpty();
      // The page stays usable: a good photo runs after the bad one, as a figure of its own.
      const before = page.url();
      await giveFiles(page, [
        jpeg(sample('sweater-and-jeans.jpg')),
        json(sample('sweater-and-jeans_keypoints.json').toString()),
      ]);
      await expect(banner).toBeHidden();
      await expect.poll(() => page.url()).not.toBe(before);
      await waitForStage(page, 'parts');
      await page.getByTestId('cancel').click();
      await expect(page.getByTestId('rerun')).toBeVisible();
      expect(watch.errors).toEqual([]);
    });
  }
});

test('a photo with nobody', async ({ page }) => {
  await openApp(page);
  // A picture with structure in it, so that neither a flat background nor a black one explains it.
  const side = 512;
  const data = new Uint8Array(side * side);
  for (let i = 0; i < data.length; i++)
    data[i] = 90 + 60 * Math.sin(i % side) * Math.cos(i / side / 9) + (i % 7) * 6;
  await giveFiles(page, [png(Buffer.from(encodePng({ width: side, height: side, channels: 1, data })))]);
  await expect(page.getByTestId('error-banner')).toContainText(/person|nobody/i, { timeout: 120_000 });
  await expect(page.getByTestId('error-fix')).not.toBeEmpty();
});

test('a cancelled run can be started again and reuses what was done', async ({ page }) => {
  await openApp(page);
  await page.getByTestId('sample-bomber-jacket').click();
  await waitForStage(page, 'coarse');
  await page.getByTestId('cancel').click();
  await expect(page.getByTestId('cancel')).toBeHidden({ timeout: 60_000 });
  await expect(page.getByTestId('stage-photo')).toHaveAttribute('data-state', 'done');
  await page.getByTestId('rerun').click();
  await waitForStage(page, 'partNormals');
});
