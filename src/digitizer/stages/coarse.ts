/**
 * Stage `coarse`: normals front and back, then depth front and back with a mask, at 256 x 256, from the whole picture.
 * Where the mask says background, front depth becomes 6 (farthest) and back depth 0, as docs/method.md#coarse-stage.
 *
 * Robust mode runs the networks twice, the second time on the mirrored picture, and averages the two depths. A person and
 * its mirror image are equally likely, so what the two results do not share is error: 4 to 5 % of the depth's shape error
 * on held-out people (training/EXPERIMENTS.md). Averaging four shifted or zoomed copies more gained nothing beyond that.
 * The normals stay those of the picture as it is: the networks after this one were trained on single results.
 */
import type { PlanarMap } from '../../base/images.ts';
import { planarMap } from '../../base/images.ts';
import { COARSE_SIZE } from '../../geometry/body.ts';
import { cpuMap, type DeviceMap } from '../../gpu/device-map.ts';
import type { Precision } from '../../networks/onnx/graph-writer.ts';
import { withNetwork } from '../networks.ts';
import type { StageContext } from '../stage.ts';
import type { RunMode } from '../types.ts';

/** Largest depth relu6 lets through; the value of "nothing here" on the front. */
const FAR_DEPTH = 6;

export interface CoarseResult {
  /** [6, 256, 256] coded normals, front then back. */
  readonly normals: DeviceMap;
  /** [3, 256, 256] before relu6 and sigmoid: front, back, mask logit. */
  readonly rawDepth: PlanarMap;
  /** [2, 256, 256] masked depth, in units of 512 px. */
  readonly depth: DeviceMap;
}

/** @param raw [3, h, w]; @returns [2, h, w] relu6 of both depths with the background substituted, in units of 512 px. */
export function maskCoarseDepth(raw: PlanarMap): PlanarMap {
  const [, height, width] = raw.shape;
  const plane = height * width;
  const depth = planarMap([2, height, width]);
  for (let i = 0; i < plane; i++) {
    // sigmoid(x) > 0.5 is x > 0, but f32 rounding puts logits under about 6e-8 on the other side: compare as f32 does.
    const mask = Math.fround(1 / (1 + Math.exp(-raw.data[2 * plane + i])));
    if (mask > 0.5) {
      depth.data[i] = Math.min(Math.max(raw.data[i], 0), FAR_DEPTH);
      depth.data[plane + i] = Math.min(Math.max(raw.data[plane + i], 0), FAR_DEPTH);
    } else {
      depth.data[i] = FAR_DEPTH;
    }
  }
  return depth;
}

/** Left becomes right. The map's own channels are not reinterpreted: depth and colours have no direction. */
export function mirrored(map: PlanarMap): PlanarMap {
  const [channels, height, width] = map.shape;
  const out = planarMap([channels, height, width]);
  for (let row = 0; row < channels * height; row++) {
    const first = row * width;
    for (let x = 0; x < width; x++) out.data[first + x] = map.data[first + width - 1 - x];
  }
  return out;
}

function meanOf(a: PlanarMap, b: PlanarMap): PlanarMap {
  const out = planarMap(a.shape);
  for (let i = 0; i < out.data.length; i++) out.data[i] = (a.data[i] + b.data[i]) / 2;
  return out;
}

/** Six-channel maps travel with two zero channels more: see the networks room on the convolution fault. */
export function padTo8Channels(map: PlanarMap): PlanarMap {
  const [channels, height, width] = map.shape;
  if (channels === 8) return map;
  const padded = planarMap([8, height, width]);
  padded.data.set(map.data);
  return padded;
}

export async function runCoarse(
  input: DeviceMap,
  mode: RunMode,
  precision: Precision,
  context: StageContext,
): Promise<CoarseResult> {
  const { kernels } = context;
  const size = { height: COARSE_SIZE, width: COARSE_SIZE };
  const owned: DeviceMap[] = [];
  const own = <T extends DeviceMap>(map: T): T => {
    owned.push(map);
    return map;
  };
  let normals: DeviceMap | undefined;
  try {
    const small = own(await kernels.downsample8(input));
    const inMirror = mode === 'robust' ? own(kernels.upload(mirrored(await kernels.download(small)))) : null;
    context.progress(0.05, 'normals at 256 x 256');
    const mirroredNormals = await withNetwork(context, 'coarseNormal', size, precision, async (run) => {
      normals = await run({ x: small });
      return inMirror && own(await run({ x: inMirror }));
    });
    context.progress(0.5, 'depth at 256 x 256');
    const rawDepth = await withNetwork(context, 'coarseDepth', size, precision, async (run) => {
      const depthOf = async (x: DeviceMap, y: DeviceMap) => {
        const padded = cpuMap(padTo8Channels(await kernels.download(y)));
        return kernels.download(own(await run({ x, y: padded })));
      };
      const straight = await depthOf(small, normals as DeviceMap);
      if (!inMirror || !mirroredNormals) return straight;
      return meanOf(straight, mirrored(await depthOf(inMirror, mirroredNormals)));
    });
    return {
      normals: normals as DeviceMap,
      rawDepth,
      depth: kernels.upload(maskCoarseDepth(rawDepth)),
    };
  } catch (error) {
    normals?.dispose();
    throw error;
  } finally {
    for (const map of owned) map.dispose();
  }
}

export function disposeCoarse(result: CoarseResult): void {
  result.normals.dispose();
  result.depth.dispose();
}
