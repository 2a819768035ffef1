/** What is open: worker and machine, sample photos, model packs, a matting network of the visitor's own. */

import type { StageErrorData } from '../base/errors.ts';
import type {
  MattingSummary,
  PackDetails,
  PackFileFormat,
  PackSource,
  StoredPackSummary,
} from '../client/digitizer-api.ts';
import type { MachineReport, PackSummary } from '../digitizer/types.ts';
import type { Sample } from './samples.ts';

export type SessionState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly machine: MachineReport; readonly pack: PackSummary }
  | { readonly kind: 'failed'; readonly error: StageErrorData };

export type SamplesState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly list: readonly Sample[] }
  | { readonly kind: 'failed' };

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
