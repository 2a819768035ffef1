/** The bundled sample photos: `samples/index.json` beside the page, checked before use. */
import * as v from 'valibot';
import { StageError } from '../base/errors.ts';

const NAME = v.pipe(v.string(), v.regex(/^[\w.-]+$/));

const SAMPLES = v.array(
  v.object({
    id: NAME,
    title: v.string(),
    /** File names inside the samples folder. */
    photo: NAME,
    thumbnail: NAME,
    pose: v.optional(NAME),
    mask: v.optional(NAME),
    background: v.picklist(['black', 'room']),
  }),
);

export type Sample = Readonly<v.InferOutput<typeof SAMPLES>[number]>;

/** @throws StageError E_INTERNAL when the list is not one of ours. */
export function parseSamples(value: unknown): Sample[] {
  const { success, output } = v.safeParse(SAMPLES, value);
  if (success) return output;
  throw new StageError('samples', 'E_INTERNAL', 'The list of sample photos cannot be read.', {
    fix: 'Drop a photo of your own; the samples are not needed for it.',
  });
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
