/**
 * Writes a pack, one tensor in memory at a time: weights.safetensors in a stable order, then pack.json with its hash.
 * Convolution weights may be stored as f16, or as bytes with a scale for each output channel (i8; those of 1 x 1, among them
 * every network's head, are f16 then). Biases and BatchNorm stay f32 (0.3 % of the bytes), and so does fineDepth (another
 * 0.4 %): rounding it moved the depth of a test picture by 0.4 px, for nothing.
 */
import { StageError } from '../../base/errors.ts';
import { COUNTER_SUFFIX, checkLayout } from '../layout.ts';
import { KEY_PREFIX } from '../network-ids.ts';
import {
  MANIFEST_FILE,
  PACK_SCHEMA_VERSION,
  type PackDescription,
  type PackManifest,
  WEIGHTS_FILE,
} from './manifest.ts';
import { pieceBytes, type StoredPrecision, safetensorsLayout, type TensorToWrite } from './safetensors.ts';
import { startSha256 } from './sha256.ts';
import { elementCount, type TensorReader } from './tensors.ts';

/** Where a pack goes: a folder, OPFS, memory. Files are written one after another, in pieces, in order. */
export interface PackSink {
  begin(name: string): Promise<void>;
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  end(): Promise<void>;
}

/**
 * @param tensors a full set of weights, as a checkpoint or another pack gives them.
 * @param onProgress fraction of the bytes written.
 * @throws StageError E_BAD_PACK when they are not a full set, or a value does not fit f16.
 */
export async function writePack(
  tensors: ReadonlyMap<string, TensorReader>,
  description: PackDescription & Pick<PackManifest, 'optional'>,
  precision: StoredPrecision,
  sink: PackSink,
  onProgress: (fraction: number) => void = () => {},
): Promise<PackManifest> {
  const { widths, differences } = checkLayout(tensors);
  if (differences.length > 0) {
    throw new StageError(
      'pack',
      'E_BAD_PACK',
      `These weights are not a full set: ${differences.join('; ')}.`,
      {
        fix: 'Use a checkpoint of all eight networks.',
      },
    );
  }
  const layout = plan(tensors, precision);
  const { header, pieces, totalBytes } = safetensorsLayout(layout);
  const hash = await startSha256();
  hash.update(header);
  let written = header.length;
  let parameterCount = 0;
  await sink.begin(WEIGHTS_FILE);
  await sink.write(header);
  for (const piece of pieces) {
    const { key } = piece;
    const tensor = layout.get(key)!;
    const data = await tensors.get(key)!.read();
    checkValues(key, data, tensor.precision);
    const bytes = pieceBytes(piece, data, tensor);
    hash.update(bytes);
    await sink.write(bytes);
    written += bytes.length;
    if (piece.part === 'values') parameterCount += data.length;
    onProgress(written / totalBytes);
  }
  await sink.end();
  const manifest: PackManifest = {
    schemaVersion: PACK_SCHEMA_VERSION,
    ...description,
    precision,
    widths,
    parameterCount,
    files: [{ name: WEIGHTS_FILE, bytes: totalBytes, sha256: hash.hex() }],
  };
  await sink.begin(MANIFEST_FILE);
  await sink.write(new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`));
  await sink.end();
  return manifest;
}

/** How each tensor is stored; counters are not. */
function plan(
  tensors: ReadonlyMap<string, TensorReader>,
  precision: StoredPrecision,
): Map<string, TensorToWrite> {
  const exact = `${KEY_PREFIX.fineDepth}.`;
  const precisionOf = (key: string, shape: readonly number[]): StoredPrecision => {
    if (shape.length !== 4 || key.startsWith(exact)) return 'f32';
    return precision === 'i8' && shape[2] * shape[3] === 1 ? 'f16' : precision;
  };
  const entries = [...tensors]
    .filter(([key]) => !key.endsWith(COUNTER_SUFFIX))
    .map(([key, { shape }]): [string, TensorToWrite] => [key, { shape, precision: precisionOf(key, shape) }]);
  return new Map(entries.filter(([, { shape }]) => elementCount(shape) > 0));
}

/** Largest finite f16. */
const MAX_HALF = 65504;

function checkValues(key: string, data: Float32Array, stored: StoredPrecision): void {
  const limit = stored === 'f16' ? MAX_HALF : Number.MAX_VALUE;
  for (let i = 0; i < data.length; i++) {
    if (!(Math.abs(data[i]) <= limit)) {
      throw new StageError('pack', 'E_BAD_PACK', `${key} holds the value ${data[i]}.`, {
        fix: stored === 'f16' ? 'Store the pack as f32.' : 'The weights are damaged; use another checkpoint.',
      });
    }
  }
}
