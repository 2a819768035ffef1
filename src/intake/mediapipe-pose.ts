/**
 * MediaPipe Pose (the @mediapipe/pose package, BlazePose) on the main thread: 33 landmarks and a person mask.
 * The package is a classic script that defines the global `Pose` and loads its own WASM and models by URL, so it
 * cannot be bundled or run in a worker; our build copies its files next to the page and nothing leaves the origin.
 * Surprise: the person probability of `segmentationMask` is in the alpha channel.
 */
import type { Pose, Results } from '@mediapipe/pose';
import { StageError } from '../base/errors.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import type { EstimatedPose } from './estimated-pose.ts';

export interface PoseEstimator {
  /**
   * Looks for one person in a picture (any size; square canvas pictures work best).
   *
   * @param photo stays the caller's.
   * @returns landmarks and mask, or null when nobody is found.
   * @throws StageError E_DEVICE when MediaPipe cannot be loaded or has no WebGL.
   */
  estimate(photo: ImageBitmap): Promise<EstimatedPose | null>;
  /** Frees the model; twice is harmless. */
  dispose(): void;
}

export interface PoseEstimatorOptions {
  /** 1 = full model, 2 = heavy model. */
  readonly modelComplexity?: 1 | 2;
  /** Side of the picture given to MediaPipe, px. */
  readonly inputSide?: number;
  /** Runs on the same picture: each further one looks closer around the person the one before found. */
  readonly passes?: number;
}

const LANDMARKS = 33;

/** One picture takes 2 to 7 s on two cores, 30 s when they are busy with four other pages. */
const PATIENCE_MS = 180_000;

/** Loads the script once per page. */
let loading: Promise<new (config: object) => Pose> | null = null;

function loadPose(baseUrl: string): Promise<new (config: object) => Pose> {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL('pose.js', baseUrl).href;
    script.crossOrigin = 'anonymous';
    script.onload = () => {
      const found = (globalThis as { Pose?: new (config: object) => Pose }).Pose;
      if (found) resolve(found);
      else reject(new Error('pose.js did not define Pose'));
    };
    script.onerror = () => {
      loading = null;
      reject(new Error(`${script.src} could not be loaded`));
    };
    document.head.append(script);
  });
  return loading;
}

function maskOf(results: Results): EstimatedPose['mask'] {
  const source = results.segmentationMask;
  if (!source) return null;
  const { width, height } = source;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(source, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < mask.length; i++) mask[i] = data[i * 4 + 3];
  return { width, height, data: mask };
}

/**
 * An estimator that loads MediaPipe on first use.
 *
 * @param assetBaseUrl folder of the package's files, absolute URL ending with "/".
 */
export function createPoseEstimator(assetBaseUrl: string, options: PoseEstimatorOptions = {}): PoseEstimator {
  const { modelComplexity = 1, inputSide = 1024, passes = 1 } = options;
  let model: Promise<Pose> | null = null;
  let latest: Results | null = null;
  let disposed = false;
  // MediaPipe takes one picture at a time.
  const queue = new SerialQueue();

  async function open(): Promise<Pose> {
    const PoseClass = await loadPose(assetBaseUrl);
    const pose = new PoseClass({ locateFile: (file: string) => new URL(file, assetBaseUrl).href });
    pose.setOptions({
      modelComplexity,
      smoothLandmarks: false,
      enableSegmentation: true,
      smoothSegmentation: false,
      minDetectionConfidence: 0.5,
    });
    pose.onResults((results) => {
      latest = results;
    });
    await pose.initialize();
    return pose;
  }

  /** Where MediaPipe does not answer, the next picture gets a new model and does not wait for this one. */
  async function answered(work: Promise<void>): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        model = null;
        reject(
          new StageError('pose', 'E_DEVICE', 'The pose estimator does not answer.', {
            fix: 'Try again, with other heavy pages closed, or give OpenPose keypoints.',
          }),
        );
      }, PATIENCE_MS);
    });
    try {
      await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function run(photo: ImageBitmap): Promise<EstimatedPose | null> {
    model ??= open();
    let pose: Pose;
    try {
      pose = await model;
    } catch (cause) {
      model = null;
      throw new StageError('pose', 'E_DEVICE', 'The pose estimator could not be started.', {
        fix: 'Check that WebGL works in this browser and reload the page, or give OpenPose keypoints.',
        cause,
      });
    }
    const scale = Math.min(1, inputSide / Math.max(photo.width, photo.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(photo.width * scale);
    canvas.height = Math.round(photo.height * scale);
    const context = canvas.getContext('2d');
    if (!context) {
      throw new StageError('pose', 'E_DEVICE', 'The browser gives no 2D canvas.', {
        fix: 'Reload the page.',
      });
    }
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, 0, 0, canvas.width, canvas.height);
    // Forget the person of the last picture.
    pose.reset();
    latest = null;
    for (let pass = 0; pass < passes; pass++) await answered(pose.send({ image: canvas }));
    const results = latest as Results | null;
    const found = results?.poseLandmarks;
    if (!results || !found || found.length < LANDMARKS) return null;
    const landmarks = new Float32Array(LANDMARKS * 4);
    for (let i = 0; i < LANDMARKS; i++) {
      const { x, y, z, visibility = 0 } = found[i];
      landmarks.set([x, y, z, visibility], i * 4);
    }
    return { landmarks, mask: maskOf(results) };
  }

  return {
    estimate(photo) {
      if (disposed) return Promise.reject(new Error('the pose estimator is closed'));
      return queue.add(() => run(photo));
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      void queue.add(async () => (await model?.catch(() => null))?.close());
    },
  };
}
