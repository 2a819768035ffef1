/**
 * How good pose and outline are when nobody gives keypoints or a mask: `npm run bench -- intake`.
 * First mattes on composites of held-out people and rooms with the true alpha (matte-scenes.ts), by every way there is;
 * `--scenes DIR`, `--count N`, `--network FILE.onnx`, `--seconds N` (ends then; the next call goes on), `--pictures DIR`.
 * Ten photos with OpenPose keypoints from ../shared/photos (not part of this repository; without them it says so and
 * stops). Pose: mean distance from OpenPose's points at 2048 px, per joint group. Outline: the cut-out photos are put
 * before an invented room, and the matte found there is compared with the cut-out (intersection over union).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { CHROMIUM_FLAGS, findChromium } from '../cli/chromium.ts';
import { ISOLATION_HEADERS } from '../cli/page-headers.ts';
import { poseGraphsPlugin } from '../cli/pose-graphs.ts';
import { KEYPOINT_IDS } from '../src/geometry/body.ts';
import { sharedPath } from '../tests/shared.ts';
import type { PhotoFigures } from './intake-page.ts';
import { measureScenes } from './matte-scenes.ts';

const GROUPS = ['Eye', 'Ear', 'Shoulder', 'Elbow', 'Wrist', 'Hip', 'Knee', 'Ankle', 'Toe', 'Heel', 'Finger'];
const PORT = 5391;

const { values: flags } = parseArgs({
  options: {
    scenes: { type: 'string' },
    count: { type: 'string' },
    network: { type: 'string' },
    seconds: { type: 'string' },
    pictures: { type: 'string' },
    'no-photos': { type: 'boolean' },
  },
});
const network = resolve(flags.network ?? `${import.meta.dirname}/../public/packs/starter/matte.onnx`);
await measureScenes({
  folder: flags.scenes,
  network: existsSync(network) ? network : null,
  count: flags.count ? Number(flags.count) : undefined,
  seconds: flags.seconds ? Number(flags.seconds) : undefined,
  pictures: flags.pictures,
});
if (flags['no-photos']) process.exit(0);

const photos = sharedPath('photos');
if (!photos) {
  console.log('skipped: no ../shared/photos here');
  process.exit(0);
}
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
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!/^(http:\/\/localhost:|blob:|data:)/.test(request.url())) foreign.push(request.url());
  });
  page.on('pageerror', (error) => console.error(error.message));
  await page.route('**/bench-photo/*', (route) =>
    route.fulfill({ body: readFileSync(`${photos}/${route.request().url().split('/').pop()}`) }),
  );
  await page.route('**/bench.html', (route) =>
    route.fulfill({ contentType: 'text/html', headers: ISOLATION_HEADERS, body: '<!doctype html>' }),
  );
  await page.goto(`http://localhost:${PORT}/bench.html`);

  const names = readdirSync(photos).filter((file) => /\.(png|jpg)$/.test(file));
  const all: PhotoFigures[] = [];
  for (const file of names) {
    const json = readFileSync(`${photos}/${file.replace(/\.\w+$/, '')}_keypoints.json`, 'utf8');
    const figures = await page.evaluate(
      async ([url, keypoints]) => {
        const module = await import(/* @vite-ignore */ `${location.origin}/bench/intake-page.ts`);
        return module.measure(url, keypoints);
      },
      [`/bench-photo/${file}`, json] as const,
    );
    all.push(figures);
    const seen = figures.errors.filter((e: number) => Number.isFinite(e));
    const mean = seen.length
      ? (seen.reduce((a: number, b: number) => a + b) / seen.length).toFixed(1)
      : 'nobody found';
    const iou = figures.iou
      ? `IoU coarse ${figures.iou.coarse.toFixed(4)} refined ${figures.iou.refined.toFixed(4)} (${Math.round(figures.iou.matteMs)} ms)`
      : 'own background';
    console.log(`${file.padEnd(34)} mean ${mean} px, pose ${Math.round(figures.poseMs)} ms, ${iou}`);
  }
  console.log('\nmean error per group, px at 2048:');
  for (const group of GROUPS) {
    const values = all.flatMap((f) =>
      f.errors.filter((e, i) => Number.isFinite(e) && KEYPOINT_IDS[i].includes(group)),
    );
    if (values.length)
      console.log(`  ${group.padEnd(9)} ${(values.reduce((a, b) => a + b) / values.length).toFixed(1)}`);
  }
  const flat = all.flatMap((f) => f.errors.filter(Number.isFinite));
  console.log(`  all       ${(flat.reduce((a, b) => a + b) / flat.length).toFixed(1)}`);
  const ious = all.flatMap((f) => f.iou ?? []);
  const meanOf = (key: 'coarse' | 'refined') =>
    (ious.reduce((a, b) => a + b[key], 0) / ious.length).toFixed(4);
  console.log(`mean IoU: coarse ${meanOf('coarse')}, refined ${meanOf('refined')}`);
  console.log(foreign.length ? `REQUESTS TO OTHERS: ${foreign.join(', ')}` : 'no request left the origin');
} finally {
  await browser.close();
  await server.close();
}
