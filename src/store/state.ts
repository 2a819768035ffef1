/** The whole state of the page, as plain data. Slices fill it; heavy things are ids of the resource registry. */

import type { StageErrorData } from '../base/errors.ts';
import type {
  ExportFormat,
  FileOptions,
  MattingSummary,
  PackDetails,
  PackFileFormat,
  PackSource,
  PixelReading,
  PointReport,
  PrintOptions,
  PrintPreview,
  StoredPackSummary,
} from '../client/digitizer-api.ts';
import type {
  MachineReport,
  PackSummary,
  PictureRequest,
  RunOptions,
  RunReport,
  Side,
  StageId,
  StageState,
  SubjectId,
} from '../digitizer/types.ts';
import type { PartId } from '../geometry/body.ts';
import type { FigureEdits, PaintStroke } from '../geometry/figure-edits.ts';
import type { MatteSource } from '../intake/matte.ts';
import type { EditHistory } from './edits.ts';
import type { Figures, PartialOf } from './figure.ts';
import type { ProjectKey } from './library.ts';
import type { MeshSize } from './mesh-size.ts';
import type { ResourceId } from './resources.ts';
import type { StageTimes } from './run-times.ts';
import type { Sample } from './samples.ts';

export type SessionState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly machine: MachineReport; readonly pack: PackSummary }
  | { readonly kind: 'failed'; readonly error: StageErrorData };

export type SamplesState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly list: readonly Sample[] }
  | { readonly kind: 'failed' };

export interface InputState {
  /** What the person calls the figure; at first its file's name. */
  readonly title: string;
  /** Where it is kept; null while it is not. */
  readonly project: ProjectKey | null;
  /** Opened here while another tab has it: looked at, it is kept there alone. */
  readonly ofOtherTab: boolean;
  readonly createdMs: number;
  readonly edits: FigureEdits;
  readonly name: string;
  readonly fileName: string;
  readonly photo: ResourceId<'file'>;
  readonly poseJson: string | null;
  readonly mask: ResourceId<'file'> | null;
  readonly sampleId: string | null;
  /** Whom of several people; left out: the largest one who is seen well. */
  readonly person?: SubjectId;
  /** The way to the cut-out that is tried first; left out: the usual order. */
  readonly matteSource?: MatteSource;
  /** How tall the person is, cm; left out: not known, 170 is taken. */
  readonly heightCm?: number;
}

/** A kept figure in the list of the first page. */
export interface ProjectCard {
  readonly key: ProjectKey;
  readonly title: string;
  readonly savedMs: number;
  readonly bytes: number;
  readonly thumbnail: ResourceId<'bitmap'> | null;
  readonly state: 'finished' | 'unfinished' | 'unreadable';
  /** Why it is unfinished or cannot be read; null when nothing is wrong with it. */
  readonly why: { readonly message: string; readonly fix: string } | null;
}

/** A photo that came with others, in the order they are worked on. */
export interface QueueItem {
  readonly id: number;
  readonly name: string;
  readonly photo: ResourceId<'file'>;
  readonly poseJson: string | null;
  readonly mask: ResourceId<'file'> | null;
  readonly state:
    | { readonly kind: 'waiting' | 'running' | 'cancelled' }
    | { readonly kind: 'done'; readonly project: ProjectKey | null }
    | { readonly kind: 'failed'; readonly error: StageErrorData };
}

/** A pose or mask that came before its photo. */
export interface PendingExtras {
  readonly poseJson: string | null;
  readonly poseName: string;
  readonly mask: ResourceId<'file'> | null;
  readonly maskName: string;
}

export type RunState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly startedAtMs: number }
  | { readonly kind: 'cancelling'; readonly startedAtMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: StageErrorData }
  | { readonly kind: 'done'; readonly report: RunReport };

export interface StageEntry {
  readonly state: StageState;
  readonly thumbnail: ResourceId<'bitmap'> | null;
  /** While it runs: what of its result is there already. */
  readonly came: readonly PartialOf[];
}

export interface Notice {
  readonly stage: StageId;
  readonly text: string;
}

export const VIEW_IDS = ['photo', 'parts', 'maps', 'model'] as const;
export type ViewId = (typeof VIEW_IDS)[number];

