/**
 * `npm run bench -- onnx-export --out FOLDER [--python PYTHON]`: saves the starter pack as ONNX from the built page, as a
 * visitor does ("Model packs", "Save as ONNX"), unpacks it into FOLDER and, given a Python that has onnx and onnxruntime,
 * checks every file there (onnx_check.py).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { unzipSync } from 'fflate';
import { launchBrowser } from '../cli/browser.ts';
import { ROOT, serve } from '../cli/serve.ts';

const { values } = parseArgs({ options: { out: { type: 'string' }, python: { type: 'string' } } });
if (!values.out) throw new Error('npm run bench -- onnx-export --out FOLDER [--python PYTHON]');
const server = await serve({ root: join(ROOT, 'dist') });
const browser = await launchBrowser('software');
try {
  const page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  await page.getByTestId('machine-line').filter({ hasText: 'Starter' }).waitFor({ timeout: 120_000 });
  await page.getByTestId('packs-button').click();
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 120_000 }),
    page.getByTestId('pack-starter').getByTestId('pack-save-onnx').click(),
  ]);
  mkdirSync(values.out, { recursive: true });
  const files = unzipSync(new Uint8Array(readFileSync(await download.path())));
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(values.out, name), bytes);
    console.log(`${name}: ${bytes.length.toLocaleString('en')} bytes`);
  }
} finally {
  await browser.close();
  await server.close();
}
if (values.python) {
  const check = join(import.meta.dirname, 'onnx_check.py');
  process.exitCode = spawnSync(values.python, [check, values.out], { stdio: 'inherit' }).status ?? 1;
}
