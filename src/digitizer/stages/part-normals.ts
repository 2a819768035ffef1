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
import type { Precision } from '../../networks/onnx/graph-writer.ts';
import { type Keeping, keptMaps, mapsOf } from '../kept-results.ts';
import { type NetworkRun, withNetwork } from '../networks.ts';
import type { StageContext } from '../stage.ts';

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

/** @returns twelve results in the order of PART_IDS. */
export async function runPartNormals(
  input: DeviceMap,
  coarseNormals: DeviceMap,
  transforms: PartTransforms,
  precision: Precision,
  context: StageContext,
): Promise<readonly PartResult[]> {
  const { kernels } = context;
  const results = new Map<PartId, PartResult>();
  const inOrder = () => PART_IDS.flatMap((part) => results.get(part) ?? []);

  for (const kind of PART_KINDS) {
    const pieces = PART_IDS.flatMap((part, index) => {
      if (KIND_OF_PART[part] !== kind) return [];
      const imageFromPart = transforms.imageFromPart[index];
      const partFromImage = transforms.partFromImage[index];
      const content = `${part} ${contentKey(imageFromPart)} ${contentKey(partFromImage)}`;
      const own = { part, kind, imageFromPart, partFromImage };
      /** The network's answer is kept; what it was asked is cut again. */
      const keep = (key: string): Keeping<PartResult> => ({
        save: async ({ normals }) => keptMaps([await kernels.download(normals)]),
        load: async (kept) => ({
          ...{ ...own, key },
          crop: await kernels.partInput(input, coarseNormals, kind, imageFromPart),
          normals: kernels.upload(mapsOf(kept)[0]),
          occupancy: await kernels.partOccupancy(kind, imageFromPart),
        }),
      });
      const inputs = ['networkInput', 'coarse'] as const;
      return [{ part, imageFromPart, partFromImage, inputs, content, keep, dispose: disposePart }];
    });
    const isThere = await Promise.all(pieces.map((piece) => context.isKept(piece)));
    const computeAll = async (run: NetworkRun) => {
      for (const { part, imageFromPart, partFromImage, inputs, content, keep } of pieces) {
        const compute = async (key: string): Promise<PartResult> => {
          const made: DeviceMap[] = [];
          const own = (map: DeviceMap): DeviceMap => {
            made.push(map);
            return map;
          };
          try {
            const crop = own(await kernels.partInput(input, coarseNormals, kind, imageFromPart));
            const normals = own(await run({ x: crop }));
            const occupancy = own(await kernels.partOccupancy(kind, imageFromPart));
            return { part, key, kind, crop, normals, occupancy, imageFromPart, partFromImage };
          } catch (thrown) {
            for (const map of made) map.dispose();
            throw thrown;
          }
        };
        results.set(part, await context.piece({ inputs, content, compute, keep, dispose: disposePart }));
        context.show({ partNormals: inOrder() }, part);
        context.progress(results.size / PART_IDS.length, `${results.size} of ${PART_IDS.length} parts`);
      }
    };
    if (isThere.every(Boolean)) {
      await computeAll(() => Promise.reject(new Error('every part of this kind was kept')));
    } else {
      await withNetwork(context, kind, CROP_SIZES[kind], precision, computeAll);
    }
  }
  return inOrder();
}
