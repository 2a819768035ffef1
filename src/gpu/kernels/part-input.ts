/** Bindings of part-input.wgsl. */
import type { Affine } from '../../geometry/body.ts';
import { type Pass, pixelGroups } from '../kernel-runner.ts';
import { affineRows, type CropWindow, PRELUDE } from './affine-px.ts';
import code from './part-input.wgsl?raw';
import sampling from './sampling.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Params = defineStruct('Params', {
  linear: 'vec4f',
  shift: 'vec2f',
  crop_origin: 'vec2u',
  crop_size: 'vec2u',
  canvas: 'u32',
  coarse: 'u32',
});
const SOURCE = { label: 'part-input', code: PRELUDE + Params.wgsl + sampling + code };

/** Image [3, S, S] and coarse normals [6, C, C] -> crop [8, h, w]. */
export function partInputPass(
  image: GPUBuffer,
  coarse: GPUBuffer,
  target: GPUBuffer,
  canvasSize: number,
  coarseSize: number,
  crop: CropWindow,
  imageFromPart: Affine,
): Pass {
  const { linear, shift } = affineRows(imageFromPart);
  return {
    source: SOURCE,
    entry: 'main',
    bindings: {
      1: { buffer: image, size: 3 * canvasSize ** 2 * 4 },
      2: { buffer: coarse, size: 3 * coarseSize ** 2 * 4 },
      3: { buffer: target, size: 8 * crop.height * crop.width * 4 },
    },
    uniforms: Params.pack({
      linear,
      shift,
      canvas: canvasSize,
      coarse: coarseSize,
      crop_origin: [crop.x, crop.y],
      crop_size: [crop.width, crop.height],
    }),
    groups: pixelGroups(crop.width, crop.height),
  };
}
