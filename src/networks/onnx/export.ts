/** The eight networks of a pack as .onnx files, for onnxruntime, Netron and whoever wants them. */
import { NETWORK_IDS, type NetworkId, networkSize } from '../network-ids.ts';
import { type Pack, weightsOf } from '../packs/pack.ts';
import { DEFAULT_WINDOW_PX } from '../planner.ts';
import { buildOnnx, type GraphSize } from './build.ts';
import type { Precision } from './graph-writer.ts';

export interface OnnxFile {
  /** For instance `coarseDepth.onnx`. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Size a network's file is made for: its own, or one tile of fineDepth. */
export function exportSize(id: NetworkId): GraphSize {
  if (id === 'fineDepth') return { height: DEFAULT_WINDOW_PX, width: DEFAULT_WINDOW_PX };
  return networkSize(id);
}

/** One file after another, so that one at a time is in memory. Inputs and outputs are f32 in both precisions. */
export async function* onnxFiles(
  pack: Pick<Pack, 'tensors'>,
  precision: Precision,
): AsyncGenerator<OnnxFile> {
  for (const id of NETWORK_IDS) {
    const weights = await weightsOf(pack, id);
    yield { name: `${id}.onnx`, bytes: buildOnnx(weights, id, exportSize(id), precision) };
  }
}
