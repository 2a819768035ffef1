/** The main job in a real browser: a sample photo in, a mesh on screen, a valid GLB saved, at the full 2048. */
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { checkGlb } from './glb-check.ts';
import { openApp, saveFile, waitForStage } from './page.ts';

const STAGES = [
  'photo',
  'matte',
  'pose',
  'parts',
  'coarse',
  'partNormals',
  'mergedNormals',
  'fineDepth',
  'cloud',
  'surface',
];

test('a sample on black becomes a closed mesh on screen and a valid GLB', async ({ page }) => {
  const watch = await openApp(page);
  await page.getByTestId('sample-blue-overalls').click();
  for (const stage of STAGES) await waitForStage(page, stage);

  await page.getByTestId('view-model').click();
  const canvas = page.getByTestId('model-canvas').locator('canvas');
  await expect(canvas).toBeVisible();
  await expect
    .poll(async () => colourCount(await canvas.screenshot()), {
      timeout: 60_000,
      message: 'the figure is on screen',
    })
    .toBeGreaterThan(200);

  const glb = await saveFile(page, 'save-glb');
  expect(glb.name).toMatch(/\.glb$/);
  const facts = await checkGlb(glb.bytes);
  expect(facts.errors).toEqual([]);
  expect(facts.triangles).toBeGreaterThan(100_000);
  expect(facts.boundaryEdges).toBe(0);
  expect(facts.nonManifoldEdges).toBe(0);
  expect(facts.heightMeters).toBeGreaterThan(1.6);
  expect(facts.heightMeters).toBeLessThan(1.8);
  expect(facts.lowestMeters).toBeCloseTo(0, 2);

  const report = await saveFile(page, 'save-report');
  const parsed = JSON.parse(report.bytes.toString('utf8'));
  expect(parsed.stages.map((s: { stage: string }) => s.stage)).toEqual(STAGES);
  expect(parsed.triangles).toBe(facts.triangles);

  for (const id of ['save-mesh-ply', 'save-cloud-ply']) {
    const ply = await saveFile(page, id);
    expect(ply.bytes.subarray(0, 3).toString()).toBe('ply');
  }

  const zip = await saveFile(page, 'save-reference');
  expect(zip.name).toMatch(/-reference\.zip$/);
  const files = Object.keys(unzipSync(new Uint8Array(zip.bytes)));
  for (const folder of ['depth', 'consistency_normal', 'normal', 'part_normal', 'mask', 'output_plys']) {
    expect(
      files.some((path) => path.startsWith(`${folder}/`)),
      folder,
    ).toBe(true);
  }
  expect(files.some((path) => /^output_plys_c\/.+\.ply$/.test(path))).toBe(true);
  expect(watch.foreign, 'nothing leaves this origin').toEqual([]);
  expect(watch.errors).toEqual([]);
});

test('a photo with a background: cut-out and pose are found here, and nothing is sent', async ({ page }) => {
  const watch = await openApp(page);
  await page.getByTestId('sample-white-jacket').click();
  await waitForStage(page, 'parts');
  await expect(page.getByTestId('stage-matte')).toContainText(/segmentation/i);
  await expect(page.getByTestId('stage-pose')).toContainText(/of 31 points/);
  expect(watch.foreign).toEqual([]);
  expect(watch.errors).toEqual([]);
});

/** Number of different byte triples in a coarse sample of a PNG's decoded pixels. */
async function colourCount(png: Buffer): Promise<number> {
  const { decode } = await import('fast-png');
  const image = decode(png);
  const colours = new Set<number>();
  for (let i = 0; i + 2 < image.data.length; i += image.channels * 7) {
    colours.add((image.data[i] << 16) | (image.data[i + 1] << 8) | image.data[i + 2]);
  }
  return colours.size;
}
