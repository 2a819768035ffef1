/**
 * The half of the cancel bench that runs in the browser (see cancel.ts): the digitizer's client and worker as the page
 * has them, a run, a cancel at a chosen moment, and how long until the run's caller hears of it.
 */

import { createDigitizerClient, type DigitizerClient } from '../src/client/digitizer-client.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions, type StageId } from '../src/digitizer/types.ts';
import type { ExportFormat } from '../src/export/formats.ts';

export interface StageSpan {
  readonly stage: StageId;
  readonly ms: number;
}

export interface CancelFigures {
  /** From the cancel to the rejection of the run; null when the stage had ended before. */
  readonly cancelMs: number | null;
  /** From the start of the run after it to its first event. */
  readonly restartMs: number;
  /** Longest answer of the worker to a question asked every 50 ms while it ran, before the cancel. */
  readonly answerMs: number;
  readonly stage: StageId;
}

let client: DigitizerClient;
let photo: Blob;
let largePhoto: Blob;
let poseJson: string | undefined;
const OPTIONS: RunOptions = { ...DEFAULT_RUN_OPTIONS, backend: 'wasm', surfaceDepth: 9 };

export async function open(
  sample: string,
  withPose: boolean,
  backend: RunOptions['backend'],
): Promise<StageSpan[]> {
  photo = await (await fetch(`/public/samples/${sample}.jpg`)).blob();
  poseJson = withPose ? await (await fetch(`/public/samples/${sample}_keypoints.json`)).text() : undefined;
  Object.assign(OPTIONS, { backend });
  client = createDigitizerClient();
  await client.start(OPTIONS, { kind: 'url', url: new URL('/public/packs/starter/', location.href).href });
  const spans: StageSpan[] = [];
  await client.run({ name: sample, photo, poseJson }, OPTIONS, (event) => {
    if (event.kind === 'thumbnail') event.bitmap.close();
    if (event.kind === 'stage' && event.state.kind === 'done') {
      spans.push({ stage: event.stage, ms: event.state.elapsedMs });
    }
  });
  return spans;
}

/** A photo of the same pixels whose bytes are new, so that nothing of it is cached. */
function freshPhoto(serial: number, from = photo): Blob {
  return new Blob([from, new Uint8Array([serial & 255, serial >> 8])], { type: from.type });
}

/** Makes the sample as large as a photo may be. @returns how long its stage `photo` takes, ms. */
export async function openLarge(side: number): Promise<number> {
  const bitmap = await createImageBitmap(photo);
  const canvas = new OffscreenCanvas(side, side);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, side, side);
  largePhoto = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  let length = 0;
  const run = client.run({ name: 'large', photo: largePhoto, poseJson }, OPTIONS, (event) => {
    if (event.kind === 'thumbnail') event.bitmap.close();
    if (event.kind !== 'stage' || event.state.kind !== 'done') return;
    if (event.stage === 'photo') length = event.state.elapsedMs;
    void client.cancel();
  });
  await run.catch(() => {});
  return length;
}

/** How long a file of the finished figure takes, and the longest answer of the worker meanwhile, ms. */
export async function writing(format: ExportFormat): Promise<{ ms: number; answerMs: number }> {
  const started = performance.now();
  let answerMs = 0;
  const asking = setInterval(async () => {
    const asked = performance.now();
    await client.keypoints();
    answerMs = Math.max(answerMs, performance.now() - asked);
  }, 20);
  await client.exportFile(format);
  clearInterval(asking);
  const ms = performance.now() - started;
  await client.keypoints();
  return { ms, answerMs };
}

/** Cancels `afterMs` into a stage of a run of the photo `serial`, or of the large one. */
export async function cancelIn(
  stage: StageId,
  afterMs: number,
  serial: number,
  large = false,
): Promise<CancelFigures> {
  const input = { name: 'cancel', photo: freshPhoto(serial, large ? largePhoto : photo), poseJson };
  let cancelledAt: number | null = null;
  let ended = false;
  let answerMs = 0;
  const asking = setInterval(async () => {
    const asked = performance.now();
    await client.keypoints();
    if (cancelledAt === null) answerMs = Math.max(answerMs, performance.now() - asked);
  }, 50);
  const run = client.run(input, OPTIONS, (event) => {
    if (event.kind === 'thumbnail') event.bitmap.close();
    if (event.kind !== 'stage' || event.stage !== stage) return;
    if (event.state.kind === 'running' && event.state.fraction === 0 && event.state.note === '') {
      setTimeout(() => {
        if (ended) return;
        cancelledAt = performance.now();
        void client.cancel();
      }, afterMs);
    }
  });
  const code = await run.then(
    () => 'finished',
    (error: { code: string }) => error.code,
  );
  const now = performance.now();
  ended = true;
  clearInterval(asking);
  const cancelMs = cancelledAt !== null && code === 'E_CANCELLED' ? now - cancelledAt : null;
  // The next run starts promptly: how long until it says so?
  const asked = performance.now();
  let restartMs = Number.NaN;
  const next = client.run(input, OPTIONS, (event) => {
    if (event.kind === 'thumbnail') event.bitmap.close();
    if (Number.isNaN(restartMs)) {
      restartMs = performance.now() - asked;
      void client.cancel();
    }
  });
  await next.catch(() => {});
  return { cancelMs, restartMs, answerMs, stage };
}
