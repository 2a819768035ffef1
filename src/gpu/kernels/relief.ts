/** Passes of relief.wgsl. */
import { depthUnitPx } from '../../geometry/camera.ts';
import { codedSlopeScale } from '../../geometry/depth-normals.ts';
import { type Binding, type Pass, pixelGroups } from '../kernel-runner.ts';
import { PRELUDE } from './affine-px.ts';
import {
  chebyshevSteps,
  ITERATIONS,
  LEAST_Z,
  LINK_PX,
  SCREENING,
  SHORTEST,
  STEEPEST,
  THIN_PX,
} from './relief.reference.ts';
import code from './relief.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Params = defineStruct('Params', {
  size: 'vec2u',
  side: 'u32',
  slope: 'f32',
  steepest: 'f32',
  reach: 'f32',
  thin: 'f32',
  least_z: 'f32',
  shortest: 'f32',
  screening: 'f32',
  beta: 'f32',
  alpha: 'f32',
});
const SOURCE = { label: 'relief', code: PRELUDE + Params.wgsl + code };

export interface ReliefBuffers {
  /** f32 [2, H, W]. */
  readonly depth: GPUBuffer;
  /** f32 [6, H, W]. */
  readonly normals: GPUBuffer;
  /** Scratch of one side, 4 bytes a pixel each. */
  readonly links: GPUBuffer;
  readonly residual: GPUBuffer;
  readonly direction: GPUBuffer;
  /** f32 [2, H, W]. */
  readonly target: GPUBuffer;
}

/** All passes in order; the scratch serves both sides. */
export function reliefPasses(buffers: ReliefBuffers, height: number, width: number): Pass[] {
  const plane = height * width;
  const depth: Binding = { buffer: buffers.depth, size: plane * 8 };
  const normals: Binding = { buffer: buffers.normals, size: plane * 24 };
  const links: Binding = { buffer: buffers.links, size: plane * 4 };
  const residual: Binding = { buffer: buffers.residual, size: plane * 4 };
  const direction: Binding = { buffer: buffers.direction, size: plane * 4 };
  const target: Binding = { buffer: buffers.target, size: plane * 8 };
  const unit = depthUnitPx(width);
  const pass = (
    entry: string,
    bindings: Readonly<Record<number, Binding>>,
    side: number,
    step = { beta: 0, alpha: 0 },
  ): Pass => ({
    source: SOURCE,
    entry,
    bindings,
    uniforms: Params.pack({
      size: [width, height],
      side,
      slope: codedSlopeScale(width) / unit,
      steepest: STEEPEST / unit,
      reach: LINK_PX / unit,
      thin: THIN_PX / unit,
      least_z: LEAST_Z,
      shortest: SHORTEST,
      screening: SCREENING,
      ...step,
    }),
    groups: pixelGroups(width, height),
  });
  const passes: Pass[] = [];
  for (const side of [0, 1]) {
    passes.push(
      pass('initialise', { 1: depth, 2: normals, 3: links, 4: residual, 5: direction, 6: target }, side),
    );
    for (const [index, step] of chebyshevSteps(ITERATIONS).entries()) {
      if (index > 0) passes.push(pass('update_residual', { 3: links, 4: residual, 5: direction }, side));
      passes.push(pass('update_solution', { 4: residual, 5: direction, 6: target }, side, step));
    }
  }
  passes.push(pass('keep_thickness', { 1: depth, 6: target }, 0));
  return passes;
}
