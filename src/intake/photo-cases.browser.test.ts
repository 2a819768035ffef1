/**
 * The photos of tests/cases/photos, decoded in a browser: each is shown right, or refused by its name with what to do.
 * The frame of masks and keypoints is that of the shown picture, whatever turned it.
 */
import { describe, expect, test } from 'vitest';
import { REFUSED, SHOWN, type ShownCase } from '../../tests/cases/photos/table.ts';
import { StageError } from '../base/errors.ts';
import { type DecodedPhoto, decodeMask, decodePhoto } from './decode-picture.ts';

const URLS: Record<string, string> = import.meta.glob('../../tests/cases/photos/*', {
  query: '?url',
  import: 'default',
  eager: true,
});

const COLOURS: Readonly<Record<string, readonly number[]>> = {
  r: [220, 30, 30, 255],
  g: [30, 200, 30, 255],
  b: [30, 30, 220, 255],
  y: [230, 230, 30, 255],
  w: [255, 255, 255, 255],
  k: [0, 0, 0, 255],
};

async function fileNamed(name: string): Promise<Blob> {
  const response = await fetch(URLS[`../../tests/cases/photos/${name}`]);
  expect(response.ok, name).toBe(true);
  // The type a browser gives a dropped file goes by its name.
  return new Blob([await response.arrayBuffer()], { type: `image/${name.split('.').at(-1)}` });
}

/** Letters of the quarters, looked at off their middles; where none fits, the colour itself. */
function quarters({ image }: DecodedPhoto, tolerance: number): string {
  return [0, 1, 2, 3]
    .map((k) => {
      const x = Math.floor(image.width * (k % 2 ? 0.7 : 0.3));
      const y = Math.floor(image.height * (k > 1 ? 0.88 : 0.12));
      const at = (y * image.width + x) * 4;
      const pixel = [...image.data.subarray(at, at + 4)];
      if (pixel[3] === 0) return 'x';
      const fits = Object.entries(COLOURS).find(([, colour]) =>
        colour.every((value, c) => Math.abs(value - pixel[c]) <= tolerance),
      );
      return fits?.[0] ?? `(${pixel})`;
    })
    .join('');
}

function matches(expected: string, found: string): boolean {
  const letters = found.match(/\([^)]*\)|./g) ?? [];
  return (
    letters.length === 4 && letters.every((letter, k) => '-?'.includes(expected[k]) || letter === expected[k])
  );
}

async function expectShown({ file, shows, size, notice, tolerance = 30 }: ShownCase): Promise<void> {
  const photo = await decodePhoto(await fileNamed(file));
  expect([photo.originalWidth, photo.originalHeight]).toEqual(size);
  const found = quarters(photo, tolerance);
  expect(matches(shows, found), `${found} instead of ${shows}; ${photo.notices.join(' ')}`).toBe(true);
  if (notice) expect(photo.notices.join(' ')).toMatch(notice);
  else expect(photo.notices).toEqual([]);
}

describe('shown right', () => {
  for (const row of SHOWN) test(row.file, () => expectShown(row));
});

/** A mask as a tool makes it from the upright picture: white on black. */
async function maskOf([width, height]: readonly [number, number]): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#fff';
  context.fillRect(width / 4, height / 4, width / 2, height / 2);
  return canvas.convertToBlob();
}

describe('a mask made on the shown picture fits', () => {
  for (const { file, size } of SHOWN.filter((row) => row.file.startsWith('turn_'))) {
    test(file, async () => {
      const { originalWidth: width, originalHeight: height } = await decodePhoto(await fileNamed(file));
      const mask = await decodeMask(await maskOf(size), { width, height });
      expect([mask.width, mask.height]).toEqual(size);
      const turned = await maskOf([size[1], size[0]]);
      await expect(decodeMask(turned, { width, height })).rejects.toMatchObject({ code: 'E_BAD_MASK' });
    });
  }

  test('a cut-off file is no mask', async () => {
    const mask = await fileNamed('png_half.png');
    await expect(decodeMask(mask, { width: 240, height: 320 })).rejects.toMatchObject({
      code: 'E_NOT_AN_IMAGE',
      message: 'The mask file is cut off before its end.',
    });
  });
});

describe('refused by name', () => {
  for (const { file, says, fix } of REFUSED) {
    test(file, async () => {
      const error = await decodePhoto(await fileNamed(file)).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(StageError);
      const { message, fix: found } = error as StageError;
      expect(message).toMatch(says);
      expect(message).toMatch(/^The photo .*\.$/);
      expect(found).toMatch(fix);
    });
  }
});
