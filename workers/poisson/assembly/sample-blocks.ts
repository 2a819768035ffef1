/** The cloud cut into blocks of samples in their order: the items of jobs over the cloud. */
import { S } from './state';

/** Samples that a job over the cloud takes as one item. */
export const SAMPLE_BLOCK: i32 = 4096; // @abi

export function sampleBlocks(): i32 {
  return (S.count + SAMPLE_BLOCK - 1) / SAMPLE_BLOCK;
}
// @ts-ignore: decorator
@inline export function blockEnd(block: i32): i32 {
  return min((block + 1) * SAMPLE_BLOCK, S.count);
}
