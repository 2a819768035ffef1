/**
 * The figure turning once about its axis, as WebM video (VP9, VP8 where there is no VP9): ends where it begins, so that
 * players loop it. Needs WebGL on an OffscreenCanvas and WebCodecs.
 */
import { ArrayBufferTarget, Muxer } from 'webm-muxer';
import { StageError } from '../../base/errors.ts';
import { nextTask } from '../../base/steps.ts';
import type { EncodeProgress } from '../encode-mesh.ts';
import type { MeshData } from '../mesh-data.ts';
import { openFigureStudio } from './figure-studio.ts';

const WIDTH = 720;
const HEIGHT = 960;
const FRAMES_A_SECOND = 25;
const SECONDS = 5;
const BITS_A_SECOND = 5_000_000;
/** A frame that needs no other one, so that players can jump; frames. */
const KEY_FRAME_EVERY = 50;
/** Frames that may wait for the encoder: each is a picture in memory. */
const MOST_WAITING = 4;

const CODECS = [
  { codec: 'vp09.00.31.08', id: 'V_VP9' },
  { codec: 'vp8', id: 'V_VP8' },
] as const;

async function chosenCodec() {
  if (typeof VideoEncoder === 'undefined') return null;
  for (const { codec, id } of CODECS) {
    const config: VideoEncoderConfig = {
      codec,
      width: WIDTH,
      height: HEIGHT,
      bitrate: BITS_A_SECOND,
      framerate: FRAMES_A_SECOND,
      // The picture moves all the time and nobody waits live.
      latencyMode: 'quality',
    };
    const { supported } = await VideoEncoder.isConfigSupported(config).catch(() => ({ supported: false }));
    if (supported) return { config, id };
  }
  return null;
}

/** @throws StageError E_BAD_MESH; E_DEVICE where the browser encodes no such video, or draws no 3D here. */
export async function writeTurntable(
  mesh: MeshData,
  onProgress: EncodeProgress,
): Promise<Uint8Array<ArrayBuffer>> {
  const chosen = await chosenCodec();
  if (!chosen) {
    throw new StageError('export', 'E_DEVICE', 'This browser writes no video.', {
      fix: 'Save the picture (PNG) or the web page (HTML) instead, or use a current Chrome, Edge or Firefox.',
    });
  }
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const studio = await openFigureStudio(canvas, mesh, false);
  const target = new ArrayBufferTarget();
  const muxer = new Muxer({
    target,
    video: { codec: chosen.id, width: WIDTH, height: HEIGHT, frameRate: FRAMES_A_SECOND },
  });
  let failure: Error | null = null;
  const encoder = new VideoEncoder({
    output: (chunk, meta) => muxer.addVideoChunk(chunk, meta),
    error: (error) => {
      failure = error;
    },
  });
  try {
    encoder.configure(chosen.config);
    const frames = FRAMES_A_SECOND * SECONDS;
    for (let i = 0; i < frames; i++) {
      studio.draw((i / frames) * 360);
      const frame = new VideoFrame(canvas, {
        timestamp: (i * 1e6) / FRAMES_A_SECOND,
        duration: 1e6 / FRAMES_A_SECOND,
      });
      encoder.encode(frame, { keyFrame: i % KEY_FRAME_EVERY === 0 });
      frame.close();
      onProgress(i / frames);
      while (encoder.encodeQueueSize > MOST_WAITING && !failure) await nextTask();
      if (failure) throw encoderStopped(failure);
    }
    await encoder.flush();
    if (failure) throw encoderStopped(failure);
    muxer.finalize();
    return new Uint8Array(target.buffer);
  } finally {
    if (encoder.state !== 'closed') encoder.close();
    studio.dispose();
  }
}

function encoderStopped(cause: Error): StageError {
  return new StageError('export', 'E_DEVICE', `The browser stopped encoding the video: ${cause.message}`, {
    fix: 'Try again, or save the picture (PNG) instead.',
    cause,
  });
}
