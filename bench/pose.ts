/**
 * Keypoints against given ones, per joint, and what they cost: `npm run bench -- pose`.
 * Ten real photos with OpenPose keypoints from ../shared/photos (not part of this repository; left out aloud where they
 * are absent), and the eight bundled samples, whose keypoints are exact but defined by another skeleton.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { CHROMIUM_FLAGS, findChromium } from '../cli/chromium.ts';
import { ISOLATION_HEADERS } from '../cli/page-headers.ts';
import { POSE_GRAPH_NAMES, poseGraphsPlugin, servedPoseGraph } from '../cli/pose-graphs.ts';
import { KEYPOINT_IDS } from '../src/geometry/body.ts';
import { sharedPath } from '../tests/shared.ts';
import type { PoseFigures } from './pose-page.ts';

const PORT = 5393;
const SAMPLES = join(import.meta.dirname, '../public/samples');

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const known = (values: readonly number[]) => values.filter(Number.isFinite);
/** Left and right together; toes and fingers too. */
const groupOf = (id: string) => id.replace(/^(left|right)/, '').replace(/\d$/, '');

const server = await createServer({
  configFile: false,
  logLevel: 'error',
  plugins: [poseGraphsPlugin()],
  server: { port: PORT, strictPort: true, headers: ISOLATION_HEADERS },
  optimizeDeps: { noDiscovery: true, include: [], exclude: ['onnxruntime-web'] },
});
await server.listen();
const browser = await chromium.launch({ executablePath: findChromium(), args: [...CHROMIUM_FLAGS] });
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error.message));
  await page.route('**/bench.html', (route) =>
    route.fulfill({ contentType: 'text/html', headers: ISOLATION_HEADERS, body: '<!doctype html>' }),
  );

  for (const [label, folder] of [
    ['photos, distance from OpenPose', sharedPath('photos')],
    ['samples, distance from their exact joints', SAMPLES],
  ] as const) {
    if (!folder) {
      console.log(`skipped: ${label} (no ../shared/photos here)`);
      continue;
    }
    await page.unroute('**/bench-photo/*');
    await page.route('**/bench-photo/*', (route) =>
      route.fulfill({ body: readFileSync(join(folder, route.request().url().split('/').pop() ?? '')) }),
    );
    await page.goto(`http://localhost:${PORT}/bench.html`);
    const keypointsOf = (file: string) => join(folder, `${file.replace(/\.\w+$/, '')}_keypoints.json`);
    const names = readdirSync(folder).filter((f) => /\.(png|jpg)$/.test(f) && existsSync(keypointsOf(f)));
    console.log(`\n${label}, px at 2048:`);
    const all: PoseFigures[] = [];
    for (const file of names) {
      const figures = await page.evaluate(
        async ([url, json]) => {
          const module = await import(/* @vite-ignore */ `${location.origin}/bench/pose-page.ts`);
          return (await module.measurePose(url, json)) as PoseFigures;
        },
        [`/bench-photo/${file}`, readFileSync(keypointsOf(file), 'utf8')] as const,
      );
      all.push(figures);
      const seen = known(figures.errors);
      console.log(
        `  ${file.padEnd(30)} ${seen.length ? mean(seen).toFixed(1).padStart(5) : 'nobody found'}` +
          `  hands ${figures.hands}  pose ${Math.round(figures.poseMs)} ms, matte ${Math.round(figures.matteMs)} ms`,
      );
    }
    console.log(`  ${'joint'.padEnd(10)} mean  median`);
    for (const group of [...new Set(KEYPOINT_IDS.map(groupOf))]) {
      const values = known(all.flatMap((f) => f.errors.filter((_, i) => groupOf(KEYPOINT_IDS[i]) === group)));
      console.log(
        `  ${group.padEnd(10)} ${mean(values).toFixed(1).padStart(4)}  ${median(values).toFixed(1)}`,
      );
    }
    const flat = known(all.flatMap((f) => f.errors));
    console.log(`  ${'all'.padEnd(10)} ${mean(flat).toFixed(1).padStart(4)}  ${median(flat).toFixed(1)}`);
    const [first, ...later] = all;
    console.log(
      `  first photo (graphs fetched and opened) ${Math.round(first.poseMs)} ms; later: pose ` +
        `${Math.round(median(later.map((f) => f.poseMs)))} ms, matte ${Math.round(median(later.map((f) => f.matteMs)))} ms (median)`,
    );
  }
  const sizes = POSE_GRAPH_NAMES.map((name) => [name, servedPoseGraph(name).length] as const);
  console.log(`\nbytes on the wire: ${sizes.map(([name, bytes]) => `${name} ${bytes}`).join(', ')}`);
} finally {
  await browser.close();
  await server.close();
}
