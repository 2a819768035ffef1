/** How the figure is shown: shading, camera, background, section, measure, motion. */

import type { ResourceId } from './resources.ts';

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

/** `side` is the person's left. `home`: as the photo has it, then a little to the side. */
export type CameraPose = 'home' | 'photo' | 'front' | 'side' | 'back' | 'right' | 'top';

/** A new serial moves the camera to the pose; between commands the visitor moves it freely. */
export interface CameraCommand {
  readonly pose: CameraPose;
  readonly serial: number;
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
