/**
 * What a stage is: a descriptor. The runner (runner.ts) makes its key from the declared inputs and options and hands
 * `run` nothing else, so that a result cannot depend on what its key does not name.
 */
import type { OrientedCloud } from '../base/cloud.ts';
import type { GreyImage, PlanarMap, RgbaImage } from '../base/images.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { FigureSkeleton } from '../base/skeleton.ts';
import type { Pace } from '../base/steps.ts';
import type { TexturedMesh } from '../base/textured-mesh.ts';
import type { BackPaint } from '../geometry/back-paint.ts';
import type { PartId } from '../geometry/body.ts';
import type { FigureEdits } from '../geometry/figure-edits.ts';
import type { Focus } from '../geometry/focus.ts';
import type { DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import type { EstimatedPose } from '../intake/estimated-pose.ts';
import type { Matte, MatteSource } from '../intake/matte.ts';
import type { CropAlpha } from '../intake/matte-network.ts';
import type { FoundPeople } from '../intake/pose/people.ts';
import type { Precision } from '../networks/onnx/graph-writer.ts';
import type { FileWork } from './file-work.ts';
import type { Keeping } from './kept-results.ts';
import type { Networks } from './networks.ts';
import type { Window } from './stage-pictures.ts';
import type { BackPaintResult } from './stages/back-paint.ts';
import type { CoarseResult } from './stages/coarse.ts';
import type { FineDepthResult, TileResult } from './stages/fine-depth.ts';
import type { FrameResult, PeopleResult, PhotoSource } from './stages/frame.ts';
import type { PartResult } from './stages/part-normals.ts';
import type { PartsResult } from './stages/parts.ts';
import type { PhotoResult } from './stages/photo.ts';
import type { PoseResult } from './stages/pose.ts';
import type {
  MapKind,
  PictureKind,
  PictureOf,
  PictureStages,
  RunMode,
  RunReport,
  StageId,
  SubjectId,
  SurfaceStats,
} from './types.ts';

/** What the visitor brought. */
export interface Sources {
  readonly photoName: string;
  readonly photoFile: Blob;
  readonly maskFile: Blob | null;
  /** Keypoints as JSON text, in any layout that src/intake/keypoints reads. */
  readonly poseFile: string | null;
  /** Corrected by hand, each kind by itself, so that each changes only what depends on it. */
  readonly jointEdits: Pick<FigureEdits, 'joints' | 'sidesSwapped'>;
  readonly boxEdits: Pick<FigureEdits, 'boxes' | 'swappedLimbs'>;
  readonly hiddenParts: FigureEdits['hidden'];
  readonly strokes: FigureEdits['strokes'];
}
export type SourceId = keyof Sources;

export type PoseSource = 'corrected by hand' | 'keypoints file' | 'estimated here';

/** Everything that is made of it, by name: the shown stages, and what they are made of on the way. */
export interface Results
  extends Sources,
    Record<`matte: ${MatteSource}`, Matte | null>,
    Record<`pose: ${PoseSource}`, PoseResult | null> {
  readonly decoded: PhotoSource;
  /** Everybody in the photo; null in reference mode, which takes the photo as it is. */
  readonly people: PeopleResult | null;
  readonly frame: FrameResult;
  readonly photo: PhotoResult;
  /** What the pose graphs found in the canvas picture; null when they found nobody. */
  readonly detection: EstimatedPose | null;
  /** Its person probability, for judging cut-outs by colour; null in reference mode, which judges nothing. */
  readonly outline: GreyImage | null;
  /** 1 where a pixel of the canvas is another person's; null in reference mode, and where nobody else is near. */
  readonly others: Uint8Array<ArrayBuffer> | null;
  /** What matting networks say of the person; null where there is no such network, or nobody is seen. */
  readonly ownNetwork: CropAlpha | null;
  readonly matteNetwork: CropAlpha | null;
  /** As found, before the pose was known. */
  readonly matte: Matte;
  /** As found or brought along, before anything was corrected. */
  readonly foundPose: PoseResult;
  readonly pose: PoseResult;
  /** What of the photo will make the figure worse, a sentence each; null in reference mode. */
  readonly warnings: readonly string[] | null;
  /** The matte that everything after it uses. */
  readonly figure: Matte;
  readonly parts: PartsResult;
  /** Colours of the far side; null where no network paints them. */
  readonly backPaint: BackPaintResult | null;
  readonly networkInput: DeviceMap;
  readonly coarse: CoarseResult;
  readonly partNormals: readonly PartResult[];
  /** Those that are not hidden. */
  readonly shownParts: readonly PartResult[];
  readonly mergedNormals: DeviceMap;
  readonly fineDepth: FineDepthResult;
  readonly cloud: OrientedCloud;
  readonly surface: SolvedSurface;
  /** The surface's mesh, or one with fewer triangles: what an exporter wants textured or rigged. */
  readonly shape: SurfaceMesh;
  readonly atlas: TexturedMesh;
  /** Bones and joints of the shape, in its own frame. */
  readonly rig: FigureSkeleton;
}
export type ResultId = keyof Results;

export interface SolvedSurface {
  readonly mesh: SurfaceMesh;
  readonly stats: SurfaceStats;
}

/** What a run has made so far; the inspector and the exporters read it. Owned by the cache. */
export type RunResults = { -readonly [Id in ResultId]?: Results[Id] } & {
  /** Of a fineDepth stage that still runs. */
  tilesSoFar?: readonly TileResult[];
  report?: RunReport;
};

/** All that a result may depend on besides its inputs. */
export interface StageOptions {
  readonly mode: RunMode;
  /** Whom of those in the photo. */
  readonly subject: SubjectId;
  /** The visitor's choice of a way to the cut-out. */
  readonly matteSource: MatteSource | null;
  readonly surfaceDepth: number;
  /** Width of an atlas at most, px. */
  readonly textureSide: number;
  /** Names the pack's weights by their hashes; a stage that declares it may open networks. */
  readonly weights: string;
  /** Where networks compute, and how. */
  readonly backend: 'webgpu' | 'wasm';
  readonly precision: Precision;
  /** Names the visitor's own matting network, and the pack's; empty where there is none. */
  readonly ownMatting: string;
  readonly packMatting: string;
  /** Names the network that paints the far side; empty where there is none. */
  readonly packBack: string;
}
export type OptionId = keyof StageOptions;

export interface Piece<T> {
  /** Of the stage's own inputs, those that the piece depends on as a whole; what it takes of others is in `content`. */
  readonly inputs: readonly ResultId[];
  /** Names the piece and what of the other inputs it was made from. */
  readonly content: string;
  readonly compute: (key: string) => Promise<T>;
  /** How it is kept outside memory; left out: it is not. @param key as for compute. */
  readonly keep?: (key: string) => Keeping<T>;
  readonly dispose?: (value: T) => void;
}

/** What every stage is given besides its inputs: where to compute, how to stop, where to report. */
export interface StageContext {
  /** The row of the rail this work is shown in. */
  readonly stage: StageId;
  /** Their CPU loops run at `pace`: they yield to the message loop, and end when the run is cancelled. */
  readonly kernels: KernelSet;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  readonly threads: number;
  /** @throws Error in a stage that does not declare `weights`. */
  readonly networks: Networks;
  /** fraction in [0, 1] of this stage. */
  progress(fraction: number, note: string): void;
  /** Part of a result that is kept by itself: one part of the body, one tile. */
  piece<T>(piece: Piece<T>): Promise<T>;
  /** True when it need not be computed: it is in the cache, or has just been put there from outside memory. */
  isKept<T>(piece: Pick<Piece<T>, 'inputs' | 'content' | 'keep' | 'dispose'>): Promise<boolean>;
  /**
   * What is there so far: pictures of it can be asked for while the rest is computed.
   *
   * @param part of the body that has come; null: of the canvas.
   */
  show(sofar: RunResults, part: PartId | null): void;
  readonly services: RunServices;
}

/** What runs in other workers: the pose graphs in the network worker, decoders and the surface in their own. */
export interface RunServices {
  readonly files: Pick<FileWork, 'decodePhoto' | 'decodeMask' | 'skeleton'>;
  /** Everybody in a picture, by the pose graphs. */
  findPeople(picture: RgbaImage): Promise<FoundPeople>;
  /** Pose and outline of the chosen person in the canvas picture, by the pose graphs; null when nobody is found. */
  detect(photo: PhotoResult): Promise<EstimatedPose | null>;
  /** What a matting network says of the person in the canvas picture; null when there is no such network. */
  cutOut(photo: PhotoResult, network: 'own' | 'pack'): Promise<CropAlpha | null>;
  /** Colours of the far side of what a canvas shows (backCells), by the pack's network. @throws StageError E_DOWNLOAD, E_BAD_PACK or E_DEVICE. */
  paintBack(cells: Float32Array<ArrayBuffer>): Promise<BackPaint | null>;
  /** Takes a rough mesh of the surface that is being made; absent where nobody looks. */
  preview?(mesh: SurfaceMesh): void;
  /**
   * Rebuilds the surface from a cloud; the cloud stays the caller's.
   *
   * @param focuses where it gets more triangles.
   * @param camera of the cloud when it is not the method's own: at (0, 0, z), looking down -z.
   */
  solveSurface(
    cloud: OrientedCloud,
    depth: number,
    threads: number,
    onProgress: (fraction: number, note: string) => void,
    signal: AbortSignal,
    focuses: readonly Focus[],
    camera?: { readonly z: number; readonly focalPx: number },
  ): Promise<SolvedSurface>;
}

export type PictureDrawer<Kind extends PictureKind> = (
  results: RunResults,
  kernels: KernelSet,
  request: PictureOf<Kind>,
) => Promise<RgbaImage | null>;

/** Drawers of all the pictures that the page may ask for when this stage is done. */
export type StagePictures<Id> = {
  readonly [Kind in PictureKind as PictureStages[Kind] extends Id ? Kind : never]: PictureDrawer<Kind>;
};

export type MapReader = (
  results: RunResults,
  kernels: KernelSet,
  part: PartId | null,
) => Promise<DeviceMap | PlanarMap | undefined>;

export interface Stage<
  Id extends ResultId = ResultId,
  Input extends ResultId = never,
  Option extends OptionId = never,
> {
  readonly id: Id;
  /** Raise it when the same inputs give another result. */
  readonly version: number;
  readonly inputs: readonly Input[];
  readonly options?: readonly Option[];
  run(
    inputs: Pick<Results, Input>,
    options: Pick<StageOptions, Option>,
    context: StageContext,
  ): Promise<Results[Id]> | Results[Id];
  /** How the result is kept outside memory; left out: it is made again. */
  keep?(kernels: KernelSet): Keeping<Results[Id]>;
  /** Frees what a collector cannot; pieces are freed by themselves. */
  dispose?(result: Results[Id]): void;
  /** Where this is false nothing is made, neither the inputs nor the result, which is null. */
  when?(options: StageOptions): boolean;
  /** Bytes the result will hold: room is made before it is computed. */
  estimate(): number;
  /** Names the result by its content, where different inputs often give the same. */
  content?(result: Results[Id]): string;
  /** Sentences the visitor should know, said each time the result is used. */
  notices?(result: Results[Id]): readonly string[];
  /** What came out, in a few words, for the rail. @param made pieces computed in this run. */
  detail?(result: Results[Id], made: number): string;
  readonly pictures?: StagePictures<Id>;
  /** Float maps for tools and tests. */
  readonly maps?: Partial<Record<MapKind, MapReader>>;
  /** The rail's picture. @param window the figure on the canvas, or all of it. */
  thumbnail?(results: RunResults, kernels: KernelSet, window: Window): Promise<RgbaImage | null>;
}

/** Several ways to the same result, in the order they are tried: the first that is not null is taken. */
export interface Alternatives<Id extends ResultId = ResultId>
  extends Pick<Stage<Id>, 'id' | 'notices' | 'detail' | 'thumbnail'> {
  readonly firstOf: readonly ResultId[];
  /** The one that is tried before the others. */
  preferred?(options: StageOptions): ResultId | null;
  /** A sentence for when that one gave nothing. */
  passedOver?(id: ResultId): string;
  readonly pictures?: StagePictures<Id>;
}

/** A descriptor as the runner sees it. */
// biome-ignore lint/suspicious/noExplicitAny: inputs, options and result are checked where the descriptor is written
export type AnyStage = Stage<any, any, any> | Alternatives<any>;

/** Checks a descriptor against the results and options it names. */
export function stage<
  const Id extends ResultId,
  const Input extends ResultId,
  const Option extends OptionId = never,
>(descriptor: Stage<Id, Input, Option>): AnyStage {
  return descriptor;
}

export function alternatives<const Id extends ResultId>(descriptor: Alternatives<Id>): AnyStage {
  return descriptor;
}
