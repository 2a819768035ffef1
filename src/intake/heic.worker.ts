/**
 * The worker that decodes one HEIC photo and is then ended: its memory, several hundred MiB for a phone's photo, goes
 * with it. libheif is a file of its own, served as it was published, so that anybody can put another build in its place.
 */
import libheifUrl from 'libheif-js/libheif-wasm/libheif-bundle.mjs?url';
import { type HeicAnswer, heicToPng, type Libheif } from './heic-image.ts';

export interface HeicRequest {
  readonly bytes: ArrayBuffer;
  readonly maxSide: number;
  readonly cutOff: boolean;
}

async function answer({ bytes, maxSide, cutOff }: HeicRequest): Promise<HeicAnswer> {
  const { default: start } = (await import(/* @vite-ignore */ libheifUrl)) as { default: () => Libheif };
  return heicToPng(start(), new Uint8Array(bytes), maxSide, cutOff);
}

self.onmessage = async ({ data }: MessageEvent<HeicRequest>) => {
  const reply = await answer(data).catch(
    (error: unknown): HeicAnswer => ({ kind: 'failed', reason: String(error) }),
  );
  self.postMessage(reply, { transfer: reply.kind === 'png' ? [reply.png.buffer] : [] });
};
