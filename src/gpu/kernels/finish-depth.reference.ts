/**
 * Raw refined depth -> front and back depth: relu6, then both 0 where the front lies behind the back (equality is
 * kept), which is the reference's only silhouette test. The network's own mask channel is not used.
 * Source: docs/method.md#refinement and docs/method.md#depth-units.
 */
import { StageError } from '../../base/errors.ts';
import { type GreyImage, type PlanarMap, planarMap } from '../../base/images.ts';
import { FOREGROUND_LEVEL } from './network-input.reference.ts';

/**
 * @param raw   f32 [>= 2, S, S], front and back before relu6.
 * @param matte [S, S]; where given, both depths are also 0 outside it. Not in the reference.
 * @returns f32 [2, S, S] in units of S / 4 px. Caller owns it.
 * @throws StageError E_BAD_MASK when the matte has another size.
 */
export function finishDepth(raw: PlanarMap, matte: GreyImage | null): PlanarMap {
  const [, height, width] = raw.shape;
  if (matte && (matte.width !== width || matte.height !== height)) {
    throw new StageError(
      'fineDepth',
      'E_BAD_MASK',
      `The mask is ${matte.width} x ${matte.height} px, the depth ${width} x ${height}.`,
      { fix: 'Use a mask of the same size as the photo.' },
    );
  }
  const out = planarMap([2, height, width]);
  const count = height * width;
  for (let i = 0; i < count; i++) {
    if (matte && matte.data[i] < FOREGROUND_LEVEL) continue;
    const front = relu6(raw.data[i]);
    const back = relu6(raw.data[count + i]);
    // Written so that NaN, which is in no order with anything, is dropped too.
    if (!(front <= back)) continue;
    out.data[i] = front;
    out.data[count + i] = back;
  }
  return out;
}

function relu6(value: number): number {
  return Math.min(Math.max(value, 0), 6);
}
