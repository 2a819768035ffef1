/** For tests only: the matte of the first provider that answers, as the digitizer's runner chooses it. */
import type { EstimatedPose } from './estimated-pose.ts';
import { MATTE_PROVIDERS, type Matte, type MatteInput, matteFrom } from './matte.ts';

export interface MatteQuestion
  extends Omit<MatteInput, 'detected' | 'ownNetwork' | 'matteNetwork'>,
    Partial<Pick<MatteInput, 'ownNetwork' | 'matteNetwork'>> {
  /** Runs the pose graphs; called only when no simpler provider answers. */
  readonly segment: () => Promise<EstimatedPose | null>;
}

export async function makeMatte({
  segment,
  ownNetwork = null,
  matteNetwork = null,
  ...input
}: MatteQuestion): Promise<Matte> {
  for (const provider of MATTE_PROVIDERS) {
    const detected = provider.reads.includes('detected') ? await segment() : null;
    const found = await matteFrom(provider, { ...input, detected, ownNetwork, matteNetwork });
    if (found) return found;
  }
  throw new Error('no provider answered');
}
