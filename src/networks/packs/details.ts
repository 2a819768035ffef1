/** Everything the page says about a pack, read from its manifest alone: the weights need not be opened for it. */
import type { Widths } from '../layout.ts';
import { type MeasuredAccuracy, type PackManifest, WEIGHTS_FILE } from './manifest.ts';
import type { PackSummary } from './pack.ts';
import type { StoredPrecision } from './safetensors.ts';

/** Plain data. */
export interface PackDetails extends PackSummary {
  readonly precision: StoredPrecision;
  readonly widths: Widths;
  /** Empty when nobody measured. */
  readonly accuracy: readonly MeasuredAccuracy[];
  readonly accuracyNote: string;
  /** Which weights these are, whatever the pack is called: lower-case hexadecimal, empty when the manifest lists none. */
  readonly weightsSha256: string;
}

/** A pack in the browser's own storage. */
export interface StoredPackSummary extends PackDetails {
  /** What `rename`, `remove` and opening go by; stays the same when the pack is renamed. */
  readonly key: string;
}

export function detailsOf(manifest: PackManifest): PackDetails {
  const { id, name, version, licence, trainingData, parameterCount } = manifest;
  const { precision, widths, accuracy, accuracyNote } = manifest;
  const weights = manifest.files.find((file) => file.name === WEIGHTS_FILE);
  return {
    id,
    name,
    version,
    licence,
    trainingData,
    sizeBytes: weights?.bytes ?? 0,
    parameterCount,
    precision,
    widths,
    accuracy,
    accuracyNote,
    weightsSha256: weights?.sha256 ?? '',
  };
}
