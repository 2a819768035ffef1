/** Does a drop bring weights instead of a photo? A pack folder's files, a zip of one, or a checkpoint. */
import type { PackSource } from '../client/digitizer-api.ts';

/** What checkpoints are called, packed and half loaded ones too, and the models that are taken for one. */
const CHECKPOINT_NAME =
  /\.(pth|pt|ckpt|tar|t?gz|bin|pkl|pickle|crdownload|part|download|7z|rar|xz|bz2|onnx|h5|keras|hdf5|pb|tflite|np[yz])$/i;
const PACK_NAME = /(^pack\.json|\.safetensors|\.zip)$/i;

export interface DroppedWeights {
  readonly source: PackSource;
  readonly name: string;
}

/** @returns null when the files are about a photo. Only names are looked at; the networks room reads the bytes. */
export function weightsOf(files: readonly File[]): DroppedWeights | null {
  const checkpoint = files.find((file) => CHECKPOINT_NAME.test(file.name));
  if (checkpoint) return { source: { kind: 'checkpoint', file: checkpoint }, name: checkpoint.name };
  const pack = files.filter((file) => PACK_NAME.test(file.name));
  if (pack.length === 0) return null;
  return { source: { kind: 'files', files: pack }, name: pack[pack.length - 1].name };
}
