/**
 * Stage `partNormals`: for each of the twelve parts a crop (RGB and the warped coarse normal), then front and back
 * normals by the network of its kind. Each part is cached alone: a moved wrist recomputes one forearm.
 */
import { contentKey } from '../../base/content-key.ts';
import {
  type Affine,
  CROP_SIZES,
  KIND_OF_PART,
  PART_IDS,
  PART_KINDS,
  type PartId,
} from '../../geometry/body.ts';
import type { DeviceMap } from '../../gpu/device-map.ts';
import type { MergePart } from '../../gpu/kernel-set.ts';
import { checkCancelled, runNetwork, type StageContext, withNetwork } from '../context.ts';

export interface PartResult extends MergePart {
  readonly part: PartId;
  /** Names everything this part was made from. */
  readonly key: string;
  /** [8, h, w] what the network saw: RGB, coarse front normal, two zero channels. */
  readonly crop: DeviceMap;
  readonly imageFromPart: Affine;
}

export interface PartTransforms {
  readonly partFromImage: readonly Affine[];
  readonly imageFromPart: readonly Affine[];
}

function disposePart(result: PartResult): void {
  result.crop.dispose();
  result.normals.dispose();
  result.occupancy.dispose();
}

/** @param inputKey names the network input and the coarse normals. @returns twelve results in the order of PART_IDS. */
export async function runPartNormals(
  input: DeviceMap,
  coarseNormals: DeviceMap,
  transforms: PartTransforms,
  inputKey: string,
  context: StageContext,
): Promise<{ parts: readonly PartResult[]; computed: number }> {
  const { kernels, cache } = context;
  const keyOf = (index: number) =>
    `part:${inputKey}:${PART_IDS[index]}:${contentKey(transforms.imageFromPart[index])}`;
  const results: PartResult[] = [];
  let finished = 0;
  let computed = 0;

  for (const kind of PART_KINDS) {
    const indices = PART_IDS.flatMap((part, index) => (KIND_OF_PART[part] === kind ? [index] : []));
    const missing = indices.filter((index) => !cache.has(keyOf(index)));
    const compute = async (run: (crop: DeviceMap) => Promise<DeviceMap>) => {
      for (const index of indices) {
        checkCancelled(context);
        const part = PART_IDS[index];
        results[index] = await cache.get(
          keyOf(index),
          async () => {
            const imageFromPart = transforms.imageFromPart[index];
            const crop = await kernels.partInput(input, coarseNormals, kind, imageFromPart);
            const normals = await run(crop);
            const occupancy = await kernels.partOccupancy(kind, imageFromPart);
            computed++;
            const partFromImage = transforms.partFromImage[index];
            return { part, key: keyOf(index), kind, crop, normals, occupancy, imageFromPart, partFromImage };
          },
          disposePart,
        );
        finished++;
        context.progress(finished / PART_IDS.length, `${finished} of ${PART_IDS.length} parts`);
      }
    };
    if (missing.length === 0) {
      await compute(() => Promise.reject(new Error('every part of this kind was cached')));
    } else {
      await withNetwork(context, kind, CROP_SIZES[kind], (network) =>
        compute((crop) => runNetwork(context, network, { x: crop })),
      );
    }
  }
  return { parts: results, computed };
}
