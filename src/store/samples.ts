/** The bundled sample photos: `samples/index.json` beside the page, checked before use. */
import { StageError } from '../base/errors.ts';

export interface Sample {
  readonly id: string;
  readonly title: string;
  /** File names inside the samples folder. */
  readonly photo: string;
  readonly thumbnail: string;
  readonly pose?: string;
  readonly mask?: string;
  readonly background: 'black' | 'room';
}

const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]+$/.test(value);

/** @throws StageError E_INTERNAL when the list is not one of ours. */
export function parseSamples(value: unknown): Sample[] {
  const valid =
    Array.isArray(value) &&
    value.every(
      (s: Partial<Sample> | null) =>
        s &&
        isName(s.id) &&
        typeof s.title === 'string' &&
        isName(s.photo) &&
        isName(s.thumbnail) &&
        (s.pose === undefined || isName(s.pose)) &&
        (s.mask === undefined || isName(s.mask)),
    );
  if (!valid) {
    throw new StageError('samples', 'E_INTERNAL', 'The list of sample photos cannot be read.', {
      fix: 'Drop a photo of your own; the samples are not needed for it.',
    });
  }
  return value as Sample[];
}

export const SAMPLES_FOLDER = 'samples/';

/** Fetches text or bytes from our own origin. @throws StageError when the file is missing. */
export async function fetchOwn(path: string): Promise<Blob> {
  const answer = await fetch(new URL(path, document.baseURI)).catch(() => null);
  if (!answer?.ok) {
    throw new StageError('samples', 'E_INTERNAL', `The file ${path} could not be loaded.`, {
      fix: 'Check the connection and reload the page, or drop a photo of your own.',
    });
  }
  return answer.blob();
}
