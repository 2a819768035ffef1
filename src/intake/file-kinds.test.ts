/** Files known by their content, and their structures read from damaged bytes without ever throwing. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REFUSED, SHOWN } from '../../tests/cases/photos/table.ts';
import { findTurn, type Turn, turnedSize, turnTransform } from './exif-turn.ts';
import { foreignFile, pictureFormat } from './file-kinds.ts';
import { readJpeg } from './jpeg-file.ts';
import { largestExtent, wantedLength } from './media-boxes.ts';
import { readPng, repairPng } from './png-file.ts';
import { readWebp } from './webp-file.ts';

const FOLDER = resolve(import.meta.dirname, '../../tests/cases/photos');
const load = (name: string) => new Uint8Array(readFileSync(join(FOLDER, name)));

/** Small fast generator (mulberry32), so that a failing file can be made again from its seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('kinds', () => {
  const formats = SHOWN.filter((row) => !row.file.includes('named') && !row.file.includes('_as_'));
  test.each(formats.map((row) => row.file))('%s is what its name says', (file) => {
    const ending = file
      .split('.')
      .at(-1)!
      .replace('jpg', 'jpeg')
      .replace(/heif|hif/, 'heic');
    expect(pictureFormat(load(file))).toBe(ending);
    expect(foreignFile(load(file))).toBeNull();
  });

  test('HEIC and BMP under a .jpg name', () => {
    expect(pictureFormat(load('heic_named.jpg'))).toBe('heic');
    expect(pictureFormat(load('bmp_as_photo.jpg'))).toBe('bmp');
  });

  const foreign = REFUSED.filter(
    (row) => / is |RAW/.test(row.says.source) && !/HEIC|picture$|empty/.test(row.says.source),
  );
  test.each(foreign)('$file', ({ file, says, fix }) => {
    const found = foreignFile(load(file));
    expect(`The photo is ${found?.name}.`).toMatch(says);
    expect(found?.fix).toMatch(fix);
  });

  test('a TIFF that a camera program exported is no RAW', () => {
    const bytes = load('tiff.tif');
    expect(foreignFile(bytes)?.name).toMatch(/TIFF/);
    expect(foreignFile(load('raw.nef'))?.name).toMatch(/RAW/);
  });

  test('text in UTF-16, JSON, and nothing known', () => {
    const wide = Uint8Array.of(0xff, 0xfe, ...[...'<svg xmlns="x"/>'].flatMap((c) => [c.charCodeAt(0), 0]));
    expect(foreignFile(wide)?.name).toMatch(/SVG/);
    expect(foreignFile(new TextEncoder().encode('{"people": []}'))?.name).toMatch(/JSON/);
    expect(foreignFile(Uint8Array.of(1, 2, 3, 4, 5))).toBeNull();
    expect(foreignFile(Uint8Array.of(0xff))).toBeNull();
    expect(pictureFormat(new Uint8Array(0))).toBeNull();
  });
});

describe('turns', () => {
  const turns: readonly Turn[] = [1, 2, 3, 4, 5, 6, 7, 8];
  test.each(turns)('%i keeps every pixel inside the shown picture', (turn) => {
    const size = { width: 5, height: 3 };
    const shown = turnedSize(size, turn);
    const [a, b, c, d, e, f] = turnTransform(size, turn);
    const seen = new Set<number>();
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 5; x++) {
        const sx = Math.floor(a * (x + 0.5) + c * (y + 0.5) + e);
        const sy = Math.floor(b * (x + 0.5) + d * (y + 0.5) + f);
        expect(sx >= 0 && sx < shown.width && sy >= 0 && sy < shown.height).toBe(true);
        seen.add(sy * shown.width + sx);
      }
    }
    expect(seen.size).toBe(15);
  });

  test('a value in a field of another type, or out of range, is no turn', () => {
    const bytes = load('turn_short_MM.jpg');
    const { turn } = readJpeg(bytes)!;
    expect(turn).toMatchObject({ turn: 6, long: false, little: false });
    const view = new DataView(bytes.buffer);
    view.setUint16(turn!.at - 6, 2);
    expect(findTurn(view, turn!.at - 18, bytes.length)).toBeNull();
    expect(readJpeg(load('turn_exif9.jpg'))!.turn?.turn).toBe(1);
  });
});

describe('structures', () => {
  test('a JPEG ends where its own picture does', () => {
    const whole = readJpeg(load('jpeg_junk_behind.jpg'))!;
    expect(whole.ended).toBe(true);
    expect(load('jpeg_junk_behind.jpg').length - whole.end).toBe(3000);
    expect(readJpeg(load('jpeg_half_thumbnail.jpg'))!.ended).toBe(false);
    expect(readJpeg(load('jpeg_no_end.jpg'))!.ended).toBe(false);
    expect(readJpeg(load('jpeg_junk_before.jpg'))!.start).toBe(8);
  });

  test('scans of a progressive JPEG: all begun, or some never arrived', () => {
    expect(readJpeg(load('jpeg_progressive.jpg'))).toMatchObject({
      progressive: true,
      allScans: true,
      ended: true,
    });
    expect(readJpeg(load('jpeg_progressive_first.jpg'))).toMatchObject({ allScans: false, ended: false });
    expect(readJpeg(load('jpeg_no_end.jpg'))).toMatchObject({ progressive: false, ended: false });
  });

  test('a PNG cut anywhere gives the rows that are there', () => {
    const whole = load('png_no_end.png');
    let before = 0;
    for (let share = 1; share <= 10; share++) {
      const bytes = whole.slice(0, Math.floor((whole.length * share) / 10));
      const repaired = repairPng(bytes, readPng(bytes));
      expect(repaired, `${share} tenths`).not.toBeNull();
      expect(repaired!.rows).toBeGreaterThan(before);
      before = repaired!.rows;
    }
    expect(before).toBe(320);
  });

  test('boxes: length wanted, and the size as stored', () => {
    const cut = load('heic_grid_cut.heic');
    expect(wantedLength(cut)).toBeGreaterThan(cut.length);
    expect(wantedLength(load('heic_grid.heic'))).toBe(load('heic_grid.heic').length);
    expect(largestExtent(load('turn_irot.avif'))).toEqual({ width: 320, height: 240 });
  });
});

describe('damaged bytes never throw, whatever they are', () => {
  const files = SHOWN.map((row) => row.file).filter((file) => !/wide|bmp|interlaced/.test(file));
  test('seeds 1 to 600: cut, changed, zeroed', () => {
    for (let seed = 1; seed <= 600; seed++) {
      const next = random(seed);
      const bytes = load(files[Math.floor(next() * files.length)]);
      const cut = bytes.slice(0, Math.floor(next() * bytes.length));
      for (let i = 0; i < 8; i++) {
        // Most of it in the head, where the structure is.
        const at = Math.floor(next() ** 3 * cut.length);
        if (next() < 0.3) cut.fill(0, at, at + 40);
        else cut[at] = Math.floor(next() * 256);
      }
      const format = pictureFormat(cut);
      foreignFile(cut);
      readJpeg(cut);
      wantedLength(cut);
      largestExtent(cut);
      if (format === 'webp') readWebp(cut);
      if (format === 'png') {
        const file = readPng(cut);
        // A size changed to gigabytes is refused before it gets here (E_TOO_LARGE).
        if (file.size && file.size.width <= 4000 && file.size.height <= 4000) repairPng(cut, file);
      }
    }
  });
});
