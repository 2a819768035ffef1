/** The worker that decodes one picture for decode.ts and is then ended. */
import { StageError, type StageErrorData } from '../base/errors.ts';
import type { GreyImage } from '../base/images.ts';
import { type DecodedPhoto, decodeMask, decodePhoto } from './decode-picture.ts';
import type { Size } from './exif-turn.ts';

export type DecodeRequest =
  | { readonly kind: 'photo'; readonly blob: Blob; readonly side: number | undefined }
  | { readonly kind: 'mask'; readonly blob: Blob; readonly photoSize: Size };

export type DecodeAnswer =
  | { readonly kind: 'decoded'; readonly value: DecodedPhoto | GreyImage }
  | { readonly kind: 'failed'; readonly error: StageErrorData };

self.onmessage = async ({ data }: MessageEvent<DecodeRequest>) => {
  try {
    const value =
      data.kind === 'photo'
        ? await decodePhoto(data.blob, undefined, data.side)
        : await decodeMask(data.blob, data.photoSize);
    const pixels = 'image' in value ? value.image.data : value.data;
    const answer: DecodeAnswer = { kind: 'decoded', value };
    self.postMessage(answer, { transfer: [pixels.buffer as ArrayBuffer] });
  } catch (thrown) {
    const stage = data.kind === 'photo' ? 'photo' : 'matte';
    const answer: DecodeAnswer = { kind: 'failed', error: StageError.from(stage, thrown).toData() };
    self.postMessage(answer);
  }
};
