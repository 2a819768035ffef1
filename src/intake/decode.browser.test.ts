/** Decoding in a real browser: formats, EXIF turns, alpha, reduction, and every kind of wrong file. */
import { describe, expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import type { RgbaImage } from '../base/images.ts';
import { decodePhoto as decodeInWorker, decodeMask as maskInWorker } from './decode.ts';
import { decodeMask, decodePhoto } from './decode-picture.ts';

/** 320 x 256, quarters red, green, blue, yellow; transparent 64 px corner at the top right. Made for this test. */
const AVIF =
  'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAAGNbWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAAAAAAEAAAAsaWxvYwAAAABEAAACAAEAAAABAAAB4QAAAF4AAgAAAAEAAAG1AAAALAAAAEJpaW5mAAAAAAACAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAAAaaW5mZQIAAAAAAgAAYXYwMUFscGhhAAAAABppcmVmAAAAAAAAAA5hdXhsAAIAAQABAAAAw2lwcnAAAACdaXBjbwAAABRpc3BlAAAAAAAAAUAAAAEAAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgQAMAAAAABNjb2xybmNseAACAAIABoAAAAAOcGl4aQAAAAABCAAAAAxhdjFDgQAcAAAAADhhdXhDAAAAAHVybjptcGVnOm1wZWdCOmNpY3A6c3lzdGVtczphdXhpbGlhcnk6YWxwaGEAAAAAHmlwbWEAAAAAAAAAAgABBAECgwQAAgQBBYYHAAAAkm1kYXQSAAoGGCHn/+wqMiASAAooQLYY0zp885zACdkZjzUuCvI658kbHoV9Q3sMQBIACgoYIef/7BAgIGhAMk4SAAKKKKEAtNt64XKa01Rj1ft449qsjcOHtSbiUHRkWE79AuneTWKlYjzULJrM3SUS/eezpWhK9EC7bBKZiK/jFpPmefy56N0y5YWUWuA=';

const RED = [220, 30, 30];
const GREEN = [30, 200, 30];
const BLUE = [30, 30, 220];
const YELLOW = [230, 230, 30];

function quarters(width: number, height: number, alpha = 1): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  [RED, GREEN, BLUE, YELLOW].forEach(([r, g, b], k) => {
    context.fillStyle = `rgb(${r} ${g} ${b} / ${alpha})`;
    context.fillRect(((k % 2) * width) / 2, (Math.floor(k / 2) * height) / 2, width / 2, height / 2);
  });
  return canvas;
}
const blobOf = (width: number, height: number, type: string, alpha?: number) =>
  quarters(width, height, alpha).convertToBlob({ type, quality: 0.95 });

