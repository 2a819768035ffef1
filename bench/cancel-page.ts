/**
 * The half of the cancel bench that runs in the browser (see cancel.ts): the digitizer's client and worker as the page
 * has them, a run, a cancel at a chosen moment, and how long until the run's caller hears of it.
 */

import { createDigitizerClient, type DigitizerClient } from '../src/client/digitizer-client.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions, type StageId } from '../src/digitizer/types.ts';

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
function freshPhoto(serial: number): Blob {
  return new Blob([photo, new Uint8Array([serial & 255, serial >> 8])], { type: photo.type });
}

/** Cancels `afterMs` into a stage of a run of the photo `serial`. */
export async function cancelIn(stage: StageId, afterMs: number, serial: number): Promise<CancelFigures> {
  const input = { name: 'cancel', photo: freshPhoto(serial), poseJson };
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
