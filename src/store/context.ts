/** What the slices are given from outside, so that tests can hand in a scripted client and a storage in memory. */
import type { StoreApi } from 'zustand/vanilla';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { DigitizerClient } from '../client/digitizer-client.ts';
import type { Preferences } from './preferences.ts';
import type { ProjectShelf } from './project-shelf.ts';
import type { ResourceRegistry } from './resources.ts';
import type { RunTimes } from './run-times.ts';
import type { AppState } from './state.ts';

/** `again`: the browser wants a fresh click first (making the file took too long after the last one). */
export type ShareOutcome = 'shared' | 'closed' | 'again';

export interface Sharing {
  canShare(mime: string): boolean;
  share(blob: Blob, fileName: string): Promise<ShareOutcome>;
}

export interface AppDependencies {
  createClient(): DigitizerClient;
  /** A file of our own origin, path relative to the page. */
  fetchOwn(path: string): Promise<Blob>;
  /** Hands a finished file to the person. */
  saveFile(blob: Blob, fileName: string): void;
  /** The system's share sheet; left out where there is none that takes files. */
  readonly sharing?: Sharing;
  nowMs(): number;
  readonly preferences: Preferences;
  /** How long runs take here; left out: nobody knows. */
  readonly runTimes?: RunTimes;
  /** Where figures are kept; left out: nowhere. */
  readonly keeping?: Keeping;
}

export interface Keeping {
  readonly shelf: ProjectShelf;
  /** Date and time, ms. */
  dateMs(): number;
  /** A small picture of a mesh for the list; null where none can be drawn. */
  portrait(mesh: SurfaceMesh): Promise<Blob | null>;
  bitmapOf(picture: Blob): Promise<ImageBitmap>;
}

/** Shared by all slices: the dependencies, the registry, the one client and the run that is current. */
export interface SliceContext {
  readonly deps: AppDependencies;
  readonly resources: ResourceRegistry;
  readonly client: () => DigitizerClient;
  /** Ends the client and forgets its start; the next use begins anew with a fresh worker. */
  readonly dropClient: () => void;
  /** The start of the current client, once it was asked for. */
  readonly opening: { current: Promise<boolean> | null };
  readonly set: StoreApi<AppState>['setState'];
  readonly get: StoreApi<AppState>['getState'];
}
