/** Bindings of finish-depth.wgsl. */
import { type Pass, pixelGroups } from '../kernel-runner.ts';
import { PRELUDE } from './affine-px.ts';
import code from './finish-depth.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Params = defineStruct('Params', { size: 'vec2u', has_matte: 'u32' });
const SOURCE = { label: 'finish-depth', code: PRELUDE + Params.wgsl + code };

/** Raw [>= 2, H, W] -> [2, H, W]. Without a matte, `matte` is any buffer of four bytes. */
export function finishDepthPass(
  raw: GPUBuffer,
  matte: GPUBuffer,
  hasMatte: boolean,
  target: GPUBuffer,
  height: number,
  width: number,
): Pass {
  const pixels = height * width;
  return {
    source: SOURCE,
    entry: 'main',
    bindings: {
      1: { buffer: raw, size: pixels * 8 },
      2: { buffer: matte, size: hasMatte ? Math.ceil(pixels / 4) * 4 : 4 },
      3: { buffer: target, size: pixels * 8 },
    },
    uniforms: Params.pack({ size: [width, height], has_matte: hasMatte ? 1 : 0 }),
    groups: pixelGroups(width, height),
  };
}
