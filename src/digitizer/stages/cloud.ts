/** Stage `cloud`: two depth maps to oriented, coloured points; the far side gets colours of its own (robust mode). */

import type { OrientedCloud } from '../../base/cloud.ts';
import { StageError } from '../../base/errors.ts';
import type { GreyImage } from '../../base/images.ts';
import { backColoursSteps } from '../../geometry/back-colours.ts';
import { type BackPaint, paintedBackSteps } from '../../geometry/back-paint.ts';
import type { KeypointTable } from '../../geometry/body.ts';
import { throughLensSteps } from '../../geometry/framed-cloud.ts';
import { rimPointsSteps } from '../../geometry/rim-points.ts';
import type { DeviceMap } from '../../gpu/device-map.ts';
import type { StageContext } from '../stage.ts';
import type { RunMode } from '../types.ts';
import { RIM_PX } from './fine-depth.ts';
import type { PhotoResult } from './photo.ts';

/** Fewer points than this cannot be a person at 2048 px: a figure 300 px high still gives about 20,000. */
const MIN_POINTS = 1000;

export async function runCloud(
  depth: DeviceMap,
  mergedNormals: DeviceMap,
  { square: photo, camera }: Pick<PhotoResult, 'square' | 'camera'>,
  matte: GreyImage,
  keypoints: KeypointTable,
  paint: BackPaint | null,
  mode: RunMode,
  context: StageContext,
): Promise<OrientedCloud> {
  const robust = mode === 'robust';
  context.progress(0, 'colours of the far side');
  const farSide = paint ? paintedBackSteps(photo, paint) : backColoursSteps(photo, matte, keypoints);
  const back = robust ? await context.pace(farSide) : photo;
  context.progress(0.4, 'points');
  const cloud = await context.kernels.depthToCloud(depth, mergedNormals, photo, back, {
    mode,
    erodeBack: true,
  });
  if (cloud.count < MIN_POINTS) {
    throw new StageError('cloud', 'E_EMPTY_MATTE', `Only ${cloud.count} points were found in depth.`, {
      fix: 'Check the cut-out and the pose: is the whole person marked? Give a mask or keypoints if not.',
    });
  }
  if (!robust) return cloud;
  context.progress(0.8, 'the rim');
  const plain = await context.kernels.download(depth);
  const rim = await context.pace(rimPointsSteps(plain, matte, RIM_PX, photo, back));
  return context.pace(throughLensSteps(joined(cloud, rim), camera));
}

/** Two clouds in one, the first one's points first. */
function joined(a: OrientedCloud, b: OrientedCloud): OrientedCloud {
  const join = <T extends Float32Array | Uint8Array | Uint32Array>(into: T, first: T, second: T): T => {
    into.set(first);
    into.set(second, first.length);
    return into;
  };
  const count = a.count + b.count;
  return {
    count,
    positions: join(new Float32Array(count * 3), a.positions, b.positions),
    normals: join(new Float32Array(count * 3), a.normals, b.normals),
    colours: join(new Uint8Array(count * 3), a.colours, b.colours),
    sides: join(new Uint8Array(count), a.sides, b.sides),
    pixels: join(new Uint32Array(count), a.pixels, b.pixels),
  };
}
