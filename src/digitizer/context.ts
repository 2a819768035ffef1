/** What every stage is given besides its inputs: where to compute, how to stop, whom to tell. */
import { throwIfCancelled } from '../base/errors.ts';
import { cpuMap, type DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import type { Pack } from '../networks/packs/pack.ts';
import { createNetwork, type Network, type NetworkId, type NetworkSize } from '../networks/session.ts';
import type { Engine } from './engine.ts';
import type { ResultCache } from './result-cache.ts';
import type { RunMode, StageId } from './types.ts';

export interface StageContext {
  readonly stage: StageId;
  readonly kernels: KernelSet;
  readonly engine: Engine;
  readonly pack: Pack;
  readonly cache: ResultCache;
  readonly signal: AbortSignal;
  readonly mode: RunMode;
  /** fraction in [0, 1] of this stage. */
  progress(fraction: number, note: string): void;
  /** A sentence the person should read: a guess, a fallback. */
  notice(text: string): void;
}

export function checkCancelled(context: StageContext): void {
  throwIfCancelled(context.signal, context.stage);
}

/** Opens a network, lends it, and closes it; one network exists at a time. */
export async function withNetwork<T>(
  context: StageContext,
  id: NetworkId,
  size: NetworkSize,
  use: (network: Network) => Promise<T>,
): Promise<T> {
  const { engine, pack } = context;
  // The original computes in f32: so does the mode that equals it.
  const precision = context.mode === 'reference' ? 'f32' : engine.machine.precision;
  const network = await createNetwork(pack, id, size, engine.networkDevice, precision);
  try {
    return await use(network);
  } finally {
    await network.dispose();
  }
}

/** The map where the networks run; `moved` says that the result is a new map the caller must dispose of. */
async function toNetworkSide(
  context: StageContext,
  map: DeviceMap,
): Promise<{ map: DeviceMap; moved: boolean }> {
  const wantsGpu = context.engine.networkDevice.backend === 'webgpu';
  if (wantsGpu === (map.kind === 'gpu')) return { map, moved: false };
  if (map.kind === 'gpu') return { map: cpuMap(await context.kernels.download(map)), moved: true };
  return { map: context.kernels.upload(map), moved: true };
}

/** Runs a network on maps that may live on either side; the inputs stay the caller's, the output is the caller's. */
export async function runNetwork(
  context: StageContext,
  network: Network,
  inputs: Readonly<Record<string, DeviceMap>>,
): Promise<DeviceMap> {
  checkCancelled(context);
  const moved: DeviceMap[] = [];
  try {
    const near: Record<string, DeviceMap> = {};
    for (const [name, map] of Object.entries(inputs)) {
      const side = await toNetworkSide(context, map);
      near[name] = side.map;
      if (side.moved) moved.push(side.map);
    }
    return await network.run(near);
  } finally {
    for (const map of moved) map.dispose();
  }
}
