/** What `npm run digitize` and its page say to each other; plain data only. */
import type { StageErrorData } from './base/errors.ts';
import type {
  MachineReport,
  PackSummary,
  RunOptions,
  RunReport,
  StageId,
  StageState,
  SubjectId,
} from './digitizer/types.ts';
import type { ExportFormat, FileOptions } from './export/formats.ts';

/** Extra files a run can hand out. */
export const SAVE_KINDS = ['npy', 'weights', 'pictures', 'reference-folder'] as const;
export type SaveKind = (typeof SAVE_KINDS)[number];

export type HeadlessPack = 'starter' | 'files' | 'checkpoint';

export interface HeadlessRunRequest {
  readonly name: string;
  readonly poseJson?: string;
  /** The mask is in the page's #mask input. */
  readonly hasMask: boolean;
  readonly options: RunOptions;
  readonly subject: SubjectId;
  /** Most triangles of the mesh in files; null: the whole surface. */
  readonly triangles: number | null;
  /** Files of the mesh that are wanted. */
  readonly formats: readonly ExportFormat[];
  readonly fileOptions: FileOptions;
  readonly save: readonly SaveKind[];
  /** URL path that files of this run are posted below, ends with a slash. */
  readonly target: string;
}

export type HeadlessAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: StageErrorData };

/** Told to Node while a run goes on: stage states, sentences for the person, files that were posted. */
export type HeadlessEvent =
  | { readonly kind: 'stage'; readonly stage: StageId; readonly state: StageState }
  | { readonly kind: 'notice'; readonly stage: StageId; readonly text: string }
  | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number };

export interface HeadlessApi {
  start(
    pack: HeadlessPack,
    options: RunOptions,
  ): Promise<HeadlessAnswer<{ machine: MachineReport; pack: PackSummary }>>;
  /** Cuts people out with the network in the page's #matting input from now on. */
  useMatting(options: RunOptions): Promise<HeadlessAnswer<{ name: string; kind: string }>>;
  /** The photo is in the page's #photo input. Resolves when every file was posted. */
  run(request: HeadlessRunRequest): Promise<HeadlessAnswer<RunReport>>;
}

declare global {
  interface Window {
    statuette?: HeadlessApi;
    /** Put there by Node before the page loads. */
    statuetteEvent?: (event: HeadlessEvent) => Promise<void>;
  }
}