export const MAP_IDS = [
  'photo',
  'coarseNormals',
  'partNormals',
  'normals',
  'relit',
  'coarseDepth',
  'depth',
  'thickness',
  'overlap',
] as const;
export type MapId = (typeof MAP_IDS)[number];
export interface MapChoice {
  readonly map: MapId;
  readonly side: Side;
  /** Of `partNormals`; left out: the chosen part. */
  readonly part?: PartId;
}

/** How two maps are put beside each other. */
export const COMPARE_MODES = ['wipe', 'blend', 'difference'] as const;
export type CompareMode = (typeof COMPARE_MODES)[number];

/** What all pictures of the canvas show: a point in the middle, and a height around it, canvas px. */
export interface Look {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export const SHADINGS = [
  'colour',
  'clay',
  'matcap',
  'normals',
  'wireframe',
  'points',
  'seen',
  'confidence',
  'parts',
] as const;
export type Shading = (typeof SHADINGS)[number];

export const MATCAPS = ['porcelain', 'bronze', 'wax', 'chalk'] as const;
export type Matcap = (typeof MATCAPS)[number];

/** What is behind the figure; `studio` goes with the page's theme. */
export const BACKDROPS = ['studio', 'black', 'grey', 'white'] as const;
export type Backdrop = (typeof BACKDROPS)[number];

export type SectionAxis = 'x' | 'y' | 'z';
/** A plane that cuts the figure open. */
export interface SectionState {
  readonly axis: SectionAxis;
  /** Place along the axis, 0..1 of the figure's extent: from the person's right, from below, from behind. */
  readonly at: number;
  /** The other half stays. */
  readonly flipped: boolean;
}

/** A point of the figure, in the frame of its mesh. */
export type MeshPoint = readonly [x: number, y: number, z: number];

/** A new serial moves the camera to the pose; between commands the visitor moves it freely. */
/** `side` is the person's left. `home`: as the photo has it, then a little to the side. */
export type CameraPose = 'home' | 'photo' | 'front' | 'side' | 'back' | 'right' | 'top';
export interface CameraCommand {
  readonly pose: CameraPose;
  readonly serial: number;
}

export type PictureState =
  | { readonly kind: 'loading' }
  | {
      readonly kind: 'ready';
      readonly id: ResourceId<'bitmap'> | ResourceId<'pixels'> | ResourceId<'map'>;
      /** Its stage has made more of it since. */
      readonly outdated: boolean;
    }
  | { readonly kind: 'absent' };

export interface CanvasPoint {
  readonly row: number;
  readonly column: number;
}

export interface SessionSlice {
  readonly session: SessionState;
  readonly samples: SamplesState;
  /** Name of the weights being opened, null when none are. */
  readonly openingWeights: string | null;
  /** The one sentence on screen about what went wrong, with its fix; null when nothing did or it was closed. */
  readonly problem: StageErrorData | null;
  startSession(): Promise<boolean>;
  loadSamples(): Promise<void>;
  /**
   * Takes other weights; the visitor's own are kept in the browser's storage. The open ones stay when these are refused.
   * An open photo runs again with the new ones. True when they were taken.
   */
  openWeights(source: PackSource, name: string): Promise<boolean>;
  showProblem(thrown: unknown, stage: string): void;
  dismissProblem(): void;
}

/** `starter`, `current` for a pack that could not be kept, or the key of a stored one. */
export type PackId = string;

/** A pack on its way from our server into the browser's storage, or why the last one did not get there. */
export type PackDownload = { readonly packId: string } & (
  | {
      readonly kind: 'running' | 'cancelling';
      /** Of the weights' bytes; at 1 they are being checked. */
      readonly fraction: number;
    }
  | { readonly kind: 'failed'; readonly error: StageErrorData }
);

export interface MattingSlice {
  /** The visitor's own matting network; null when there is none, or it was not asked yet. */
  readonly matting: MattingSummary | null;
  /** One sentence on why it is not kept; null when it is. */
  readonly mattingNote: string | null;
  loadMatting(): Promise<void>;
  /** Cuts people out with this network from now on; an open photo runs again. */
  openMatting(file: File): Promise<void>;
  removeMatting(): Promise<void>;
}

export interface PackSlice {
  /** The pack that comes with the app; null until its manifest was read. */
  readonly starterPack: PackDetails | null;
  /** By name; null until they were listed once. */
  readonly storedPacks: readonly StoredPackSummary[] | null;
  /** Packs served beside the starter, kept here or not (`offersOf`); null until the list was read. */
  readonly servedPacks: readonly PackDetails[] | null;
  readonly packDownload: PackDownload | null;
  /** The open pack when the browser did not let us keep it. */
  readonly unkeptPack: PackDetails | null;
  readonly packInUse: PackId;
  /** Fraction of the import that goes on; null when none does. */
  readonly packProgress: number | null;
  /** One sentence on why packs are not kept or listed here; null when they are. */
  readonly packNote: string | null;
  readonly savingPack: { readonly id: PackId; readonly format: PackFileFormat } | null;
  readonly packsOpen: boolean;
  setPacksOpen(open: boolean): void;
  loadPacks(): Promise<void>;
  /** Files chosen as weights, whatever their names. */
  addPack(files: readonly File[]): Promise<void>;
  usePack(id: PackId): Promise<void>;
  /**
   * Brings a served pack into the browser's storage, one at a time; the pack in use stays in use.
   * @returns its key, null when it was not kept.
   */
  downloadPack(packId: string): Promise<PackId | null>;
  cancelDownload(): Promise<void>;
  renamePack(id: PackId, name: string): Promise<void>;
  /** The starter takes over when the removed pack was in use. */
  removePack(id: PackId): Promise<void>;
  savePack(id: PackId, format: PackFileFormat): Promise<void>;
}

export interface InputSlice {
  readonly pending: PendingExtras | null;
  /** A drop, a paste or a choice: photo with or without pose and mask, or those for the open photo. */
  openFiles(files: readonly File[]): Promise<void>;
  openPhoto(
    file: File,
    poseJson?: string | null,
    mask?: Blob | null,
    sampleId?: string | null,
  ): Promise<void>;
  openSample(id: string): Promise<void>;
  /** Uses a mask or a pose file for the open photo, whatever its name. */
  addExtra(kind: 'pose' | 'mask', file: File): Promise<void>;
  dropExtra(kind: 'pose' | 'mask'): Promise<void>;
  /** Back to the first page; frees everything of the run. */
  closePhoto(): Promise<void>;
}

export interface LibrarySlice {
  /** What the page shows; a figure in work goes on behind the first page. */
  readonly page: 'first' | 'studio';
  /** Newest first; null until they were listed once. */
  readonly projects: readonly ProjectCard[] | null;
  /** Why figures are not kept here; null while they are. */
  readonly storageNote: string | null;
  readonly space: { readonly usedBytes: number; readonly quotaBytes: number } | null;
  /** Figures out of the list that can still be had back. */
  readonly deleted: readonly ProjectCard[];
  /** The figure whose project file is being made. */
  readonly savingProject: ProjectKey | 'open' | null;
  loadProjects(): Promise<void>;
  goHome(): void;
  /** Back to the figure that is in memory, if there is one. */
  goToFigure(): void;
  /** True when it is on screen. */
  openProject(key: ProjectKey, view?: ViewId): Promise<boolean>;
  openProjectFile(file: File): Promise<void>;
  renameProject(key: ProjectKey, title: string): Promise<void>;
  deleteProject(key: ProjectKey): Promise<void>;
  undoDelete(key: ProjectKey): void;
  /** Ends the time in which deleted figures can be had back. */
  finishDeleting(): Promise<void>;
  /** A kept figure as a file; `open`: the one on screen, kept or not. */
  saveProject(key: ProjectKey | 'open'): Promise<void>;
  /** Makes the maps of a figure that came from storage. */
  wake(): Promise<void>;
}

/** What a drag on the photo does. */
export const TOOLS = ['look', 'joints', 'paint'] as const;
export type Tool = (typeof TOOLS)[number];

export interface EditSlice {
  readonly history: EditHistory;
  /** Edits as a gesture in progress has them; null when none goes on. */
  readonly draft: FigureEdits | null;
  readonly tool: Tool;
  readonly brush: Omit<PaintStroke, 'points'>;
  setTool(tool: Tool): void;
  setBrush(brush: Partial<EditSlice['brush']>): void;
  setDraft(edits: FigureEdits | null): void;
  /**
   * Corrects the open figure and makes it again, as far as it depends on that.
   *
   * @param gesture commands of the same one become one step of the history.
   */
  edit(label: string, change: (edits: FigureEdits) => FigureEdits, gesture?: string | null): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** To a step of the history, done or undone; null: before the first. */
  goToStep(id: number | null): Promise<void>;
}

export interface ExplainSlice {
  readonly explained: {
    readonly at: CanvasPoint;
    /** Null while it is asked for, and where there is nothing to tell. */
    readonly report: PointReport | null;
    readonly asked: boolean;
    /** 0..255 each, where the figure itself was clicked. */
    readonly vertex: { readonly seen: number; readonly confidence: number } | null;
    /** Where it is on the figure; null where it was clicked on a picture. */
    readonly point: MeshPoint | null;
  } | null;
  explain(
    at: CanvasPoint | null,
    vertex?: { seen: number; confidence: number } | null,
    point?: MeshPoint | null,
  ): Promise<void>;
}

export interface QueueSlice {
  readonly queue: readonly QueueItem[];
  /** Several photos, with the keypoints and masks that bear their names. */
  openSeveral(files: readonly File[]): Promise<void>;
  /** Works on what waits, unless a figure is being looked at. */
  continueQueue(): Promise<void>;
  removeFromQueue(id: number): void;
  clearQueue(): void;
}

export interface RunSlice {
  /** Of every person in work; `figureOf` gives the shown one. */
  readonly figures: Figures;
  readonly subject: SubjectId;
  /** What the stages of the current run took before, on this machine; null where that is not known. */
  readonly expectedTimes: StageTimes | null;
  readonly options: RunOptions;
  rerun(): Promise<void>;
  /** Makes the figure of another person in the photo, by number from the left, from 1. */
  choosePerson(number: number): Promise<void>;
  /** Figures of all people in the photo, one after the other, each saved as GLB when it is done. */
  makeEverybody(): Promise<void>;
  /** Cuts the person out in another way; null: the usual order. */
  chooseMatte(source: MatteSource | null): Promise<void>;
  cancel(): Promise<void>;
  setOptions(options: Partial<RunOptions>): Promise<void>;
}

export interface SaveSlice {
  /** The file that is being made for the person; `fraction` and `note` (what is done now) of those that take long. */
  readonly saving: {
    readonly format: ExportFormat;
    readonly fraction: number;
    readonly note?: string;
  } | null;
  readonly fileOptions: FileOptions;
  /** Bytes of files that are made, by fileKey(). */
  readonly fileSizes: Readonly<Record<string, number>>;
  setFileOptions(options: Partial<FileOptions>): void;
  save(format: ExportFormat): Promise<void>;
  /** True where the system has a share sheet that takes pictures. */
  canShare(): boolean;
  /** Makes a file as save() does and hands it to the system's share sheet. */
  share(format: ExportFormat): Promise<void>;
  cancelSave(): Promise<void>;
  /** Makes the files whose sizes are not known, one after another, until stopPreparing(); what is made is saved at once. */
  prepareFiles(formats: readonly ExportFormat[]): Promise<void>;
  stopPreparing(): Promise<void>;
}

/** What is to be seen of the print. */
export type PrintState =
  | { readonly kind: 'none' | 'making' }
  | { readonly kind: 'ready'; readonly mesh: ResourceId<'mesh'>; readonly facts: PrintPreview['facts'] }
  | { readonly kind: 'failed'; readonly error: StageErrorData };

export const MOTION_NAMES = ['idle', 'walk', 'wave'] as const;
export type MotionName = (typeof MOTION_NAMES)[number];

/** `of` names the figure that moves (fileKey): another one on screen does not. */
export type MotionState =
  | { readonly kind: 'off' }
  | { readonly kind: 'making'; readonly name: MotionName; readonly of: string }
  | {
      readonly kind: 'ready';
      readonly name: MotionName;
      readonly of: string;
      readonly file: ResourceId<'file'>;
    };

export interface MotionSlice {
  readonly motion: MotionState;
  /** null: at rest again. */
  setMotion(name: MotionName | null): Promise<void>;
}

export interface PrintSlice {
  readonly printOpen: boolean;
  readonly printOptions: PrintOptions;
  readonly printing: PrintState;
  setPrintOpen(open: boolean): void;
  setPrintOptions(options: Partial<PrintOptions>): Promise<void>;
  /** Saves the print, as save() does. */
  savePrint(format: 'stl' | 'threeMf'): Promise<void>;
}

export interface MeshSizeSlice {
  /** What is on screen and goes into files. */
  readonly meshSize: MeshSize;
  /** The size that is being made; the mesh before stays on screen meanwhile. */
  readonly simplifying: { readonly size: MeshSize; readonly startedAtMs: number } | null;
  /** Does nothing while a run goes on: its figure comes in the size chosen last. */
  setMeshSize(size: MeshSize): Promise<void>;
  cancelSimplify(): Promise<void>;
}

/** A picture to draw, its pixels to read, or the floats that it was drawn from. */
export type PictureForm = 'bitmap' | 'pixels' | 'map';

export interface PictureSlice {
  readonly probe: { readonly at: CanvasPoint; readonly values: PixelReading | null } | null;
  /** `map`: the float map behind a depth picture, both sides of it. */
  requestPicture(request: PictureRequest, as: PictureForm): Promise<void>;
  probeAt(point: CanvasPoint | null): Promise<void>;
}

export interface ViewSlice {
  readonly view: ViewId;
  readonly stage: StageId;
  /** True until the person chooses a view: then the run no longer moves them about. */
  readonly following: boolean;
  readonly part: PartId;
  readonly side: Side;
  readonly overlays: { readonly matte: boolean; readonly skeleton: boolean; readonly boxes: boolean };
  readonly maps: {
    readonly left: MapChoice;
    readonly right: MapChoice | null;
    readonly mode: CompareMode;
    /** Share of the width left of the seam. */
    readonly wipe: number;
    /** Share of the second map when they are blended. */
    readonly blend: number;
  };
  /** Direction of the light on its ball, in the unit disc: x right, y up. */
  readonly light: { readonly x: number; readonly y: number };
  /** Row of the keypoint table under the pointer. */
  readonly joint: number | null;
  /** Point of the canvas under the pointer, in whatever picture it is; canvas px. */
  readonly pointer: { readonly x: number; readonly y: number } | null;
  /** Null: every picture shows all of its own. */
  readonly look: Look | null;
  readonly sheetOpen: boolean;
  /** Side panels that the person folded or opened; null: as the window's width has it. */
  readonly folded: { readonly rail: boolean | null; readonly inspector: boolean | null };
  setView(view: ViewId): void;
  selectStage(stage: StageId): void;
  selectPart(part: PartId): void;
  selectSide(side: Side): void;
  toggleOverlay(name: keyof ViewSlice['overlays']): void;
  setMaps(maps: Partial<ViewSlice['maps']>): void;
  setLight(x: number, y: number): void;
  setJoint(joint: number | null): void;
  setPointer(point: { x: number; y: number } | null): void;
  setLook(look: Look | null): void;
  setSheetOpen(open: boolean): void;
  setFolded(folded: Partial<ViewSlice['folded']>): void;
}

export interface ModelSlice {
  readonly shading: Shading;
  readonly turning: boolean;
  readonly camera: CameraCommand;
  readonly matcap: Matcap;
  readonly ground: {
    readonly backdrop: Backdrop;
    /** Stops brighter (doubling) or darker; 0: as it is. */
    readonly exposure: number;
    /** Squares of 10 cm on the floor. */
    readonly grid: boolean;
  };
  /** Null: the figure is whole. */
  readonly section: SectionState | null;
  /** A click measures; the two points so far, in the mesh's frame. Null: a click explains. */
  readonly measuring: readonly MeshPoint[] | null;
  /** The figure before the last run stands left of a seam. */
  readonly comparing: boolean;
  readonly seam: number;
  setShading(shading: Shading): void;
  setTurning(turning: boolean): void;
  moveCamera(pose: CameraPose): void;
  setMatcap(matcap: Matcap): void;
  setGround(ground: Partial<ModelSlice['ground']>): void;
  /** What is left out stays; null: whole again. */
  setSection(section: Partial<SectionState> | null): void;
  setMeasuring(on: boolean): void;
  /** The next end of the measure; a third point begins another one. */
  measurePoint(point: MeshPoint): void;
  setComparing(on: boolean): void;
  setSeam(seam: number): void;
  /** Of the whole person, cm; null: not known, 170 is taken. Kept with the figure. */
  setHeight(heightCm: number | null): Promise<void>;
}

export type AppState = SessionSlice &
  PackSlice &
  MattingSlice &
  InputSlice &
  LibrarySlice &
  QueueSlice &
  EditSlice &
  ExplainSlice &
  RunSlice &
  SaveSlice &
  PrintSlice &
  MotionSlice &
  MeshSizeSlice &
  PictureSlice &
  ViewSlice &
  ModelSlice;
