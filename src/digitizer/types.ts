/**
 * What passes between a run and those who watch it. Plain data: everything here survives structured clone.
 * The stages that a run shows, in order; what each does is in stages.ts, which the page does not load.
 */
import type { StageErrorData } from '../base/errors.ts';
import type { MeshCounts, SurfaceMesh } from '../base/mesh.ts';
import { PART_IDS, type PartId } from '../geometry/body.ts';
import type { FigureEdits } from '../geometry/figure-edits.ts';
import type { CanvasCamera } from '../geometry/framing.ts';
import type { MatteSource } from '../intake/matte.ts';
import type { PackSummary } from '../networks/packs/pack.ts';

export const STAGE_IDS = [
  'photo',
  'matte',
  'pose',
  'parts',
  'coarse',
  'partNormals',
  'mergedNormals',
  'fineDepth',
  'cloud',
  'surface',
] as const;
export type StageId = (typeof STAGE_IDS)[number];

/** A person in the photo: whom the photo is of, or the one of that number, counted from the left from 1. */
export type SubjectId = 'only' | `person ${number}`;
export const ONLY_SUBJECT: SubjectId = 'only';

export function personNumber(subject: SubjectId): number | null {
  return subject === ONLY_SUBJECT ? null : Number(subject.slice('person '.length));
}

/** Where somebody stands in the photo, in shares of its width and height. */
export interface PersonBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** What it may be instead of a person: left out by "all". */
  readonly doubt?: 'mirror image' | 'statue' | null;
}

/** Who was found in a photo, from the left, and who of them the run is of. */
export interface PeopleReport {
  readonly boxes: readonly PersonBox[];
  /** Index; null when nobody was found. */
  readonly chosen: number | null;
}

export type BackendChoice = 'auto' | 'webgpu' | 'wasm';
export type RunMode = 'robust' | 'reference';

export interface RunOptions {
  readonly mode: RunMode;
  /** Octree depth of the surface: 2^depth cells along the longest side. 8 to 11. */
  readonly surfaceDepth: number;
  readonly backend: BackendChoice;
}

export const DEFAULT_RUN_OPTIONS: RunOptions = { mode: 'robust', surfaceDepth: 9, backend: 'auto' };

export interface RunInput {
  readonly name: string;
  readonly photo: Blob;
  /** JSON text of a keypoints file (src/intake/keypoints); absent: estimate the pose. */
  readonly poseJson?: string;
  /** Mask picture, white = person, same size as the photo; absent: see stage matte. */
  readonly mask?: Blob;
  /** Whom of several people; absent: the largest one who is seen well. */
  readonly subject?: SubjectId;
  /** Which way to the cut-out is tried first; absent: the order of MATTE_PROVIDERS. */
  readonly matteSource?: MatteSource;
  /** A rough mesh is wanted while the surface is made (`previewMesh`); it takes a little time of its own. */
  readonly preview?: boolean;
  /** False: results of long stages are neither taken from outside memory nor kept there (kept-results.ts); tools measure so. */
  readonly keepResults?: boolean;
  /** What the person corrected by hand; absent: nothing. */
  readonly edits?: FigureEdits;
}

/** What the machine can do; shown before anything starts. */
export interface MachineReport {
  readonly backend: 'webgpu' | 'wasm';
  /** One sentence: why this backend, for instance "no WebGPU in this browser". */
  readonly reason: string;
  /** Adapter description, empty without WebGPU. */
  readonly adapter: string;
  readonly precision: 'f32' | 'f16';
  readonly kernels: 'webgpu' | 'cpu';
  readonly crossOriginIsolated: boolean;
  readonly threads: number;
}

export type { PackSummary, SurfaceMesh };

export type StageState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running'; readonly fraction: number; readonly note: string }
  | { readonly kind: 'done'; readonly elapsedMs: number; readonly detail: string; readonly cached: boolean }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: StageErrorData };

/** Sent by the digitizer worker while a run goes on. */
export type RunEvent =
  | { readonly kind: 'stage'; readonly stage: StageId; readonly state: StageState }
  /** Part of a running stage's result is there: its pictures show more than before. */
  | { readonly kind: 'partial'; readonly stage: StageId; readonly part: PartId | null }
  /** A picture of the stage's result, square, 96 px (THUMBNAIL_PX in thumbnails.ts). */
  | { readonly kind: 'thumbnail'; readonly stage: StageId; readonly bitmap: ImageBitmap }
  /** Told once the photo was looked at, when people were looked for. */
  | { readonly kind: 'people'; readonly people: PeopleReport }
  /** A sentence the visitor should know: a guessed joint, a fallback, a weak matte. */
  | { readonly kind: 'notice'; readonly stage: StageId; readonly text: string };

/** Sent while a file is made that takes long. */
export type ExportEvent =
  | { readonly kind: 'progress'; readonly fraction: number; readonly note: string }
  /** A sentence the visitor should know. */
  | { readonly kind: 'notice'; readonly text: string };

/** The full-size pictures the inspector can ask for, once the stage is done or has shown part of its result. */
export type PictureRequest =
  | { readonly kind: 'photo' }
  /** All of the photo, not square, WHOLE_PHOTO_PX on its longer side: to choose one of several people on. */
  | { readonly kind: 'wholePhoto' }
  | { readonly kind: 'matte' }
  /** The person alone, the background transparent. */
  | { readonly kind: 'cutout' }
  | { readonly kind: 'coarseNormals'; readonly side: Side }
  | { readonly kind: 'coarseDepth'; readonly side: Side }
  | { readonly kind: 'partCrop'; readonly part: PartId }
  | { readonly kind: 'partCoarse'; readonly part: PartId }
  | { readonly kind: 'partNormals'; readonly part: PartId; readonly side: Side }
  /** Share of the part in the merge, grey, in the part's crop. */
  | { readonly kind: 'partWeight'; readonly part: PartId }
  | { readonly kind: 'mergedNormals'; readonly side: Side }
  | { readonly kind: 'depth'; readonly side: Side };

