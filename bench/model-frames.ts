/**
 * `npm run bench -- model-frames [--pairs N] [--seconds S]`: does a million triangles turn in the figure's view as smoothly as in
 * a bare three.js scene? Both draw the same mesh in turn, in pairs, in a found Chromium with software WebGL; what counts is the
 * ratio of their frames, the load of the machine stands beside it.
 */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withBenchPage } from './page/bench-page.ts';

const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '3' }, seconds: { type: 'string', default: '8' } },
});

interface Pair {
  readonly ours: number;
  readonly bare: number;
}
type Bench = { runPair(seconds: number): Promise<Pair>; readonly triangles: number };

await withBenchPage(join(import.meta.dirname, 'model-frames'), 4794, async (page) => {
  const triangles = await page.evaluate(() => (globalThis as unknown as Bench).triangles);
  console.log(`${triangles} triangles, 640 x 640`);
  const ratios: number[] = [];
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    const { ours, bare } = await page.evaluate(
      (s) => (globalThis as unknown as Bench).runPair(s),
      Number(values.seconds),
    );
    ratios.push(ours / bare);
    console.log(
      `pair ${pair + 1}: ${(ours / bare).toFixed(2)} of the bare scene's frames (${ours.toFixed(2)} and ${bare.toFixed(2)} a second, load ${loadavg()[0].toFixed(1)})`,
    );
  }
  ratios.sort((a, b) => a - b);
  console.log(`median ${ratios[Math.floor(ratios.length / 2)].toFixed(2)}`);
});
