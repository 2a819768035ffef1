/**
 * The colours of the far side, on held-out people whose back is known: the pack's network, the rule that is used without it,
 * and the front's own colours. Writes bench/back.md, and pictures beside each other with --pictures DIR.
 *   (in training) python -m statuette_training back-pairs --held-out --people 40 --looks 1 --views 1 --out FOLDER
 *   npm run bench -- back FOLDER/held [--network FILE.onnx] [--pictures DIR]
 * Truth: the far surface's own colours, under the mean light of the front. Errors are means over the person's pixels, of the
 * three channels, in grey levels; of the head, over the upper 16 % of the person.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decode, encode } from 'fast-png';
import ort from 'onnxruntime-node';
import type { GreyImage, RgbaImage } from '../src/base/images.ts';
import { backColours } from '../src/geometry/back-colours.ts';
import { backCells, PAINT_SIDE, paintedBack } from '../src/geometry/back-paint.ts';

const HEAD_SHARE = 0.16;
const PICTURE_STEP = 4;
const ROOT = join(import.meta.dirname, '..');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    network: { type: 'string', default: join(ROOT, 'public/packs/starter/back.onnx') },
    pictures: { type: 'string' },
  },
});
const folder = positionals[0];
if (!folder || !existsSync(folder)) {
  console.error('npm run bench -- back FOLDER, with held-out people of `back-pairs` (training/README.md).');
  process.exit(2);
}

function rgba(file: string): RgbaImage {
  const { width, height, data, channels } = decode(readFileSync(file));
  const out = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) out[i * 4 + c] = data[i * channels + (channels < 3 ? 0 : c)];
  }
  return { width, height, data: out };
}

function grey(file: string): GreyImage {
  const { width, height, data, channels } = decode(readFileSync(file));
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => data[i * channels]) };
}

function errorsOf(found: RgbaImage, truth: RgbaImage, matte: GreyImage) {
  const rows = Array.from({ length: matte.height }, (_, y) =>
    matte.data.subarray(y * matte.width, (y + 1) * matte.width).some((value) => value >= 128),
  );
  const [top, bottom] = [rows.indexOf(true), rows.lastIndexOf(true)];
  const headEnd = top + HEAD_SHARE * (bottom - top);
  const sums = { whole: 0, head: 0 };
  const counts = { whole: 0, head: 0 };
  for (let y = top; y <= bottom; y++) {
    for (let x = 0; x < matte.width; x++) {
      const i = y * matte.width + x;
      if (matte.data[i] < 128) continue;
      let error = 0;
      for (let c = 0; c < 3; c++) error += Math.abs(found.data[i * 4 + c] - truth.data[i * 4 + c]) / 3;
      for (const where of y < headEnd ? (['whole', 'head'] as const) : (['whole'] as const)) {
        sums[where] += error;
        counts[where]++;
      }
    }
  }
  return { whole: sums.whole / counts.whole, head: sums.head / Math.max(1, counts.head) };
}

/** Pictures of the person side by side, on grey, a quarter as large. */
function sheet(pictures: readonly RgbaImage[], matte: GreyImage): Uint8Array {
  const side = matte.width / PICTURE_STEP;
  const data = new Uint8Array(side * side * pictures.length * 3).fill(96);
  pictures.forEach((picture, k) => {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const i = y * PICTURE_STEP * matte.width + x * PICTURE_STEP;
        if (matte.data[i] < 128) continue;
        const at = (y * side * pictures.length + k * side + x) * 3;
        data.set(picture.data.subarray(i * 4, i * 4 + 3), at);
      }
    }
  });
  return encode({ width: side * pictures.length, height: side, data, channels: 3, depth: 8 });
}

const session = existsSync(values.network) ? await ort.InferenceSession.create(values.network) : null;
if (!session) console.warn(`${values.network} is missing: the network is left out`);
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'back.png')))
  .map(({ name }) => name)
  .sort();
const WAYS = ["the front's colours", 'the rule', 'the network'] as const;
const errors = new Map<(typeof WAYS)[number], { whole: number; head: number }[]>(
  WAYS.map((way) => [way, []]),
);
let networkMs = 0;
for (const name of names) {
  const at = (file: string) => join(folder, name, file);
  const [photo, matte, truth] = [rgba(at('photo.png')), grey(at('mask.png')), rgba(at('back.png'))];
  const { keypoints } = JSON.parse(readFileSync(at('keypoints.json'), 'utf8')) as {
    keypoints: [number, number][];
  };
  const table = Float64Array.from(keypoints.flatMap(([x, y]) => [x, y, 1]));
  const ways: [(typeof WAYS)[number], RgbaImage][] = [
    ["the front's colours", photo],
    ['the rule', backColours(photo, matte, table)],
  ];
  if (session) {
    const cells = backCells(photo, matte);
    const began = performance.now();
    const tensor = new ort.Tensor('float32', cells, [1, 4, PAINT_SIDE, PAINT_SIDE]);
    const results = await session.run({ [session.inputNames[0]]: tensor });
    networkMs += performance.now() - began;
    const painted = results[session.outputNames[0]].data as Float32Array;
    ways.push(['the network', paintedBack(photo, { cells, painted })]);
  }
  for (const [way, picture] of ways) errors.get(way)?.push(errorsOf(picture, truth, matte));
  if (values.pictures) {
    mkdirSync(values.pictures, { recursive: true });
    const pictures = [photo, ...ways.slice(1).map(([, picture]) => picture), truth];
    writeFileSync(join(values.pictures, `${name}.png`), sheet(pictures, matte));
  }
}

const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const row = (way: (typeof WAYS)[number]) => {
  const found = errors.get(way) ?? [];
  const cells = (['whole', 'head'] as const).flatMap((where) => {
    const list = found.map((error) => error[where]);
    return [mean(list).toFixed(1), median(list).toFixed(1)];
  });
  return `| ${way} | ${cells.join(' | ')} |`;
};
const rule = errors.get('the rule') ?? [];
const won = (errors.get('the network') ?? []).filter(({ whole }, i) => whole < rule[i].whole).length;
const report = [
  '# Colours of the far side',
  '',
  `Written by \`npm run bench -- back\` (how, in its head): ${names.length} photos of held-out people, errors in grey levels.`,
  '',
  '| colours by | person: mean | median | head: mean | median |',
  '| --- | --- | --- | --- | --- |',
  ...WAYS.filter((way) => (errors.get(way)?.length ?? 0) > 0).map(row),
  '',
  ...(session
    ? [
        `The network is nearer than the rule for ${won} of ${names.length}. It runs for ${(networkMs / names.length).toFixed(0)} ms a photo here, on all cores.`,
        '',
      ]
    : []),
].join('\n');
console.log(report);
writeFileSync(join(ROOT, 'bench/back.md'), report);
