/** What keeping figures needs of the browser: its storage, the clock, and pictures made and read. */
import { portraitOf } from '../../export/portrait.ts';
import type { Keeping } from '../../store/context.ts';
import { browserShelf } from '../../store/project-shelf.ts';

/** Size of the picture in the list, px: twice what it shows, for dense screens. */
const PORTRAIT = { width: 240, height: 300 } as const;

export function browserKeeping(): Keeping {
  return {
    shelf: browserShelf(),
    dateMs: () => Date.now(),
    async portrait(mesh) {
      const picture = portraitOf(mesh, PORTRAIT.width, PORTRAIT.height);
      if (!picture) return null;
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      canvas.getContext('2d')?.putImageData(new ImageData(picture.data, picture.width, picture.height), 0, 0);
      return canvas.convertToBlob({ type: 'image/webp', quality: 0.9 });
    },
    bitmapOf: (picture) => createImageBitmap(picture),
  };
}
