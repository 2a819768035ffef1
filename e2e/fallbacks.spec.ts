/** Browsers that offer less: no WebGPU, no cross-origin isolation. The page says so and still makes the mesh. */
import { chromium, expect, test } from '@playwright/test';
import { findChromium, QUIET_FLAGS } from '../cli/chromium.ts';
import { checkGlb } from './glb-check.ts';
import { openApp, saveFile, waitForStage } from './page.ts';

test('without WebGPU everything runs on the processor, named on screen', async ({ baseURL }) => {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [...QUIET_FLAGS, '--disable-gpu', '--disable-features=WebGPU', '--enable-unsafe-swiftshader'],
  });
  try {
    const page = await browser.newPage({ baseURL });
    const watch = await openApp(page);
    await expect(page.getByTestId('machine-line')).toContainText(/WebGPU/);
    await expect(page.getByTestId('machine-line')).toContainText(/processor/i);
    await page.getByTestId('sample-bomber-jacket').click();
    await waitForStage(page, 'surface');
    const facts = await checkGlb((await saveFile(page, 'save-glb')).bytes);
    expect(facts.errors).toEqual([]);
    expect(facts.boundaryEdges).toBe(0);
    expect(facts.triangles).toBeGreaterThan(100_000);
    expect(watch.errors).toEqual([]);
  } finally {
    await browser.close();
  }
});

test('without cross-origin isolation one thread does the work, named on screen', async ({ page }) => {
  await page.route('**/', async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers() };
    delete headers['cross-origin-opener-policy'];
    delete headers['cross-origin-embedder-policy'];
    await route.fulfill({ response, headers });
  });
  const watch = await openApp(page);
  expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(false);
  await expect(page.getByTestId('machine-line')).toContainText(
    /one (processor )?thread|not cross-origin isolated/i,
  );
  await page.getByTestId('sample-checked-shirt').click();
  await waitForStage(page, 'partNormals');
  expect(watch.errors).toEqual([]);
});