export type PictureKind = PictureRequest['kind'];
export type PictureOf<Kind extends PictureKind> = Extract<PictureRequest, { kind: Kind }>;

/** The stage whose result a picture shows. */
export const PICTURE_STAGES = {
  photo: 'photo',
  wholePhoto: 'photo',
  matte: 'matte',
  cutout: 'matte',
  coarseNormals: 'coarse',
  coarseDepth: 'coarse',
  partCrop: 'partNormals',
  partCoarse: 'partNormals',
  partNormals: 'partNormals',
  partWeight: 'mergedNormals',
  mergedNormals: 'mergedNormals',
  depth: 'fineDepth',
} as const satisfies Readonly<Record<PictureKind, StageId>>;
export type PictureStages = typeof PICTURE_STAGES;

const PART_MAPS = ['part_crop', 'part_normals', 'occupancy'] as const;
type PartMapKind = (typeof PART_MAPS)[number];
const CANVAS_MAPS = [
  'network_input',
  'coarse_normals',
  'coarse_depth_raw',
  'coarse_depth',
  'merge_weights',
  'merged_normals',
  'fine_depth_raw',
  'fine_depth',
] as const;
export type MapKind = (typeof CANVAS_MAPS)[number] | PartMapKind;
/** Float maps of a run by name, for tools and tests. */
export type MapName = (typeof CANVAS_MAPS)[number] | `${PartMapKind}_${PartId}`;

/** In the order of the chain. */
export const MAP_NAMES: readonly MapName[] = CANVAS_MAPS.flatMap((name): MapName[] =>
  name === 'merge_weights'
    ? [...PART_IDS.flatMap((part) => PART_MAPS.map((kind) => `${kind}_${part}` as const)), name]
    : [name],
);

/** Its kind, and its part where it is of one. */
export function readMapName(name: MapName): { kind: MapKind; part: PartId | null } {
  const kind = PART_MAPS.find((prefix) => name.startsWith(`${prefix}_`));
  if (!kind) return { kind: name as MapKind, part: null };
  return { kind, part: name.slice(kind.length + 1) as PartId };
}

export type Side = 'front' | 'back';

export interface PartReport {
  readonly part: PartId;
  /** Crop corners on the 2048 canvas, px: top-left, top-right, bottom-right, bottom-left of the crop. */
  readonly corners: readonly (readonly [x: number, y: number])[];
  /** Canvas px per crop px. */
  readonly scale: number;
  /** Mean confidence of the keypoints that define the part, 0..1. */
  readonly confidence: number;
  /** True when a joint was missing and had to be estimated (robust mode). */
  readonly estimated: boolean;
}

export interface StageReport {
  readonly stage: StageId;
  readonly elapsedMs: number;
  readonly bytes: number;
  readonly detail: string;
}

/** Most bytes held at one time during a run. */
export interface MemoryReport {
  /** Maps and scratch of our kernels: GPU buffers, or live maps where the kernels run on the processor. */
  readonly kernelsPeakBytes: number;
  /** The network runtime's: its GPU buffers, or its WebAssembly heap; null where that cannot be read. */
  readonly runtimePeakBytes: number | null;
  /** WebAssembly heap of the runtime, also where its networks run on the GPU. It never shrinks: most since page load. */
  readonly runtimeHeapBytes: number | null;
  /** All GPU buffers together, at most kernels + runtime; null without a GPU device. */
  readonly devicePeakBytes: number | null;
  readonly surfacePeakBytes: number;
}

export interface RunReport {
  readonly name: string;
  readonly mode: RunMode;
  readonly machine: MachineReport;
  readonly pack: PackSummary;
  readonly tileSizePx: number;
  readonly tiles: { readonly run: number; readonly total: number };
  readonly stages: readonly StageReport[];
  readonly totalMs: number;
  /** Of our kernels alone; `memory` says more. */
  readonly peakDeviceBytes: number;
  readonly memory: MemoryReport;
  readonly points: number;
  readonly vertices: number;
  readonly triangles: number;
  readonly boundaryEdges: number;
  readonly nonManifoldEdges: number;
  readonly components: number;
  readonly notices: readonly string[];
  /** The lens that the figure is seen through, where it is not the method's own camera. */
  readonly lens?: CanvasCamera;
  /** Height of the whole person in units of the mesh, where the mesh is only part of them. */
  readonly wholeHeight?: number;
  /** Who was found in the photo; null in reference mode, which looks for nobody. */
  readonly people: PeopleReport | null;
  /** Of the mesh in the files, where fewer triangles were asked for; null: the files hold the whole surface. */
  readonly simplified: SimplifiedReport | null;
}

/** A mesh with fewer triangles, made of a run's surface: about as many as were wanted, never more than the surface has. */
export interface SimplifiedReport extends MeshCounts {
  readonly wantedTriangles: number;
  readonly elapsedMs: number;
}

export interface SimplifiedMesh {
  readonly mesh: SurfaceMesh;
  readonly report: SimplifiedReport;
}

export interface SurfaceStats extends MeshCounts {
  readonly points: number;
  readonly elapsedMs: number;
  readonly peakBytes: number;
  readonly threads: number;
}
