/**
 * From a cloud of any origin to a mesh, or an error with one sentence: prepares the cloud, solves, checks the result. The way
 * of the command line; whoever knows that a cloud is clean calls the solver alone.
 */

import { badCloud } from '../failures.ts';
import type { SolveResult } from '../solver.ts';
import type { OrientedCloud, SurfaceMesh } from '../types.ts';
import { checkSurface, guessNotice, type SurfaceCheck, surfaceProblem } from './check-surface.ts';
import { type PreparedCloud, prepareCloud } from './prepare-cloud.ts';

/** A mesh that reaches so far beyond its cloud may owe it to its normals; estimated ones must save so much of it from being a guess. */
const DOUBTFUL_BEYOND = 0.1;
const BETTER = 0.2;

export interface Reconstruction extends SolveResult {
  readonly mesh: SurfaceMesh;
  readonly prepared: PreparedCloud;
  /** What was done to the cloud and what is guessed, whole sentences. */
  readonly notices: readonly string[];
  /** Time for the preparation, in ms. */
  readonly prepareMs: number;
}

/**
 * @param cloud as a file gave it (read-cloud.ts): finite positions, normals 0 where there is none.
 * @param solve the solver with its options, e.g. `(cloud) => solveInNode(cloud, options)`.
 * @throws SurfaceError E_BAD_CLOUD, also when what came out is no surface of these points; E_MEMORY.
 */
export async function reconstruct(
  cloud: OrientedCloud,
  solve: (cloud: OrientedCloud) => SolveResult | Promise<SolveResult>,
): Promise<Reconstruction> {
  const first = await attempt(cloud, solve, false);
  if (isSound(first)) return first.result;
  // Normals that mislead whole regions are only seen by what they lead to.
  const second =
    first.result.prepared.normals === 'estimated'
      ? null
      : await attempt(cloud, solve, true).catch(() => null);
  const isBetter =
    second?.problem === null &&
    (first.problem !== null || second.check.verticesNear > first.check.verticesNear + BETTER);
  if (second && isBetter) {
    const why = first.problem ?? `${percent(1 - first.check.verticesNear)} of the surface would be a guess`;
    const notice = `With the normals of the cloud ${why}: they are estimated from neighbouring points instead, which loses detail.`;
    return { ...second.result, notices: [notice, ...second.result.notices] };
  }
  if (first.problem === null) return first.result;
  throw badCloud(first.problem, 'Use points with normals from all around one body, at even distances.');
}

interface Attempt {
  readonly result: Reconstruction;
  readonly check: SurfaceCheck;
  readonly problem: string | null;
}

/** Nothing is wrong, and hardly anything is a guess. */
const isSound = ({ problem, check }: Attempt) =>
  problem === null && check.beyond < DOUBTFUL_BEYOND && guessNotice(check) === null;

const percent = (share: number) => `${Math.round(share * 100)} %`;

async function attempt(
  cloud: OrientedCloud,
  solve: (cloud: OrientedCloud) => SolveResult | Promise<SolveResult>,
  ignoreNormals: boolean,
): Promise<Attempt> {
  const begun = performance.now();
  const prepared = prepareCloud(cloud, { ignoreNormals });
  const prepareMs = performance.now() - begun;
  const solved = await solve(prepared.cloud);
  const check = checkSurface(solved.mesh, prepared.cloud, Math.max(solved.spacing, solved.cell));
  const guessed = guessNotice(check);
  const notices = guessed ? [...prepared.notices, guessed] : prepared.notices;
  return { result: { ...solved, prepared, notices, prepareMs }, check, problem: surfaceProblem(check) };
}
