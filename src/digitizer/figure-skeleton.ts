/** The skeleton of a figure in its own frame: found where its keypoints are, in the method's camera. */
import type { SurfaceMesh } from '../base/mesh.ts';
import type { FigureSkeleton, Place } from '../base/skeleton.ts';
import { atOnce } from '../base/steps.ts';
import type { KeypointTable } from '../geometry/body.ts';
import { isMethodCamera, outOfLensSteps, pointThroughLens } from '../geometry/framed-cloud.ts';
import type { CanvasCamera } from '../geometry/framing.ts';
import { estimateSkeleton } from '../geometry/skeleton.ts';

/**
 * @param keypoints on the canvas.
 * @param lens      that the figure is seen through; left out: the method's own camera.
 */
export function skeletonOf(mesh: SurfaceMesh, keypoints: KeypointTable, lens?: CanvasCamera): FigureSkeleton {
  if (!lens || isMethodCamera(lens)) return estimateSkeleton(mesh.positions, mesh.indices, keypoints);
  const { positions } = atOnce(outOfLensSteps<SurfaceMesh>)(mesh, lens);
  const found = estimateSkeleton(positions, mesh.indices, keypoints);
  const before = <Bones extends FigureSkeleton['heads']>(places: Bones): Bones =>
    Object.fromEntries(
      Object.entries(places).map(([bone, place]: [string, Place]) => [bone, pointThroughLens(place, lens)]),
    ) as unknown as Bones;
  return { ...found, heads: before(found.heads), tails: before(found.tails) };
}
