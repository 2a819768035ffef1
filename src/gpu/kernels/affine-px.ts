/**
 * Affine maps for the kernels, in [-1, 1] coordinates as the shaders take them and in canvas px; and the layout of
 * centred crops.
 */
import { type Affine, CROP_SIZES, type PartKind } from '../../geometry/body.ts';
import { PIXEL_GROUP } from '../kernel-runner.ts';

/** Workgroup size of per-pixel kernels; prefixed to every shader so that both sides agree. */
export const PRELUDE = `override GROUP_X: u32 = ${PIXEL_GROUP.x}u;\noverride GROUP_Y: u32 = ${PIXEL_GROUP.y}u;\n`;

/** An affine map as uniforms of affine_px in sampling.wgsl: m00, m01, m10, m11, and m02, m12. */
export function affineRows(map: Affine) {
  return { linear: [map[0], map[1], map[3], map[4]], shift: [map[2], map[5]] } as const;
}

export interface AffinePx {
  /** m00, m01, m10, m11. */
  readonly linear: readonly [number, number, number, number];
  /** Added to `linear * (pixel - middle)` to give a position in px. */
  readonly offset: readonly [number, number];
  /** (size - 1) / 2. */
  readonly middle: number;
}

/** Affine map of a square canvas as linear * (pixel - middle) + offset, all in px and in f64. */
export function affinePx(map: Affine, size: number): AffinePx {
  const middle = (size - 1) / 2;
  return {
    linear: [map[0], map[1], map[3], map[4]],
    offset: [(map[2] * size) / 2 + middle, (map[5] * size) / 2 + middle],
    middle,
  };
}

export interface CropWindow {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The window of a part's crop on its warped canvas. Source: docs/method.md#part-crops. */
export function cropWindow(kind: PartKind, size: number): CropWindow {
  const { height, width } = CROP_SIZES[kind];
  return {
    x: Math.floor(size / 2) - Math.floor(width / 2),
    y: Math.floor(size / 2) - Math.floor(height / 2),
    width,
    height,
  };
}
