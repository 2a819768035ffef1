/**
 * `npm run views -- MESH.glb --out DIR`: pictures of a mesh from fixed sides, to look at what came out.
 * One PNG a side and shading, and sheet.png with all of them side by side.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { encodePng } from '../src/export/png.ts';
import { launchBrowser } from './browser.ts';
import { FileProblem, inputFile, outputFolder, readArgs, runCommand, UsageError } from './command-line.ts';
import { ROOT, serve } from './serve.ts';
import type { ViewShading, ViewSide } from './views/page.ts';

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
const SHADINGS: readonly ViewShading[] = ['colour', 'clay', 'normals', 'seen', 'wire'];
const DEFAULT_SIDES = 'front,left,back,threeQuarter,face';

const USAGE = `npm run views -- MESH.glb --out DIR [--sides LIST] [--looks LIST] [--height PX]
  --sides   of ${SIDES.join(', ')}; ${DEFAULT_SIDES} when not given
  --looks   of ${SHADINGS.join(', ')}; colour,clay when not given
  --height  of each picture, px; 900 when not given (width is two thirds of it)
`;

function listOf<T extends string>(text: string, allowed: readonly T[], flag: string): T[] {
  return text.split(',').map((word) => {
    const known = allowed.find((name) => name === word.trim());
    if (!known) throw new UsageError(`--${flag}: there is no "${word}".`);
    return known;
  });
}

/** @returns null when the person asked for help. */
function readFlags() {
  const { values, positionals } = readArgs({
    out: { type: 'string' },
    sides: { type: 'string', default: DEFAULT_SIDES },
    looks: { type: 'string', default: 'colour,clay' },
    height: { type: 'string', default: '900' },
  });
  if (values.help) return null;
  const height = Number(values.height);
  if (positionals.length !== 1) throw new UsageError('Give one GLB file.');
  if (!values.out) throw new UsageError('Say where the pictures go: --out DIR.');
  if (!(Number.isInteger(height) && height >= 16 && height <= 4096)) {
    throw new UsageError('--height is a number of pixels from 16 to 4096.');
  }
  const sides = listOf(values.sides, SIDES, 'sides');
  const shadings = listOf(values.looks, SHADINGS, 'looks');
  inputFile(positionals[0], 'a mesh.glb of digitize, or another GLB', ['glb'], 'refuse');
  return {
    file: positionals[0],
    out: values.out,
    sides,
    shadings,
    height,
    width: Math.round((height * 2) / 3),
  };
}

/** Bundles the page; it is a tool's page, so it stays out of the app's dist/. */
async function buildPage(folder: string): Promise<void> {
  // Loaded here, so that a mistyped name is said at once.
  const { build } = await import('vite');
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

async function main(): Promise<number | null> {
  const flags = readFlags();
  if (!flags) return null;
  outputFolder(flags.out);
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
    await tab
      .evaluate((url) => window.loadMesh(url), meshUrl)
      .catch((cause: unknown) => {
        throw new FileProblem(`${flags.file} is damaged: no mesh could be read from it. Make it again.`, {
          cause,
        });
      });
    const { width, height } = flags;
    for (const shading of flags.shadings) {
      for (const side of flags.sides) {
        await tab.evaluate(([request, target]) => window.drawView(request, target), [
          { side, shading, width, height },
          `${server.secretPath}/out/${shading}_${side}.png`,
        ] as const);
      }
    }
    const files = flags.shadings.map((shading) =>
      flags.sides.map((side) => join(flags.out, `${shading}_${side}.png`)),
    );
    writeSheet(files, join(flags.out, 'sheet.png'));
    process.stdout.write(`${[...files.flat(), join(flags.out, 'sheet.png')].join('\n')}\n`);
  } finally {
    await browser.close();
    await server.close();
  }
  return 0;
}

await runCommand('views', USAGE, main);
