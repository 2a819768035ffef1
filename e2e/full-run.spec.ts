/** The main job in a real browser: a sample photo in, a mesh on screen, a valid GLB saved, at the full 2048. */
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { STAGE_IDS } from '../src/digitizer/types.ts';
import { checkGlb } from './glb-check.ts';
import { openApp, saveFile, waitForStage } from './page.ts';

test('a sample on black becomes a closed mesh on screen and a valid GLB', async ({ page }) => {
  const watch = await openApp(page);
  await page.getByTestId('sample-sweater-and-jeans').click();
  for (const stage of STAGE_IDS) await waitForStage(page, stage);

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
  expect(parsed.stages.map((s: { stage: string }) => s.stage)).toEqual([...STAGE_IDS]);
  expect(parsed.triangles).toBe(facts.triangles);

  for (const id of ['save-mesh-ply', 'save-cloud-ply']) {
    const ply = await saveFile(page, id);
    expect(ply.bytes.subarray(0, 3).toString()).toBe('ply');
  }

  // Another count: shown, saved, closed; then the whole mesh again, at once and to the byte.
  await page.getByTestId('shading-confidence').click();
  await expect(page.getByTestId('shading-legend')).toContainText('measured');
  await page.getByTestId('mesh-size-10k').click();
  await expect(page.getByTestId('mesh-size-10k')).toHaveAttribute('aria-checked', 'true');
  const small = await saveFile(page, 'save-glb');
  const smallFacts = await checkGlb(small.bytes);
  expect(smallFacts).toMatchObject({ errors: [], boundaryEdges: 0, nonManifoldEdges: 0 });
  expect(smallFacts.triangles).toBeLessThanOrEqual(10_000);
  expect(smallFacts.triangles).toBeGreaterThan(9_500);
  expect(smallFacts.heightMeters).toBeCloseTo(facts.heightMeters, 2);
  await expect(page.getByTestId('simplify-line')).toHaveCount(0);
  await expect(page.getByLabel('Details: Model')).toContainText(/(9.\d{3}|10.000) of \d{3}.\d{3}/);
  const smallReport = JSON.parse((await saveFile(page, 'save-report')).bytes.toString('utf8'));
  expect(smallReport.simplified).toMatchObject({ wantedTriangles: 10_000, triangles: smallFacts.triangles });
  expect(smallReport.triangles).toBe(facts.triangles);
  await page.getByTestId('mesh-size-full').click();
  expect((await saveFile(page, 'save-glb')).bytes.equals(glb.bytes)).toBe(true);

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
  await expect(page.getByTestId('stage-matte')).toContainText(/matte network/i);
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
