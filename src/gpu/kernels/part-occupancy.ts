/** Bindings and blur weights of part-occupancy.wgsl. */
import type { Affine } from '../../geometry/body.ts';
import { type Pass, pixelGroups } from '../kernel-runner.ts';
import { affineRows, type CropWindow, PRELUDE } from './affine-px.ts';
import { blurKernel, WINDOW_MARGIN } from './part-occupancy.reference.ts';
import code from './part-occupancy.wgsl?raw';
import sampling from './sampling.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

/** Four blur weights; uniform arrays have a stride of 16 bytes. */
const BlurWeights = defineStruct('BlurWeights', { four: 'vec4f' });
const Params = defineStruct('Params', {
  blur: { of: BlurWeights, length: 4 },
  linear: 'vec4f',
  shift: 'vec2f',
  crop_origin: 'vec2u',
  crop_size: 'vec2u',
  side: 'f32',
});
const KERNEL = [...blurKernel(), 0];
const SOURCE = {
  label: 'part-occupancy',
  code: `${PRELUDE}${Params.wgsl}const WINDOW_MARGIN = ${WINDOW_MARGIN}u;\n${sampling}${code}`,
};

/** The two passes; `rows` is scratch of the target's size. */
export function partOccupancyPasses(
  rows: GPUBuffer,
  target: GPUBuffer,
  canvasSize: number,
  crop: CropWindow,
  imageFromPart: Affine,
): Pass[] {
  const { linear, shift } = affineRows(imageFromPart);
  const size = crop.height * crop.width * 4;
  const uniforms = Params.pack({
    blur: [0, 4, 8, 12].map((i) => ({ four: KERNEL.slice(i, i + 4) })),
    linear,
    shift,
    side: canvasSize,
    crop_origin: [crop.x, crop.y],
    crop_size: [crop.width, crop.height],
  });
  const groups = pixelGroups(crop.width, crop.height);
  const blurred = { buffer: rows, size };
  return [
    { source: SOURCE, entry: 'blur_rows', bindings: { 1: blurred }, uniforms, groups },
    {
      source: SOURCE,
      entry: 'blur_columns',
      bindings: { 1: blurred, 2: { buffer: target, size } },
      uniforms,
      groups,
    },
  ];
}
