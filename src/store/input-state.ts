/** What the person brought: the open photo with what belongs to it, photos that wait, and the figures that are kept. */

import type { StageErrorData } from '../base/errors.ts';
import type { SubjectId } from '../digitizer/types.ts';
import type { FigureEdits } from '../geometry/figure-edits.ts';
import type { MatteSource } from '../intake/matte.ts';
import type { ProjectKey } from './library.ts';
import type { ResourceId } from './resources.ts';
import type { ViewId } from './view-state.ts';

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

/** A pose or mask that came before its photo. */
export interface PendingExtras {
  readonly poseJson: string | null;
  readonly poseName: string;
  readonly mask: ResourceId<'file'> | null;
  readonly maskName: string;
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

export interface QueueSlice {
  readonly queue: readonly QueueItem[];
  /** Several photos, with the keypoints and masks that bear their names. */
  openSeveral(files: readonly File[]): Promise<void>;
  /** Works on what waits, unless a figure is being looked at. */
  continueQueue(): Promise<void>;
  removeFromQueue(id: number): void;
  clearQueue(): void;
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
