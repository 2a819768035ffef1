/** Bindings and blur weights of part-occupancy.wgsl. */
import type { Affine } from '../../geometry/body.ts';
import type { Pass } from '../kernel-runner.ts';
import { affinePx, type CropWindow } from './affine-px.ts';
import { blurKernel, WINDOW_MARGIN } from './part-occupancy.reference.ts';
import code from './part-occupancy.wgsl?raw';
import sampling from './sampling.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Params = defineStruct('Params', {
  linear: 'vec4f',
  offset: 'vec2f',
  crop_origin: 'vec2u',
  crop_size: 'vec2u',
  middle: 'f32',
});
const TILE = 16;
const BLUR = `var<private> BLUR: array<f32, 15> = array<f32, 15>(${[...blurKernel()].join(', ')});\n`;
const SOURCE = {
  label: 'part-occupancy',
  code: `${Params.wgsl}const WINDOW_MARGIN = ${WINDOW_MARGIN}u;\n${BLUR}${sampling}${code}`,
};

export function partOccupancyPass(
  target: GPUBuffer,
  canvasSize: number,
  crop: CropWindow,
  imageFromPart: Affine,
): Pass {
  const { linear, offset, middle } = affinePx(imageFromPart, canvasSize);
  return {
    source: SOURCE,
    entry: 'main',
    bindings: { 1: { buffer: target, size: crop.height * crop.width * 4 } },
    uniforms: Params.pack({
      linear,
      offset,
      middle,
      crop_origin: [crop.x, crop.y],
      crop_size: [crop.width, crop.height],
    }),
    groups: [Math.ceil(crop.width / TILE), Math.ceil(crop.height / TILE), 1],
  };
}
