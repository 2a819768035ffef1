/**
 * `npm run make-samples -- [--from DIR]`: makes public/samples from rendered people: photos, keypoints of the ones on
 * black, thumbnails cut around the person, index.json. Needed only when the samples change; its output is committed. The
 * people are made by `python -m statuette_training photographs` in training/.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { launchBrowser } from './browser.ts';
import { FileProblem, outputFolder, readArgs, runCommand, UsageError } from './command-line.ts';
import { ROOT, serve } from './serve.ts';

interface Sample {
  readonly id: string;
  readonly title: string;
  readonly background: 'black' | 'room';
}

const SAMPLES: readonly Sample[] = [
  { id: 'green-jacket', title: 'Green jacket, in a street', background: 'room' },
  { id: 'white-jacket', title: 'White jacket, in a room', background: 'room' },
  { id: 'hoodie-and-skirt', title: 'Hoodie and skirt', background: 'black' },
  { id: 'crossing', title: 'Mid-step, in a hall', background: 'room' },
  { id: 'sweater-and-jeans', title: 'Sweater and jeans', background: 'black' },
  { id: 'long-skirt', title: 'Skirt, in a garden', background: 'room' },
  { id: 'bomber-jacket', title: 'Bomber jacket', background: 'black' },
  { id: 'checked-shirt', title: 'Checked shirt', background: 'black' },
];

/** Thumbnail size, px. */
const THUMBNAIL = { width: 270, height: 360 } as const;
/** Free space around the keypoints, share of their height; hair and feet reach past the outermost keypoints. */
const MARGIN = 0.12;

/** Side of the rendered photos, px. */
const PHOTO_SIZE = 2048;

interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Box of the thumbnail's shape around the body keypoints, in photo px, inside the photo. */
function cropAround(keypointsFile: string): Crop {
  const json: { people: { pose_keypoints_2d: number[] }[] } = JSON.parse(readFileSync(keypointsFile, 'utf8'));
  const values = json.people[0].pose_keypoints_2d;
  const xs = values.filter((_, i) => i % 3 === 0 && values[i + 2] > 0);
  const ys = values.filter((_, i) => i % 3 === 1 && values[i + 1] > 0);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const margin = (bottom - top) * MARGIN;
  const aspect = THUMBNAIL.width / THUMBNAIL.height;
  const height = Math.max(bottom - top + 2 * margin, (right - left + 2 * margin) / aspect);
  const width = height * aspect;
  const inside = (start: number, length: number) => Math.min(Math.max(start, 0), PHOTO_SIZE - length);
  const x = inside((left + right - width) / 2, width);
  return { x, y: inside((top + bottom - height) / 2, height), width, height };
}

/** Runs in the page: cuts and shrinks a photo and posts it as WebP. */
async function drawThumbnail([url, crop, size, target]: readonly [
  string,
  Crop,
  { width: number; height: number },
  string,
]): Promise<void> {
  const photo = await createImageBitmap(await (await fetch(url)).blob());
  const canvas = new OffscreenCanvas(size.width, size.height);
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('This browser has no 2D canvas.');
  pen.imageSmoothingQuality = 'high';
  const scale = size.width / crop.width;
  pen.setTransform(scale, 0, 0, scale, -crop.x * scale, -crop.y * scale);
  pen.drawImage(photo, 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
  const answer = await fetch(target, { method: 'POST', body: blob });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Content only: a read-only source must not make a read-only sample. */
const copy = (source: string, target: string) => writeFileSync(target, readFileSync(source));

const USAGE = `npm run make-samples -- [--from DIR]
  --from DIR  where the rendered people are; training/runs/photographs when not given
`;

async function main(): Promise<number | null> {
  const { values, positionals } = readArgs({ from: { type: 'string' } });
  if (values.help) return null;
  if (positionals.length > 0) throw new UsageError('Say where the rendered people are with --from DIR.');
  const from = resolve(values.from ?? join(ROOT, 'training/runs/photographs'));
  if (!existsSync(from)) {
    throw new FileProblem(`There is no folder ${from}. Say where the rendered people are: --from DIR.`);
  }
  // All of them are looked for before the samples that are here go.
  for (const { id, background } of SAMPLES) {
    const ends = ['.jpg', '_keypoints.json', ...(background === 'black' ? [] : ['_alpha.png'])];
    const missing = ends.find((end) => !existsSync(join(from, `${id}${end}`)));
    if (missing) {
      throw new FileProblem(`${from} has no ${id}${missing}. Say where the rendered people are: --from DIR.`);
    }
  }
  const out = join(ROOT, 'public/samples');
  outputFolder(out, 'public/samples');
  for (const name of readdirSync(out)) if (name !== 'README.md') rmSync(join(out, name));
  const server = await serve({ root: from, outputFolder: out });
  const browser = await launchBrowser('software');
  try {
    const tab = await browser.newPage();
    // Any page of the server's will do: the script needs its origin, not its content.
    await tab.goto(`${server.origin}/`);
    for (const { id } of SAMPLES) {
      const target = `${server.secretPath}/out/${id}_small.webp`;
      const crop = cropAround(join(from, `${id}_keypoints.json`));
      await tab.evaluate(drawThumbnail, [`/${id}.jpg`, crop, THUMBNAIL, target] as const);
    }
  } finally {
    await browser.close();
    await server.close();
  }
  const index = SAMPLES.map(({ id, title, background }) => {
    copy(join(from, `${id}.jpg`), join(out, `${id}.jpg`));
    copy(join(from, `${id}_keypoints.json`), join(out, `${id}_keypoints.json`));
    const entry = { id, title, photo: `${id}.jpg`, thumbnail: `${id}_small.webp`, background };
    // In a room the app has to find pose and matte itself; the true ones are there for tests.
    if (background === 'black') return { ...entry, pose: `${id}_keypoints.json` };
    copy(join(from, `${id}_alpha.png`), join(out, `${id}_alpha.png`));
    return { ...entry, truth: { pose: `${id}_keypoints.json`, mask: `${id}_alpha.png` } };
  });
  writeFileSync(join(out, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
  process.stdout.write(`${index.length} samples in ${out}\n`);
  return 0;
}

await runCommand('make-samples', USAGE, main);
