/** Draws the rail's pictures of a run: each stage's when it is done, and while it grows at most a few times a second. */
import type { RgbaImage } from '../base/images.ts';
import { inTurns, nextTask } from '../base/steps.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import type { AnyStage, ResultId, RunResults } from './stage.ts';
import { figureIn } from './thumbnails.ts';
import type { StageId } from './types.ts';

/** Thumbnails of a growing result are drawn at most this often, ms. */
const PARTIAL_THUMBNAIL_MS = 250;

/** Of results that are used again, by where they were drawn: going back must not draw ten pictures anew. */
export type KeptThumbnails = WeakMap<object, { place: string; picture: RgbaImage }>;

export interface ThumbnailParts {
  readonly stages: ReadonlyMap<ResultId, AnyStage>;
  /** Those of the run, as they come. */
  readonly results: RunResults;
  readonly kernels: KernelSet;
  readonly kept: KeptThumbnails;
  readonly show: (stage: StageId, picture: RgbaImage) => void;
}

export class ThumbnailDrawer {
  readonly #parts: ThumbnailParts;
  #drawnMs = 0;

  constructor(parts: ThumbnailParts) {
    this.#parts = parts;
  }

  /** A stage is done. */
  async finished(stage: StageId): Promise<void> {
    await this.#draw(stage);
    // Now that the figure is found, the photo's own thumbnail can be cut to it too.
    if (stage === 'matte') await this.#draw('photo');
  }

  /** A part of a stage's result came: small, while the whole canvas is drawn when its stage is done, or the page asks for it. */
  grown(stage: StageId): void {
    if (performance.now() - this.#drawnMs < PARTIAL_THUMBNAIL_MS) return;
    this.#drawnMs = performance.now();
    this.#draw(stage).catch(() => {});
  }

  async #draw(stage: StageId): Promise<void> {
    const { stages, results, kernels, kept, show } = this.#parts;
    const { thumbnail } = stages.get(stage) ?? {};
    if (!thumbnail) return;
    const result = results[stage];
    const window = figureIn(results);
    const place = `${stage} ${window.left} ${window.top} ${window.side}`;
    const known = result && kept.get(result);
    if (known?.place === place) return show(stage, known.picture);
    // A picture of the canvas is a tenth of a second by itself.
    await nextTask();
    const picture = await thumbnail(results, kernels.paced(inTurns), window);
    if (!picture) return;
    if (result) kept.set(result, { place, picture });
    show(stage, picture);
  }
}
