/**
 * `npm run views -- MESH.glb --out DIR`: pictures of a mesh from fixed sides, to look at what came out.
 * One PNG a side and look, and sheet.png with all of them side by side.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decode } from 'fast-png';
import { build } from 'vite';
import { encodePng } from '../src/export/png.ts';
import { launchBrowser } from './browser.ts';
import { ROOT, serve } from './serve.ts';
import type { ViewLook, ViewSide } from './views/page.ts';

const SIDES: readonly ViewSide[] = [
  'front',
  'left',
  'back',
  'right',
  'threeQuarter',
  'face',
  'headBack',
  'top',
];
const LOOKS: readonly ViewLook[] = ['colour', 'clay', 'normals', 'seen', 'wire'];
const DEFAULT_SIDES = 'front,left,back,threeQuarter,face';

const USAGE = `npm run views -- MESH.glb --out DIR [--sides LIST] [--looks LIST] [--height PX]
  --sides   of ${SIDES.join(', ')}; ${DEFAULT_SIDES} when not given
  --looks   of ${LOOKS.join(', ')}; colour,clay when not given
  --height  of each picture, px; 900 when not given (width is two thirds of it)
`;

class UsageError extends Error {}

function listOf<T extends string>(text: string, allowed: readonly T[], flag: string): T[] {
  return text.split(',').map((word) => {
    const known = allowed.find((name) => name === word.trim());
    if (!known) throw new UsageError(`--${flag}: there is no "${word}".`);
    return known;
  });
}

function readFlags() {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const height = Number(values.height);
  if (positionals.length !== 1) throw new UsageError('Give one GLB file.');
  if (!existsSync(positionals[0])) throw new UsageError(`There is no file ${positionals[0]}.`);
  if (!values.out) throw new UsageError('Say where the pictures go: --out DIR.');
  if (!(Number.isInteger(height) && height >= 16 && height <= 4096)) {
    throw new UsageError('--height is a number of pixels from 16 to 4096.');
  }
  return {
    file: positionals[0],
    out: values.out,
    sides: listOf(values.sides, SIDES, 'sides'),
    looks: listOf(values.looks, LOOKS, 'looks'),
    height,
    width: Math.round((height * 2) / 3),
  };
}

const parse = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      sides: { type: 'string', default: DEFAULT_SIDES },
      looks: { type: 'string', default: 'colour,clay' },
      height: { type: 'string', default: '900' },
    },
  });

/** Bundles the page; it is a tool's page, so it stays out of the app's dist/. */
async function buildPage(folder: string): Promise<void> {
  await build({
    configFile: false,
    root: join(ROOT, 'cli/views'),
    base: './',
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: true,
      chunkSizeWarningLimit: 5000,
      rollupOptions: { input: join(ROOT, 'cli/views/page.html') },
    },
  });
}

/** Puts pictures of one size into rows and columns of one picture. */
function writeSheet(files: readonly (readonly string[])[], target: string): void {
  const rows = files.map((row) => row.map((file) => decode(readFileSync(file))));
  const { width, height, channels } = rows[0][0];
  const sheetWidth = width * rows[0].length;
  const data = new Uint8Array(sheetWidth * height * rows.length * 3);
  rows.forEach((row, rowIndex) => {
    row.forEach((picture, columnIndex) => {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const to = 3 * ((rowIndex * height + y) * sheetWidth + columnIndex * width + x);
          const from = channels * (y * width + x);
          for (let c = 0; c < 3; c++) data[to + c] = picture.data[from + c];
        }
      }
    });
  });
  writeFileSync(target, encodePng({ width: sheetWidth, height: height * rows.length, channels: 3, data }));
}

async function main(): Promise<void> {
  const flags = readFlags();
  mkdirSync(flags.out, { recursive: true });
  const page = join(ROOT, '.cache/views');
  await buildPage(page);
  const server = await serve({ root: page, outputFolder: flags.out });
  const meshUrl = server.addInput('mesh.glb', flags.file);
  const browser = await launchBrowser('auto');
  try {
    const tab = await browser.newPage();
    tab.on('pageerror', (error) => process.stderr.write(`views: ${error.message}\n`));
    await tab.goto(`${server.origin}/page.html`);
    await tab.waitForFunction(() => typeof window.drawView === 'function');
    await tab.evaluate((url) => window.loadMesh(url), meshUrl);
    const { width, height } = flags;
    for (const look of flags.looks) {
      for (const side of flags.sides) {
        await tab.evaluate(([request, target]) => window.drawView(request, target), [
          { side, look, width, height },
          `${server.secretPath}/out/${look}_${side}.png`,
        ] as const);
      }
    }
    const files = flags.looks.map((look) =>
      flags.sides.map((side) => join(flags.out, `${look}_${side}.png`)),
    );
    writeSheet(files, join(flags.out, 'sheet.png'));
    process.stdout.write(`${[...files.flat(), join(flags.out, 'sheet.png')].join('\n')}\n`);
  } finally {
    await browser.close();
    await server.close();
  }
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof UsageError ? `${message}\n\n${USAGE}` : `views: ${message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
