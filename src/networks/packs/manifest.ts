/** `pack.json`: who made the weights, from what, how good they are, and the files that belong to them. */
import * as v from 'valibot';
import { StageError } from '../../base/errors.ts';
import type { Widths } from '../layout.ts';
import { NETWORK_IDS, type NetworkId } from '../network-ids.ts';
import type { StoredPrecision } from './safetensors.ts';

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

/** What networks beside the eight are for: cutting out the person, painting the far side. */
export const OPTIONAL_NETWORKS = ['matte', 'back'] as const;
export type OptionalNetworkId = (typeof OPTIONAL_NETWORKS)[number];

/** A network beside the eight, an ONNX file of its own that is fetched when it is first used. */
export interface OptionalNetworkEntry extends PackFile {
  /** What it is for. */
  readonly network: OptionalNetworkId;
  readonly licence: string;
  /** What it was begun from and trained on. */
  readonly source: string;
  /** Used without being asked for. */
  readonly byDefault: boolean;
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
  /** How the convolution weights are stored (`write-pack.ts` has the exceptions); everything else is f32. */
  readonly precision: StoredPrecision;
  /** Base width of each network. */
  readonly widths: Widths;
  /** Values in the weights file. */
  readonly parameterCount: number;
  readonly files: readonly PackFile[];
  readonly optional?: readonly OptionalNetworkEntry[];
}

/** Messages are what the field should have been; manifestFrom makes the sentence. */
const TEXT = v.string('text');
const NUMBER = v.pipe(v.number('number'), v.finite('number'));
const COUNT = v.pipe(v.number('number'), v.finite('number'), v.safeInteger('count'), v.minValue(0, 'count'));

type Fields = Record<string, v.GenericSchema & { readonly message?: unknown }>;

/** An object (a list is none) whose missing fields are named by what they should have been, as wrong ones are. */
function record<const F extends Fields>(fields: F, kind: 'object' | 'list') {
  const inside = v.object(fields, ({ path }) => {
    const message = fields[String(path?.[path.length - 1].key)]?.message;
    return typeof message === 'string' ? message : kind;
  });
  return v.pipe(
    v.custom<Record<string, unknown>>((value) => isObject(value), kind),
    inside,
  );
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MANIFEST = record(
  {
    schemaVersion: v.literal(PACK_SCHEMA_VERSION),
    widths: record(
      Object.fromEntries(NETWORK_IDS.map((id) => [id, COUNT])) as Record<NetworkId, typeof COUNT>,
      'object',
    ),
    id: TEXT,
    name: TEXT,
    version: TEXT,
    licence: TEXT,
    trainingData: TEXT,
    accuracyNote: TEXT,
    precision: v.fallback(v.picklist(['f16', 'f32', 'i8']), 'f32'),
    parameterCount: COUNT,
    accuracy: v.array(record({ measure: TEXT, value: NUMBER, unit: TEXT }, 'list'), 'list'),
    files: v.array(record({ name: TEXT, bytes: COUNT, sha256: TEXT }, 'list'), 'list'),
    // What is not understood is left out: a pack without it is a whole pack.
    optional: v.optional(
      v.fallback(
        v.array(
          v.object({
            network: v.picklist(OPTIONAL_NETWORKS),
            name: v.pipe(v.string(), v.regex(/^[\w.-]+$/)),
            bytes: COUNT,
            sha256: v.string(),
            licence: v.string(),
            source: v.string(),
            byDefault: v.boolean(),
          }),
        ),
        [],
      ),
    ),
  },
  'object',
);

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
  if (!isObject(json)) throw badPack('pack.json is not an object');
  const { schemaVersion } = json as { schemaVersion?: unknown };
  if (schemaVersion !== PACK_SCHEMA_VERSION) {
    throw badPack(
      `pack.json has schema version ${String(schemaVersion)}, this app reads ${PACK_SCHEMA_VERSION}`,
    );
  }
  const result = v.safeParse(MANIFEST, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  // The field, not its place in a list.
  const field = issue.path?.findLast(({ key }) => typeof key === 'string')?.key;
  throw badPack(`pack.json has no ${issue.message} "${String(field)}"`);
}

/** What a manifest says of the weights file. @throws StageError E_BAD_PACK when it does not list one. */
export function weightsEntry(manifest: PackManifest): PackFile {
  const entry = manifest.files.find(({ name }) => name === WEIGHTS_FILE);
  if (!entry) throw badPack(`pack.json does not list ${WEIGHTS_FILE}`);
  return entry;
}
