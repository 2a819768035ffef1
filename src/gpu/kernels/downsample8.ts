/** Bindings of downsample8.wgsl. */
import type { MapShape } from '../../base/images.ts';
import { shapeBytes } from '../device-map.ts';
import { type Pass, pixelGroups } from '../kernel-runner.ts';
import { PRELUDE } from './affine-px.ts';
import code from './downsample8.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Params = defineStruct('Params', { source_size: 'vec2u', target_size: 'vec2u' });
const SOURCE = { label: 'downsample8', code: PRELUDE + Params.wgsl + code };

/** Shape of the reduced map. */
export function downsampled8(shape: MapShape): MapShape {
  return [shape[0], Math.floor(shape[1] / 8), Math.floor(shape[2] / 8)];
}

export function downsample8Pass(source: GPUBuffer, shape: MapShape, target: GPUBuffer): Pass {
  const reduced = downsampled8(shape);
  const [x, y] = pixelGroups(reduced[2], reduced[1]);
  return {
    source: SOURCE,
    entry: 'main',
    bindings: {
      1: { buffer: source, size: shapeBytes(shape) },
      2: { buffer: target, size: shapeBytes(reduced) },
    },
    uniforms: Params.pack({ source_size: [shape[2], shape[1]], target_size: [reduced[2], reduced[1]] }),
    groups: [x, y, shape[0]],
  };
}
