/** `pack.json`: who made the weights, from what, how good they are, and the files that belong to them. */
import { StageError } from '../../base/errors.ts';
import type { Widths } from '../layout.ts';
import { NETWORK_IDS } from '../network-ids.ts';

export const PACK_SCHEMA_VERSION = 1;
export const MANIFEST_FILE = 'pack.json';
export const WEIGHTS_FILE = 'weights.safetensors';

export interface MeasuredAccuracy {
  /** What was measured, for instance "merged normals, front". */
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
}

export interface PackFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What a person writes about a pack. */
export interface PackDescription {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** SPDX identifier where there is one. */
  readonly licence: string;
  readonly trainingData: string;
  /** Empty when nobody measured. */
  readonly accuracy: readonly MeasuredAccuracy[];
  /** Where the numbers come from and what they hold for. */
  readonly accuracyNote: string;
}

export interface PackManifest extends PackDescription {
  readonly schemaVersion: typeof PACK_SCHEMA_VERSION;
  /** How the convolution weights are stored; everything else is f32, and so is fineDepth. */
  readonly precision: 'f16' | 'f32';
  /** Base width of each network. */
  readonly widths: Widths;
  /** Values in the weights file. */
  readonly parameterCount: number;
  readonly files: readonly PackFile[];
}

export function badPack(message: string, cause?: unknown): StageError {
  return new StageError('pack', 'E_BAD_PACK', `${message}.`, {
    fix: 'Make the pack again with import-checkpoint, or use the starter pack.',
    cause,
  });
}

/**
 * @param text contents of pack.json.
 * @throws StageError E_BAD_PACK naming the first field that is missing or of the wrong kind.
 */
export function parseManifest(text: string): PackManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badPack('pack.json is not valid JSON', cause);
  }
  return manifestFrom(json);
}

/** The same for a manifest that was read as JSON already, by itself or in a list. */
export function manifestFrom(json: unknown): PackManifest {
  if (!isRecord(json)) throw badPack('pack.json is not an object');
  if (json.schemaVersion !== PACK_SCHEMA_VERSION) {
    throw badPack(
      `pack.json has schema version ${String(json.schemaVersion)}, this app reads ${PACK_SCHEMA_VERSION}`,
    );
  }
  const widths = recordField(json, 'widths');
  return {
    schemaVersion: PACK_SCHEMA_VERSION,
    id: textField(json, 'id'),
    name: textField(json, 'name'),
    version: textField(json, 'version'),
    licence: textField(json, 'licence'),
    trainingData: textField(json, 'trainingData'),
    accuracyNote: textField(json, 'accuracyNote'),
    precision: json.precision === 'f16' ? 'f16' : 'f32',
    widths: Object.fromEntries(NETWORK_IDS.map((id) => [id, countField(widths, id)])) as Widths,
    parameterCount: countField(json, 'parameterCount'),
    accuracy: listField(json, 'accuracy').map((entry) => ({
      measure: textField(entry, 'measure'),
      value: numberField(entry, 'value'),
      unit: textField(entry, 'unit'),
    })),
    files: listField(json, 'files').map((entry) => ({
      name: textField(entry, 'name'),
      bytes: countField(entry, 'bytes'),
      sha256: textField(entry, 'sha256'),
    })),
  };
}

/** What a manifest says of the weights file. @throws StageError E_BAD_PACK when it does not list one. */
export function weightsEntry(manifest: PackManifest): PackFile {
  const entry = manifest.files.find(({ name }) => name === WEIGHTS_FILE);
  if (!entry) throw badPack(`pack.json does not list ${WEIGHTS_FILE}`);
  return entry;
}

type Json = Record<string, unknown>;

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textField(json: Json, field: string): string {
  const value = json[field];
  if (typeof value !== 'string') throw badPack(`pack.json has no text "${field}"`);
  return value;
}

function numberField(json: Json, field: string): number {
  const value = json[field];
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw badPack(`pack.json has no number "${field}"`);
  return value;
}

function countField(json: Json, field: string): number {
  const value = numberField(json, field);
  if (!Number.isSafeInteger(value) || value < 0) throw badPack(`pack.json has no count "${field}"`);
  return value;
}

function recordField(json: Json, field: string): Json {
  const value = json[field];
  if (!isRecord(value)) throw badPack(`pack.json has no object "${field}"`);
  return value;
}

function listField(json: Json, field: string): Json[] {
  const value = json[field];
  if (!Array.isArray(value) || !value.every(isRecord)) throw badPack(`pack.json has no list "${field}"`);
  return value;
}
