/** Networks as the stages use them: one at a time, opened, used, closed; maps brought to the side where they run. */
import { throwIfCancelled } from '../base/errors.ts';
import { orCancelled } from '../base/steps.ts';
import { cpuMap, type DeviceMap } from '../gpu/device-map.ts';
import type { Precision } from '../networks/onnx/graph-writer.ts';
import type { Pack } from '../networks/packs/pack.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';
import type { Network, NetworkDevice, NetworkId, NetworkSize } from '../networks/session.ts';
import type { StageContext } from './stage.ts';

/** The open pack and where its networks run. */
export interface Networks {
  readonly pack: Pack;
  readonly device: NetworkDevice;
  readonly runtime: NetworkRuntime;
}

/** Runs the open network on maps that may live on either side; the inputs stay the caller's, the output is the caller's. */
export type NetworkRun = (inputs: Readonly<Record<string, DeviceMap>>) => Promise<DeviceMap>;

/**
 * Opens a network for one call and closes it; one network exists at a time.
 *
 * @throws StageError E_CANCELLED at once when the run is cancelled: what the network does then is dropped.
 */
export async function withNetwork<T>(
  context: StageContext,
  id: NetworkId,
  size: NetworkSize,
  precision: Precision,
  use: (run: NetworkRun) => Promise<T>,
): Promise<T> {
  const { signal, stage } = context;
  const { pack, runtime } = context.networks;
  throwIfCancelled(signal, stage);
  const opening = runtime.open(pack, id, size, precision);
  const abandon = () => runtime.abandon();
  signal.addEventListener('abort', abandon, { once: true });
  try {
    const network = await orCancelled(opening, signal, stage, (late) => void late.dispose());
    try {
      return await use((inputs) => runNetwork(context, network, inputs));
    } finally {
      const closed = network.dispose();
      // A cancelled run does not wait for the network's own to end.
      if (signal.aborted) closed.catch(() => {});
      else await closed;
    }
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}

/** The map where the networks run; `moved` says that the result is a new map the caller must dispose of. */
async function toNetworkSide(
  context: StageContext,
  map: DeviceMap,
): Promise<{ map: DeviceMap; moved: boolean }> {
  const wantsGpu = context.networks.device.backend === 'webgpu';
  if (wantsGpu === (map.kind === 'gpu')) return { map, moved: false };
  if (map.kind === 'gpu') return { map: cpuMap(await context.kernels.download(map)), moved: true };
  return { map: context.kernels.upload(map), moved: true };
}

async function runNetwork(
  context: StageContext,
  network: Network,
  inputs: Readonly<Record<string, DeviceMap>>,
): Promise<DeviceMap> {
  const { signal, stage } = context;
  throwIfCancelled(signal, stage);
  const moved: DeviceMap[] = [];
  try {
    const near: Record<string, DeviceMap> = {};
    for (const [name, map] of Object.entries(inputs)) {
      const side = await toNetworkSide(context, map);
      near[name] = side.map;
      if (side.moved) moved.push(side.map);
    }
    const output = network.run(near);
    if (context.networks.runtime.worksOnCopies) {
      return await orCancelled(output, signal, stage, (late) => late.dispose());
    }
    // On the card a run is short and blocks nobody, and its inputs must live until it has ended.
    return await output;
  } finally {
    for (const map of moved) map.dispose();
  }
}
