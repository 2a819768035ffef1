/** What is looked at in photo, parts and maps: views, layers, the look and pointer they share, a point that is explained. */

import type { PixelReading, PointReport } from '../client/digitizer-api.ts';
import type { PictureRequest, Side, StageId } from '../digitizer/types.ts';
import type { PartId } from '../geometry/body.ts';
import type { MeshPoint } from './model-state.ts';
import type { ResourceId } from './resources.ts';

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

export interface CanvasPoint {
  readonly row: number;
  readonly column: number;
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

/** A picture to draw, its pixels to read, or the floats that it was drawn from. */
export type PictureForm = 'bitmap' | 'pixels' | 'map';

export interface PictureSlice {
  readonly probe: { readonly at: CanvasPoint; readonly values: PixelReading | null } | null;
  /** `map`: the float map behind a depth picture, both sides of it. */
  requestPicture(request: PictureRequest, as: PictureForm): Promise<void>;
  probeAt(point: CanvasPoint | null): Promise<void>;
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
