/** Stage `surface`: the cloud to a closed mesh. The solver's camera looks straight on, so a turned figure is turned back for it. */
import type { OrientedCloud } from '../../base/cloud.ts';
import type { KeypointTable } from '../../geometry/body.ts';
import { focusesOf } from '../../geometry/focus.ts';
import { isMethodCamera, pinholeOf, turn } from '../../geometry/framed-cloud.ts';
import type { CanvasCamera } from '../../geometry/framing.ts';
import type { SolvedSurface, StageContext } from '../stage.ts';

/** @param keypoints of whom face and hands get more triangles; null: the mesh is as fine everywhere. */
export async function runSurface(
  cloud: OrientedCloud,
  camera: CanvasCamera,
  keypoints: KeypointTable | null,
  depth: number,
  { services, threads, progress, signal }: StageContext,
): Promise<SolvedSurface> {
  const solve = (points: OrientedCloud, pinhole?: { z: number; focalPx: number }) =>
    services.solveSurface(
      points,
      depth,
      threads,
      progress,
      signal,
      keypoints ? focusesOf(points, keypoints) : [],
      pinhole,
    );
  if (isMethodCamera(camera)) return solve(cloud);
  const straight = { ...cloud, positions: cloud.positions.slice(), normals: cloud.normals.slice() };
  turn(straight.positions, camera, true);
  turn(straight.normals, camera, true);
  const solved = await solve(straight, pinholeOf(camera));
  turn(solved.mesh.positions, camera);
  turn(solved.mesh.normals, camera);
  return solved;
}
