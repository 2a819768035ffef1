/**
 * Is this graphics card's arithmetic right? Execution providers have been wrong on single layer shapes (see
 * paddedChannels), and drivers differ; a wrong network gives a plausible lump, not an error. So before the first run
 * on WebGPU two small networks of the pack run there at 16 x 16 and are compared with a plain evaluation.
 */
import { hashNoiseArray } from '../base/deterministic.ts';
import { type MapShape, planarMap } from '../base/images.ts';
import type { DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import type { NetworkId } from './network-ids.ts';
import { graphInputs } from './onnx/build.ts';
import type { Precision } from './onnx/graph-writer.ts';
import { type Pack, weightsOf } from './packs/pack.ts';
import { evaluatePlainly } from './plain-evaluator.ts';
import { createNetwork, type NetworkDevice } from './session.ts';

const SIZE = { height: 16, width: 16 };

/** The foot network stands for the five part networks (the 6-channel input), fineDepth for slices and 1/8 inputs. */
const CHECKED: readonly NetworkId[] = ['foot', 'fineDepth'];

/** Largest difference that rounding explains: outputs are of size 1 to 6. */
const TOLERANCE: Readonly<Record<Precision, number>> = { f32: 5e-3, f16: 2e-2 };

export interface SelfCheck {
  readonly ok: boolean;
  /** Largest absolute difference; infinite when a value was not a number. */
  readonly maxDifference: number;
}

/** @throws StageError E_DEVICE when a network cannot be opened or run on the device at all. */
export async function checkNetworks(
  pack: Pack,
  device: NetworkDevice,
  kernels: KernelSet,
  precision: Precision,
  ids: readonly NetworkId[] = CHECKED,
): Promise<SelfCheck> {
  let maxDifference = 0;
  for (const id of ids) {
    const inputs = Object.fromEntries(
      Object.entries(graphInputs(id, SIZE)).map(([name, [, channels, height, width]]) => {
        const shape: MapShape = [channels, height, width];
        const map = planarMap(shape, hashNoiseArray(`self-check/${id}/${name}`, channels * height * width));
        // The last two of eight channels are padding: zero, as in a run.
        if (channels === 8) map.data.fill(0, 6 * height * width);
        return [name, map];
      }),
    );
    const expected = evaluatePlainly(await weightsOf(pack, id), id, inputs);
    const network = await createNetwork(pack, id, SIZE, device, precision);
    const uploaded: Record<string, DeviceMap> = {};
    try {
      for (const [name, map] of Object.entries(inputs)) uploaded[name] = kernels.upload(map);
      const output = await network.run(uploaded);
      const { data } = await kernels.download(output);
      output.dispose();
      for (let i = 0; i < data.length; i++) {
        const difference = Math.abs(data[i] - expected.data[i]);
        if (!(difference <= maxDifference)) maxDifference = Number.isNaN(difference) ? Infinity : difference;
      }
    } finally {
      for (const map of Object.values(uploaded)) map.dispose();
      await network.dispose();
    }
  }
  return { ok: maxDifference <= TOLERANCE[precision], maxDifference };
}