/** Colours in the middle of the quarters: top left, top right, bottom left, bottom right. */
function corners({ width, height, data }: RgbaImage): number[][] {
  return [0, 1, 2, 3].map((k) => {
    const x = Math.floor(width * (k % 2 ? 0.65 : 0.35));
    const y = Math.floor(height * (k > 1 ? 0.65 : 0.35));
    return [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
  });
}

function expectColours(actual: number[][], expected: number[][], tolerance: number): void {
  actual.forEach((colour, k) => {
    for (let c = 0; c < 3; c++) {
      expect(Math.abs(colour[c] - expected[k][c]), `quarter ${k}: ${colour}`).toBeLessThanOrEqual(tolerance);
    }
  });
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}

/** Puts an EXIF block with an orientation behind the start mark of a JPEG. */
async function withOrientation(jpeg: Blob, orientation: number): Promise<Blob> {
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  const content = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  const length = content.length + 2;
  const bytes = await bytesOf(jpeg);
  const exif = Uint8Array.of(0xff, 0xe1, length >> 8, length & 255, ...content);
  return new Blob([bytes.slice(0, 2), exif, bytes.slice(2)], { type: 'image/jpeg' });
}

describe('formats', () => {
  for (const [type, tolerance] of [
    ['image/png', 0],
    ['image/jpeg', 12],
    ['image/webp', 12],
  ] as const) {
    test(type, async () => {
      const photo = await decodePhoto(await blobOf(320, 256, type));
      expect([photo.originalWidth, photo.originalHeight]).toEqual([320, 256]);
      expect(photo.hasAlpha).toBe(false);
      expectColours(corners(photo.image), [RED, GREEN, BLUE, YELLOW], tolerance);
    });
  }

  test('image/avif with transparency, whatever the file calls itself', async () => {
    const blob = new Blob([Uint8Array.from(atob(AVIF), (c) => c.charCodeAt(0))], { type: 'application/x' });
    const photo = await decodePhoto(blob);
    expect([photo.originalWidth, photo.originalHeight]).toEqual([320, 256]);
    expect(photo.hasAlpha).toBe(true);
    expect(photo.image.data[(10 * 320 + 310) * 4 + 3]).toBe(0);
    expectColours(corners(photo.image), [RED, GREEN, BLUE, YELLOW], 25);
  });

  test('half transparent colours come back straight, not darkened', async () => {
    const photo = await decodePhoto(await blobOf(320, 256, 'image/png', 0.5));
    expect(photo.hasAlpha).toBe(true);
    expect(photo.image.data[3]).toBeGreaterThan(126);
    expect(photo.image.data[3]).toBeLessThan(129);
    expectColours(corners(photo.image), [RED, GREEN, BLUE, YELLOW], 2);
  });
});

describe('EXIF orientation', () => {
  const expected: Record<number, number[][]> = {
    1: [RED, GREEN, BLUE, YELLOW],
    2: [GREEN, RED, YELLOW, BLUE],
    3: [YELLOW, BLUE, GREEN, RED],
    4: [BLUE, YELLOW, RED, GREEN],
    5: [RED, BLUE, GREEN, YELLOW],
    6: [BLUE, RED, YELLOW, GREEN],
    7: [YELLOW, GREEN, BLUE, RED],
    8: [GREEN, YELLOW, RED, BLUE],
  };
  for (const [orientation, colours] of Object.entries(expected)) {
    test(`${orientation}`, async () => {
      const photo = await decodePhoto(
        await withOrientation(await blobOf(320, 256, 'image/jpeg'), +orientation),
      );
      const size = +orientation >= 5 ? [256, 320] : [320, 256];
      expect([photo.originalWidth, photo.originalHeight]).toEqual(size);
      expect([photo.image.width, photo.image.height]).toEqual(size);
      expectColours(corners(photo.image), colours, 12);
    });
  }
});

describe('large photos', () => {
  for (const orientation of [1, 6]) {
    test(`6000 x 1500 px, orientation ${orientation}: reduced while decoding, size remembered`, async () => {
      const jpeg = await withOrientation(await blobOf(6000, 1500, 'image/jpeg'), orientation);
      const photo = await decodePhoto(jpeg);
      const turned = orientation === 6;
      expect([photo.originalWidth, photo.originalHeight]).toEqual(turned ? [1500, 6000] : [6000, 1500]);
      expect([photo.image.width, photo.image.height]).toEqual(turned ? [1024, 4096] : [4096, 1024]);
      expect(photo.notices.join(' ')).toMatch(/reduced/);
      expectColours(
        corners(photo.image),
        turned ? [BLUE, RED, YELLOW, GREEN] : [RED, GREEN, BLUE, YELLOW],
        12,
      );
    });
  }
});

describe('wrong files', () => {
  const errorOf = async (work: Promise<unknown>): Promise<StageError> => {
    const error = await work.then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(StageError);
    const found = error as StageError;
    expect(found.message).toMatch(/^[A-Z].*\.$/);
    expect(found.fix.length).toBeGreaterThan(15);
    return found;
  };
  const text = (content: string) => new Blob([content.padEnd(64, ' ')]);

  test('empty file', async () => {
    expect((await errorOf(decodePhoto(new Blob([])))).code).toBe('E_EMPTY_FILE');
  });
  test('not an image', async () => {
    const error = await errorOf(decodePhoto(text('just words')));
    expect(error.code).toBe('E_NOT_AN_IMAGE');
    expect(error.message).toMatch(/is a text file, not a picture/);
  });
  test('HEIC', async () => {
    const error = await errorOf(decodePhoto(text('\0\0\0\x18ftypheic\0\0\0\0mif1heic')));
    expect(error.code).toBe('E_NOT_AN_IMAGE');
    expect(error.message).toMatch(/HEIC/);
    expect(error.fix).toMatch(/JPEG/);
  });
  for (const type of ['image/png', 'image/jpeg']) {
    test(`truncated ${type}: used as far as it goes`, async () => {
      const bytes = await bytesOf(await blobOf(640, 640, type));
      const cut = new Blob([bytes.slice(0, bytes.length * 0.6)], { type });
      const photo = await decodePhoto(cut);
      expect([photo.originalWidth, photo.originalHeight]).toEqual([640, 640]);
      expect(photo.notices.join(' ')).toMatch(
        /cut off: about \d+ % of the picture, at the bottom, never arrived/,
      );
      expectColours(corners(photo.image).slice(0, 2), [RED, GREEN], 12);
      await expect(decodeMask(cut, { width: 640, height: 640 })).rejects.toMatchObject({
        code: 'E_NOT_AN_IMAGE',
      });
    });
  }
  test('damaged inside', async () => {
    const bytes = await bytesOf(await blobOf(640, 640, 'image/png'));
    bytes.fill(0x55, 40, 60);
    const error = await errorOf(decodePhoto(new Blob([bytes], { type: 'image/png' })));
    expect(error.code).toBe('E_NOT_AN_IMAGE');
    expect(error.message).toMatch(/damaged/);
  });
  test('1 x 1 px, and 255 px', async () => {
    expect((await errorOf(decodePhoto(await blobOf(1, 1, 'image/png')))).code).toBe('E_TOO_SMALL');
    expect((await errorOf(decodePhoto(await blobOf(255, 200, 'image/png')))).code).toBe('E_TOO_SMALL');
    await decodePhoto(await blobOf(256, 200, 'image/png'));
  });
  test('more than 12,000 px', async () => {
    expect((await errorOf(decodePhoto(await blobOf(12_001, 300, 'image/png')))).code).toBe('E_TOO_LARGE');
  });
});

describe('masks', () => {
  const mask = async (width: number, height: number, style: string | null, type = 'image/png') => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    if (style) {
      context.fillStyle = style;
      context.fillRect(width / 4, height / 4, width / 2, height / 2);
    }
    return canvas.convertToBlob({ type });
  };
  const size = { width: 320, height: 256 };

  test('white is the person', async () => {
    const found = await decodeMask(await mask(320, 256, '#fff'), size);
    expect([found.width, found.height]).toEqual([320, 256]);
    expect([found.data[0], found.data[128 * 320 + 160]]).toEqual([0, 255]);
  });
  test('another size, and nothing white', async () => {
    await expect(decodeMask(await mask(300, 256, '#fff'), size)).rejects.toMatchObject({
      code: 'E_BAD_MASK',
    });
    await expect(decodeMask(await mask(320, 256, null), size)).rejects.toMatchObject({ code: 'E_BAD_MASK' });
    await expect(decodeMask(new Blob([]), size)).rejects.toMatchObject({ code: 'E_EMPTY_FILE' });
  });
  test('a mask of a large photo is reduced like the photo', async () => {
    const found = await decodeMask(await mask(6000, 600, '#fff'), { width: 6000, height: 600 });
    expect([found.width, found.height]).toEqual([4096, 410]);
  });
});

describe('in a worker', () => {
  test('the same pixels, errors with their code, and Cancel at once', async () => {
    const photo = await blobOf(320, 256, 'image/png');
    const [there, here] = [await decodeInWorker(photo), await decodePhoto(photo)];
    expect({ ...there, image: null }).toEqual({ ...here, image: null });
    expect(there.image.data).toBeInstanceOf(Uint8ClampedArray);
    expect([...there.image.data]).toEqual([...here.image.data]);
    const words = new Blob(['just words'.padEnd(64, ' ')]);
    await expect(decodeInWorker(words)).rejects.toMatchObject({ stage: 'photo', code: 'E_NOT_AN_IMAGE' });
    const wrong = maskInWorker(photo, { width: 256, height: 256 });
    await expect(wrong).rejects.toMatchObject({ stage: 'matte', code: 'E_BAD_MASK' });
    const abort = new AbortController();
    const cancelled = decodeInWorker(photo, abort.signal);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ stage: 'photo', code: 'E_CANCELLED' });
    await expect(decodeInWorker(photo, abort.signal)).rejects.toMatchObject({ code: 'E_CANCELLED' });
  });
});
