/** What leaves the page: files, prints, and how many triangles they have. */

import type { StageErrorData } from '../base/errors.ts';
import type { ExportFormat, FileOptions, PrintOptions, PrintPreview } from '../client/digitizer-api.ts';
import type { MeshSize } from './mesh-size.ts';
import type { ResourceId } from './resources.ts';

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
