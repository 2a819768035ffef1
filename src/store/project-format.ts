/**
 * What a kept figure is on disk: a folder in the browser's storage, or a `.statuette` file (a zip of the same files). Its
 * `project.json` names the others with their sizes and content keys and is written last, so that it never names files
 * that are not whole. Version 1. A newer version is not guessed at.
 */
import * as v from 'valibot';
import { StageError } from '../base/errors.ts';
import type { RunReport, SubjectId } from '../digitizer/types.ts';
import { KEYPOINT_IDS, PART_IDS } from '../geometry/body.ts';
import { type FigureEdits, LIMBS } from '../geometry/figure-edits.ts';
import { MATTE_PROVIDERS } from '../intake/matte.ts';

export const PROJECT_FILE = 'project.json';
export const PROJECT_ENDING = '.statuette';
export const PROJECT_VERSION = 1;
const FORMAT = 'statuette project';

const COUNT = v.pipe(v.number(), v.integer(), v.minValue(0));
const FINITE = v.pipe(v.number(), v.finite());
/** A file beside project.json: no folder, no way out of it. */
const FILE_NAME = v.pipe(v.string(), v.regex(/^[\w-]{1,80}\.[a-z0-9]{1,8}$/));
const STORED_FILE = v.object({ file: FILE_NAME, bytes: COUNT, key: v.string(), type: v.string() });

const EDITS = v.object({
  joints: v.record(v.picklist(KEYPOINT_IDS), v.tuple([FINITE, FINITE])),
  sidesSwapped: v.boolean(),
  boxes: v.record(
    v.picklist(PART_IDS),
    v.object({
      dx: FINITE,
      dy: FINITE,
      turnRad: FINITE,
      scale: v.pipe(FINITE, v.minValue(0.05), v.maxValue(20)),
    }),
  ),
  hidden: v.array(v.picklist(PART_IDS)),
  swappedLimbs: v.array(v.picklist(LIMBS)),
  strokes: v.array(
    v.object({
      kind: v.picklist(['add', 'remove']),
      radiusPx: v.pipe(FINITE, v.minValue(0.5), v.maxValue(1024)),
      hardness: v.pipe(FINITE, v.minValue(0), v.maxValue(1)),
      edgeAware: v.boolean(),
      points: v.pipe(v.array(FINITE), v.minLength(2)),
    }),
  ),
});

const PERSON = v.custom<SubjectId>(
  (value) => typeof value === 'string' && /^(only|person [1-9]\d{0,3})$/.test(value),
);

/** What the page reads of a report; the rest is kept as it is. */
const REPORT = v.looseObject({
  name: v.string(),
  mode: v.picklist(['robust', 'reference']),
  machine: v.looseObject({ backend: v.picklist(['webgpu', 'wasm']), threads: COUNT, precision: v.string() }),
  pack: v.looseObject({
    id: v.string(),
    name: v.string(),
    version: v.string(),
    licence: v.string(),
    sizeBytes: COUNT,
  }),
  stages: v.array(v.looseObject({ stage: v.string(), elapsedMs: FINITE, bytes: COUNT, detail: v.string() })),
  tiles: v.looseObject({ run: COUNT, total: COUNT }),
  totalMs: FINITE,
  memory: v.looseObject({}),
  points: COUNT,
  vertices: COUNT,
  triangles: COUNT,
  boundaryEdges: COUNT,
  nonManifoldEdges: COUNT,
  components: COUNT,
  notices: v.array(v.string()),
});

const MANIFEST = v.object({
  format: v.literal(FORMAT),
  version: v.literal(PROJECT_VERSION),
  /** What the person calls it. */
  title: v.pipe(v.string(), v.nonEmpty(), v.maxLength(200)),
  /** Base name and full name of the photo's file. */
  name: v.pipe(v.string(), v.nonEmpty()),
  fileName: v.pipe(v.string(), v.nonEmpty()),
  sampleId: v.nullable(v.string()),
  createdMs: COUNT,
  savedMs: COUNT,
  options: v.object({
    mode: v.picklist(['robust', 'reference']),
    surfaceDepth: v.pipe(v.number(), v.integer(), v.minValue(5), v.maxValue(12)),
  }),
  edits: EDITS,
  /** Whom of several people, and the way to the cut-out that was chosen; left out: as usual. */
  person: v.optional(PERSON),
  matteSource: v.optional(v.picklist(MATTE_PROVIDERS.map(({ source }) => source))),
  /** How tall the person is; left out: not known. */
  heightCm: v.optional(v.pipe(FINITE, v.minValue(1), v.maxValue(1000))),
  photo: STORED_FILE,
  mask: v.nullable(STORED_FILE),
  pose: v.nullable(STORED_FILE),
  /** Null until the figure was finished. */
  figure: v.nullable(v.object({ mesh: STORED_FILE, vertices: COUNT, triangles: COUNT, report: REPORT })),
  thumbnail: v.nullable(STORED_FILE),
  /** Why its last run stopped; null when none did. */
  stopped: v.nullable(v.object({ message: v.string(), fix: v.string() })),
});

export type StoredFile = Readonly<v.InferOutput<typeof STORED_FILE>>;
export interface ProjectManifest extends Omit<v.InferOutput<typeof MANIFEST>, 'edits' | 'figure'> {
  readonly edits: FigureEdits;
  readonly figure: {
    readonly mesh: StoredFile;
    readonly vertices: number;
    readonly triangles: number;
    readonly report: RunReport;
  } | null;
}

export type ProjectDraft = Omit<ProjectManifest, 'format' | 'version'>;

export const manifestOf = (draft: ProjectDraft): ProjectManifest => ({
  format: FORMAT,
  version: PROJECT_VERSION,
  ...draft,
});

/** All files that a manifest names. */
export function filesOf({ photo, mask, pose, figure, thumbnail }: ProjectManifest): readonly StoredFile[] {
  return [photo, mask, pose, figure?.mesh ?? null, thumbnail].filter((file) => file !== null);
}

export function badProject(message: string, fix: string, cause?: unknown): StageError {
  return new StageError('project', 'E_BAD_PROJECT', message, { fix, cause });
}

/**
 * @param what names the project in sentences: "The figure “Anna”".
 * @throws StageError E_BAD_PROJECT: no project, of a newer version, or damaged.
 */
export function parseProject(text: string, what: string): ProjectManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badProject(`${what} is damaged: its project.json cannot be read.`, DAMAGED_FIX, cause);
  }
  const head = v.safeParse(v.looseObject({ format: v.literal(FORMAT), version: COUNT }), value);
  if (!head.success) {
    throw badProject(`${what} is no Statuette project.`, 'Choose a file that was saved as “Project” here.');
  }
  if (head.output.version > PROJECT_VERSION) {
    throw badProject(
      `${what} was saved by a newer Statuette (project version ${head.output.version}; this one reads ${PROJECT_VERSION}).`,
      'Reload the page to get the newest version, then open it again. It was left as it is.',
    );
  }
  const parsed = v.safeParse(MANIFEST, value);
  if (!parsed.success) {
    const where = v.getDotPath(parsed.issues[0]) ?? 'its head';
    throw badProject(
      `${what} is damaged: “${where}” in its project.json is not as it should be.`,
      DAMAGED_FIX,
    );
  }
  return parsed.output as unknown as ProjectManifest;
}

const DAMAGED_FIX = 'Use an earlier copy of it, or make the figure from its photo again.';
