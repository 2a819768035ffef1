/** Result `backPaint`: what the pack's network makes of the side that nobody saw; colours only, the shape comes from depth. */
import { StageError } from '../../base/errors.ts';
import type { GreyImage, RgbaImage } from '../../base/images.ts';
import { type BackPaint, backCellsSteps } from '../../geometry/back-paint.ts';
import type { RunServices, StageContext } from '../stage.ts';

export interface BackPaintResult {
  /** null: the far side follows the rule (geometry/back-colours.ts). */
  readonly paint: BackPaint | null;
  /** Why there is none although the pack has a network for it. */
  readonly notice: string | null;
}

/** Colours of the back are worth no failed run. */
export async function runBackPaint(
  photo: RgbaImage,
  matte: GreyImage,
  {
    pace,
    progress,
    services,
  }: Pick<StageContext, 'pace' | 'progress'> & { readonly services: Pick<RunServices, 'paintBack'> },
): Promise<BackPaintResult> {
  progress(0, 'colours of the far side');
  const cells = await pace(backCellsSteps(photo, matte));
  try {
    return { paint: await services.paintBack(cells), notice: null };
  } catch (thrown) {
    if (!(thrown instanceof StageError) || thrown.code === 'E_CANCELLED') throw thrown;
    return { paint: null, notice: `${thrown.message} The back has the colours of the front instead.` };
  }
}
