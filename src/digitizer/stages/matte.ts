/**
 * Stage `matte`: foreground of the canvas, from the first provider that answers (intake/matte.ts); and what only the pose
 * can correct in it.
 */
import { StageError } from '../../base/errors.ts';
import type { GreyImage } from '../../base/images.ts';
import { type Pace, unpaced } from '../../base/steps.ts';
import { CANVAS_SIZE, type CanvasPose } from '../../geometry/body.ts';
import type { PaintStroke } from '../../geometry/figure-edits.ts';
import { remappedToCanvas } from '../../geometry/framing.ts';
import { canvasFromPhoto, photoRectangle } from '../../geometry/keypoints.ts';
import { paintedSteps } from '../../geometry/matte-paint.ts';
import type { EstimatedPose } from '../../intake/estimated-pose.ts';
import { MATTE_PROVIDERS, type Matte, type MatteProvider, matteFrom } from '../../intake/matte.ts';
import type { CropAlpha } from '../../intake/matte-network.ts';
import { type BodyShape, othersPixelsSteps } from '../../intake/other-people.ts';
import type { FoundPeople, FoundPerson } from '../../intake/pose/people.ts';
import { fillTrunkHolesSteps } from '../../intake/trunk-holes.ts';
import type { StageContext } from '../stage.ts';
import type { RunMode } from '../types.ts';
import type { FrameResult } from './frame.ts';
import type { PhotoResult } from './photo.ts';

/** What a provider may be given besides the photo. */
export interface MatteExtras {
  readonly maskFile: Blob | null;
  readonly detection: EstimatedPose | null;
  /** What a cut-out by colour must agree with. */
  readonly outline: GreyImage | null;
  readonly others: Uint8Array | null;
  readonly ownNetwork: CropAlpha | null;
  readonly matteNetwork: CropAlpha | null;
  readonly mode: RunMode;
}

/** Fewest pixels of a person, share of the canvas: as for a matte that was found. */
const FEWEST_SHARE = 0.002;

/** @throws StageError E_BAD_MASK, E_EMPTY_MATTE, E_NO_PERSON. */
export async function runMatte(
  provider: MatteProvider,
  photo: PhotoResult,
  { maskFile, detection, outline, others, ownNetwork, matteNetwork, mode }: MatteExtras,
  context: StageContext,
): Promise<Matte | null> {
  const size = { width: photo.originalWidth, height: photo.originalHeight };
  const mask = maskFile && (await context.services.files.decodeMask(maskFile, size, context.signal));
  context.progress(0.2, 'finding the outline');
  const input = {
    photo: photo.square,
    mapping: photo.mapping,
    hasAlpha: photo.hasAlpha,
    mask,
    robust: mode === 'robust',
    detected: detection,
    judge: outline,
    others,
    ownNetwork,
    matteNetwork,
  };
  return matteFrom(provider, input, context.pace);
}

/**
 * What the pack's matte network says; null where it cannot be fetched: the pose graphs' outline is taken then, which says so.
 */
export async function runMatteNetwork(
  photo: PhotoResult,
  services: Pick<StageContext['services'], 'cutOut'>,
): Promise<CropAlpha | null> {
  try {
    return await services.cutOut(photo, 'pack');
  } catch (thrown) {
    if (thrown instanceof StageError && thrown.code === 'E_DOWNLOAD') return null;
    throw thrown;
  }
}

/** Pixels of the canvas that are another one's of the people in the photo; null where nobody else is near. */
export async function runOthers(
  { people }: FoundPeople,
  frame: FrameResult,
  reduced: number,
  pace: Pace,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { person, mapping } = frame;
  if (person === null || people.length < 2) return null;
  const shapeOf = ({ keypoints, outline }: FoundPerson): BodyShape => {
    const { region } = outline;
    const [centreX, centreY] = canvasFromPhoto(mapping, region.centreX / reduced, region.centreY / reduced);
    const side = (region.side / reduced) * mapping.scale;
    return {
      keypoints: remappedToCanvas(keypoints, 1 / reduced, mapping),
      outline: { ...outline, region: { ...region, centreX, centreY, side } },
    };
  };
  const isNear = ({ box }: FoundPerson) => {
    const [left, top] = canvasFromPhoto(mapping, box.left / reduced, box.top / reduced);
    const [right, bottom] = canvasFromPhoto(mapping, box.right / reduced, box.bottom / reduced);
    return left < CANVAS_SIZE && top < CANVAS_SIZE && right > 0 && bottom > 0;
  };
  const others = people.filter((one, i) => i !== person && isNear(one));
  return pace(othersPixelsSteps(shapeOf(people[person]), others.map(shapeOf)));
}

/**
 * The outline as the person painted it over.
 *
 * @returns the same object where nothing was painted. @throws StageError E_EMPTY_MATTE.
 */
export async function paintMatte(
  found: Matte,
  strokes: readonly PaintStroke[],
  { square, mapping }: PhotoResult,
  pace: Pace = unpaced,
): Promise<Matte> {
  if (strokes.length === 0) return found;
  const painted = await pace(paintedSteps(found.matte, strokes, square, photoRectangle(mapping)));
  let left = 0;
  for (const value of painted.data) if (value >= 128) left++;
  if (left < FEWEST_SHARE * painted.data.length) {
    throw new StageError(
      'matte',
      'E_EMPTY_MATTE',
      'Almost nothing of the person is left after the painting.',
      {
        fix: 'Remove less, or paint the person in first. The figure before stays as it was.',
      },
    );
  }
  return { ...found, matte: painted };
}

/** Fills holes that only the pose shows to be holes. @returns the same object where there are none. */
export async function fillHolesByPose(found: Matte, pose: CanvasPose, pace: Pace = unpaced): Promise<Matte> {
  if (MATTE_PROVIDERS.find(({ source }) => source === found.source)?.given) return found;
  const matte = await pace(fillTrunkHolesSteps(found.matte, pose));
  return matte === found.matte ? found : { ...found, matte };
}
