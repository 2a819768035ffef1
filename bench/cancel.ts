/**
 * How soon Cancel takes effect: `npm run bench -- cancel [MOMENTS [SAMPLE [BACKEND]]]`. A run is
 * cancelled at each moment; the moments are random, seeded, as many in each stage as MOMENTS says (3). Prints per stage the median
 * and the worst of cancel to rejection, of the worker's answers while it ran, and of the next run's first message. A second
 * table has the stage `photo` of the largest photo there may be, and the worker's answers while it has files written.
 * Keypoints are given, so that the stages measured are the same in every run.
 */
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { CHROMIUM_FLAGS, findChromium } from '../cli/chromium.ts';
import { ISOLATION_HEADERS } from '../cli/page-headers.ts';
import { poseGraphsPlugin } from '../cli/pose-graphs.ts';
import { hashNoise } from '../src/base/deterministic.ts';
import type { CancelFigures, StageSpan } from './cancel-page.ts';

const PORT = 5392;
/** MAX_SIDE_PX of src/intake/decode.ts. */
const LARGE_SIDE_PX = 12_000;
const FORMATS = ['glb', 'meshPly', 'cloudPly', 'referenceFolder'] as const;
const [moments = '3', sample = 'checked-shirt', backend = 'wasm'] = process.argv.slice(2);

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const cell = (value: number) => (Number.isFinite(value) ? Math.round(value).toString() : '-').padStart(9);

const server = await createServer({
  configFile: false,
  logLevel: 'error',
  plugins: [poseGraphsPlugin()],
  worker: { format: 'es' },
  server: { port: PORT, strictPort: true, headers: ISOLATION_HEADERS },
  optimizeDeps: { noDiscovery: true, include: ['comlink', 'fflate'], exclude: ['onnxruntime-web'] },
});
await server.listen();
const browser = await chromium.launch({ executablePath: findChromium(), args: [...CHROMIUM_FLAGS] });
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error.message));
  await page.route('**/bench.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>', headers: ISOLATION_HEADERS }),
  );
  await page.goto(`http://localhost:${PORT}/bench.html`);
  const spans: StageSpan[] = await page.evaluate(
    async ([name, chosen]) => {
      const module = await import(/* @vite-ignore */ `${location.origin}/bench/cancel-page.ts`);
      return module.open(name, true, chosen);
    },
    [sample, backend] as const,
  );
  const files: { format: string; ms: number; answerMs: number }[] = [];
  for (const format of FORMATS) {
    const figures = await page.evaluate(async (wanted) => {
      const module = await import(/* @vite-ignore */ `${location.origin}/bench/cancel-page.ts`);
      return module.writing(wanted);
    }, format);
    files.push({ format, ...figures });
  }
  let roll = 0;
  let photo = 0;
  const cancelIn = (stage: string, ms: number, large: boolean): Promise<CancelFigures> =>
    page.evaluate(
      async ([id, afterMs, number, ofLarge]) => {
        const module = await import(/* @vite-ignore */ `${location.origin}/bench/cancel-page.ts`);
        return module.cancelIn(id, afterMs, number, ofLarge);
      },
      [stage, ((hashNoise(7, roll++) + 1) / 2) * ms * 0.9, photo, large] as const,
    );
  const all: CancelFigures[] = [];
  for (const { stage, ms } of spans) {
    // One photo a stage: what is before the stage is kept from the first moment on.
    photo++;
    for (let i = 0; i < Number(moments); i++) {
      const figures = await cancelIn(stage, ms, false);
      all.push(figures);
      // It had ended before: the next moment begins anew.
      if (figures.cancelMs === null) photo++;
      const { cancelMs, answerMs, restartMs } = figures;
      console.error(
        `${stage}: ${[cancelMs ?? Number.NaN, answerMs, restartMs].map(Math.round).join(', ')} ms`,
      );
    }
  }
  console.log(`${sample}, ${backend}; ms: median and worst`);
  console.log('stage            length    cancel    worst   answers    worst   restart    worst');
  const row = (name: string, length: number, of: readonly CancelFigures[]) => {
    const columns = (['cancelMs', 'answerMs', 'restartMs'] as const).flatMap((key) => {
      const values = of.flatMap((figures) => figures[key] ?? []);
      return [cell(median(values)), cell(Math.max(...values))];
    });
    console.log(`${name.padEnd(14)}${cell(length)}${columns.join('')}`);
  };
  for (const { stage, ms } of spans)
    row(
      stage,
      ms,
      all.filter((figures) => figures.stage === stage),
    );
  row(
    'all',
    spans.reduce((sum, { ms }) => sum + ms, 0),
    all,
  );
  const heard = all.filter(({ cancelMs }) => cancelMs !== null).length;
  console.log(`${heard} of ${all.length} moments lay in a running stage`);

  const largeMs: number = await page.evaluate(async (side) => {
    const module = await import(/* @vite-ignore */ `${location.origin}/bench/cancel-page.ts`);
    return module.openLarge(side);
  }, LARGE_SIDE_PX);
  const large: CancelFigures[] = [];
  for (let i = 0; i < Number(moments); i++) {
    photo++;
    large.push(await cancelIn('photo', largeMs, true));
  }
  row(`${LARGE_SIDE_PX} px`, largeMs, large);
  console.log('\nfile                length   answers');
  for (const { format, ms, answerMs } of files)
    console.log(`${format.padEnd(16)}${cell(ms)}${cell(answerMs)}`);
} finally {
  await browser.close();
  await server.close();
}
