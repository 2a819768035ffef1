/**
 * Every image operation of the chain, behind one interface with two implementations: our WGSL kernels
 * (`webgpu-kernels.ts`) and their CPU references (`cpu-kernels.ts`), which are test oracle and fallback.
 * Sampling convention everywhere: bilinear, align_corners = false, zero outside. Source: docs/method.md#sampling.
 */
import type { OrientedCloud } from '../base/cloud.ts';
import type { GreyImage, PlanarMap, RgbaImage } from '../base/images.ts';
import type { Pace } from '../base/steps.ts';
import type { Affine, PartKind } from '../geometry/body.ts';
import type { DeviceMap } from './device-map.ts';
import type { SquarePadding } from './kernels/square-photo.reference.ts';

/** Square window of the canvas that one fineDepth run sees; origin and size are multiples of 8. */
export interface TileWindow {
  readonly row: number;
  readonly column: number;
  readonly height: number;
  readonly width: number;
}

export interface MergePart {
  /** [6, h, w] front xyz then back xyz, coded (n + 1)/2, in the part's crop. */
  readonly normals: DeviceMap;
  /** [1, h, w] blurred occupancy of the same crop, from partOccupancy. */
  readonly occupancy: DeviceMap;
  readonly kind: PartKind;
  readonly partFromImage: Affine;
}

export interface CloudOptions {
  /** `reference` keeps every pixel the original keeps; `robust` also drops flying points (jumps, grazing views, rim). */
  readonly mode: 'reference' | 'robust';
  /** Erode the back map by the front's 3x3 erosion, 3 times, as the reference does before writing its cloud. */
  readonly erodeBack: boolean;
}

export interface KernelSet {
  readonly kind: 'webgpu' | 'cpu';

  /** The same set, same maps, same counters, whose CPU work runs at this pace. */
  paced(pace: Pace): KernelSet;

  /** Puts a map where this set runs. The result is independent of the argument, which stays the caller's. */
  upload(map: PlanarMap): DeviceMap;
  /** Copies a map to ordinary memory; the argument stays the caller's. */
  download(map: DeviceMap): Promise<PlanarMap>;

  /**
   * Replicate-pads to a centred square and resizes to size x size: OpenCV INTER_CUBIC (a = -0.75, no antialias)
   * within 1 grey level. `antialias` first averages (area) when shrinking: not in the reference, better pictures.
   * `square` shows another square of the photo, cut or padded, instead of the centred one.
   */
  squarePhoto(photo: RgbaImage, size: number, antialias: boolean, square?: SquarePadding): Promise<RgbaImage>;

  /**
   * Photo x matte -> network input [3, S, S] in [-1, 1]: background to 0, brightness, contrast, saturation 0.85 in
   * that order with the reference's 8-bit truncation, then (v/255 - 0.5)/0.5.
   * Foreground is matte >= 128.
   */
  networkInput(photo: RgbaImage, matte: GreyImage): Promise<DeviceMap>;

  /** [C, 2048, 2048] -> [C, 256, 256]: mean of the 2x2 block at rows and columns 8i+3, 8i+4. */
  downsample8(map: DeviceMap): Promise<DeviceMap>;

  /**
   * Crop of one part for its network: [8, h, w] = RGB of the input sampled with imageFromPart, the front three
   * channels of the coarse normals [6, 256, 256] up-sampled bilinearly to 2048 (fused, never stored) and sampled
   * likewise, then two zero channels.
   */
  partInput(
    input: DeviceMap,
    coarseNormals: DeviceMap,
    kind: PartKind,
    imageFromPart: Affine,
  ): Promise<DeviceMap>;

  /**
   * [1, h, w] blurred occupancy of one part in its own crop: ones sampled with imageFromPart, window 16 px smaller
   * than the crop, 15x15 Gaussian of sigma 5.
   */
  partOccupancy(kind: PartKind, imageFromPart: Affine): Promise<DeviceMap>;

  /** Gather merge of up to 12 parts: [6, 2048, 2048], weights occupancy / sum; exactly 0 where no part reaches. */
  mergeNormals(parts: readonly MergePart[]): Promise<DeviceMap>;

  /** [12, size, size] share of each part (occupancy / sum) on a grid of size x size canvas samples, for the inspector. */
  mergeWeights(parts: readonly MergePart[], size: number): Promise<DeviceMap>;

  /**
   * Where parts cover nothing (their occupancy sum is below 1) fills merged normals with the up-sampled coarse
   * normals: n = merged * s + coarse' * (1 - s), s = min(1, occupancy sum). Robust mode only.
   * Coarse normals are coded from depth on a grid 8 times coarser, so their slopes read 8 times too steep:
   * coarse' = p (u + 1)/2 with u = (x/8, y/8, z) / length for the decoded coarse (x, y, z) = 2 c - 1 (each side).
   * p = clamp(2 c_z, 0, 1) is 1 on any surface and keeps the empty background (c = 0) at 0.
   */
  fillUncovered(merged: DeviceMap, parts: readonly MergePart[], coarseNormals: DeviceMap): Promise<DeviceMap>;

  /** Inputs of one fineDepth tile: depth [2, h/8, w/8] and normals [8, h, w] (6 and two zero channels). */
  fineTileInput(
    coarseDepth: DeviceMap,
    mergedNormals: DeviceMap,
    tile: TileWindow,
  ): Promise<{ depth: DeviceMap; normals: DeviceMap }>;

  /** Copies `core` (canvas px, inside `tile`) of a raw tile output [3, h, w] into target [3, 2048, 2048]. */
  storeTile(raw: DeviceMap, tile: TileWindow, core: TileWindow, target: DeviceMap): Promise<void>;

  /**
   * Raw refined depth [3, S, S] -> [2, S, S]: relu6 of front and back; both 0 where front > back; where a matte is
   * given (robust mode), both 0 also where matte < 128. Values are depth / 512 px (docs/method.md#depth-units).
   */
  finishDepth(raw: DeviceMap, matte: GreyImage | null): Promise<DeviceMap>;

  /**
   * Finished depth [2, S, S] redrawn by the merged normals [6, S, S]: the depth's shape, the normals' relief
   * (kernels/relief.reference.ts). Empty stays empty, the front stays before the back. Robust mode only.
   */
  relief(depth: DeviceMap, mergedNormals: DeviceMap): Promise<DeviceMap>;

  /**
   * Depth [2, S, S] -> points of the front map then the back map, row-major, in the reference's final frame.
   * Normals: merged normals (decoded, facing the camera for the front, away for the back) where present, else
   * one-sided depth differences that never cross a jump.
   * Colours: front from `frontColours`, back from `backColours`.
   */
  depthToCloud(
    depth: DeviceMap,
    mergedNormals: DeviceMap,
    frontColours: RgbaImage,
    backColours: RgbaImage,
    options: CloudOptions,
  ): Promise<OrientedCloud>;

  /** Bytes this set holds on its device now, and the most it held since the last call of resetPeak. */
  memory(): { readonly nowBytes: number; readonly peakBytes: number };
  resetPeak(): void;
  dispose(): void;
}
