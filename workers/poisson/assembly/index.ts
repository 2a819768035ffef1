/**
 * The module's flat interface. The caller: begin(count), fill the four input blocks, set the frame, run solve, read
 * the five output blocks, all through the memory it passed in. Nothing is kept between solves.
 *
 * Screened Poisson surface reconstruction (Kazhdan & Hoppe 2013): find u with gradient close to the splatted normals
 * V, minimising the integral of |grad u - V|^2 plus alpha / h sum over samples of area u(sample)^2; u rises outward,
 * the surface is u = mean of u at the samples. Trilinear elements; dense grids at the top (root.ts), bricks of 8^3
 * near the surface below (level.ts), each level started from the coarser one (cascade.ts).
 */

import { releaseSlabs, sortIntoSlabs } from './bins';
import { solveLevel } from './cascade';
import { markFromClusters, mergeClusters, packClusters, sumPieces } from './clusters';
import { colourClusters, colourVertices } from './colours';
import { denoiseClusters } from './denoise';
import { areasFromDensity } from './density';
import { divergenceJob } from './divergence';
import { extractSurface } from './extract';
import {
  FAIL_TOO_LARGE,
  fail,
  PHASE_EXTRACT,
  PHASE_RESTRICT,
  PHASE_ROOT,
  PHASE_SAMPLES,
  PHASE_SPLAT,
  progress,
} from './host';
import { BRICK_NODES, createLevel, fieldBytes, Level, levelAt, numberMarked } from './level';
import { allocate, allocateZeroed, fillZero, release, resetHeap } from './memory';
import { restrictToBricks } from './restrict';
import { solveRoot } from './root';
import { sampleBlocks } from './sample-blocks';
import { cameraAreasJob } from './samples';
import { CUBE_TABLE_BYTES } from './signs';
import { smoothJob } from './smooth';
import { markJob, splatNormals } from './splat';
import { S, SCRATCH_BYTES, State, setScratch, setState } from './state';
import { closeBand, isoValue } from './surface';
import { CONTROL_BYTES, forItems, initThreadPool, reportNext } from './thread-pool';

/** Dense up to 2^6 cells a side. */
const ROOT_DEPTH: i32 = 6;
/** 2^11 cells a side: coordinates of bricks have eight bits. */
export const DEEPEST_LEVEL: i32 = 11; // @abi

/**
 * Starts a solve for `count` samples, once on each memory (its pages must be zero); the blocks are read with the functions below.
 * `helpers` other threads may come, each with arrive(stateAt(), scratchAt(i)), i from 1, and then help(); see thread-pool.ts.
 */
export function begin(count: i32, helpers: i32, helperTimeoutS: f64): void {
  resetHeap();
  setState(allocateZeroed(offsetof<State>()));
  S.helpers = helpers;
  S.helperTimeoutS = helperTimeoutS;
  S.scratches = allocate(<u64>SCRATCH_BYTES * <u64>(helpers + 1));
  setScratch(S.scratches);
  initThreadPool(allocateZeroed(CONTROL_BYTES));
  S.count = count;
  S.positions = allocate(<u64>count * 12);
  S.normals = allocate(<u64>count * 12);
  S.colours = allocate(<u64>count * 3);
  S.sides = allocate(<u64>count);
  S.areas = allocate(<u64>count * 4);
  S.levels = allocateZeroed(16 * 4);
  S.cubeTable = allocate(CUBE_TABLE_BYTES);
}

export function stateAt(): usize {
  return changetype<usize>(S);
}
export function scratchAt(thread: i32): usize {
  return S.scratches + <usize>thread * SCRATCH_BYTES;
}
export { dropFlyingPixels } from './flying-pixels';
export { acceptCloud, medianArea, outwardShare, surveyCloud } from './intake';
export { findPieces, pieceStaysAt, tallyBlocks, tallyEdges } from './pieces';
export { clampToSilhouette } from './silhouette';
export { spreadColours } from './spread';
export { measureSupport } from './support';
export {
  arrive,
  awaitHelpers,
  help,
  helperFailed,
  helpersArrived,
  jobsJoined,
  stopHelpers,
} from './thread-pool';

export function positionsAt(): usize {
  return S.positions;
}
export function normalsAt(): usize {
  return S.normals;
}
export function coloursAt(): usize {
  return S.colours;
}
export function sidesAt(): usize {
  return S.sides;
}
export function areasAt(): usize {
  return S.areas;
}
export function cubeTableAt(): usize {
  return S.cubeTable;
}

export function setFrame(depth: i32, originX: f32, originY: f32, originZ: f32, scale: f32): void {
  if (depth > DEEPEST_LEVEL) fail(FAIL_TOO_LARGE, depth);
  S.depth = depth;
  S.rootDepth = min(ROOT_DEPTH, depth - 1);
  S.originX = originX;
  S.originY = originY;
  S.originZ = originZ;
  S.scale = scale;
}

/** Areas of a depth map's pixels: camera at (0, 0, z) looking down -z. */
export function areasByCamera(z: f32, focal: f32): void {
  S.cameraZ = z;
  S.focal = focal;
  forItems(cameraAreasJob, sampleBlocks());
}

/** Areas from the local density. */
export function areasByDensity(): void {
  S.focal = 0;
  areasFromDensity();
}

/** `noise`: standard deviation of the samples along their normals, in the caller's units; 0: not known. */
export function solve(pointWeight: f32, noise: f32, iterations: i32): void {
  S.pointWeight = pointWeight;
  S.iterations = iterations;
  progress(0, PHASE_SAMPLES);
  const finest = createLevel(S.depth);
  S.jobLevel = changetype<usize>(finest);
  forItems(markJob, sampleBlocks());
  sortIntoSlabs();
  finest.sampledBricks = numberMarked(finest);
  progress(0.05, PHASE_SPLAT);
  const field = allocateZeroed((<u64>finest.brickCount * BRICK_NODES) << 4);
  splatNormals(finest, field);
  finest.r = allocate(fieldBytes(finest));
  S.jobLevel = changetype<usize>(finest);
  S.jobPartials = field;
  reportNext(0.2, 0.23, PHASE_SPLAT);
  forItems(divergenceJob, finest.brickCount);
  finest.q = allocate(fieldBytes(finest));
  reportNext(0.23, 0.25, PHASE_SPLAT);
  forItems(smoothJob, finest.brickCount);
  release(finest.r);
  finest.r = finest.q;
  progress(0.26, PHASE_SPLAT);
  fillZero(field, (<usize>finest.brickCount * BRICK_NODES) << 4);
  sumPieces(finest, field);
  packClusters(finest, field);
  release(field);
  colourClusters(finest);
  denoiseClusters(finest, noise);
  releaseSlabs();
  release(S.positions);
  S.positions = 0;
  release(S.normals);
  release(S.colours);
  release(S.sides);
  release(S.areas);

  progress(0.3, PHASE_RESTRICT);
  for (let depth = S.depth - 1; depth > S.rootDepth; depth--) coarsen(levelAt(depth + 1), depth);
  progress(0.35, PHASE_ROOT);
  solveRoot(levelAt(S.rootDepth + 1));

  // Work grows about fourfold with every level.
  let done: f64 = 0.4;
  for (let depth = S.rootDepth + 1; depth <= S.depth; depth++) {
    const next = 0.4 + 0.4 / <f64>(1 << (2 * (S.depth - depth)));
    solveLevel(depth, done, next);
    done = next;
  }
  progress(0.8, PHASE_EXTRACT);
  S.isoValue = isoValue(finest);
  closeBand(finest);
  extractSurface(finest);
  colourVertices(finest);
  // What comes next (pieces.ts, support.ts, silhouette.ts) needs the mesh only, and room.
  for (let depth = S.rootDepth + 1; depth <= S.depth; depth++) {
    const level = levelAt(depth);
    release(level.u);
    release(level.table);
    release(level.bricks);
  }
  release(finest.clusters);
  release(finest.clusterStart);
}

/** Room for the positions of `count` samples, which the solve has dropped: for measureSupport and clampToSilhouette. */
export function takePositions(count: i32): usize {
  release(S.positions);
  S.count = count;
  S.positions = allocate(<u64>count * 12);
  return S.positions;
}

function coarsen(fine: Level, depth: i32): void {
  const coarse = createLevel(depth);
  markFromClusters(fine, coarse);
  coarse.sampledBricks = numberMarked(coarse);
  coarse.r = allocate(fieldBytes(coarse));
  restrictToBricks(fine, coarse);
  mergeClusters(fine, coarse);
}

export function vertexCount(): i32 {
  return S.vertexCount;
}
export function triangleCount(): i32 {
  return S.triangleCount;
}
export function verticesAt(): usize {
  return S.vertices;
}
export function vertexNormalsAt(): usize {
  return S.vertexNormals;
}
export function vertexColoursAt(): usize {
  return S.vertexColours;
}
export function vertexSeenAt(): usize {
  return S.vertexSeen;
}
export function trianglesAt(): usize {
  return S.triangles;
}
export function pieceOfAt(): usize {
  return S.pieceOf;
}
export function pieceCount(): i32 {
  return S.pieceCount;
}
export function runsAt(): usize {
  return S.runs;
}
export function runCount(): i32 {
  return S.runCount;
}
export function talliesAt(): usize {
  return S.tallies;
}
export function confidenceAt(): usize {
  return S.confidence;
}
export function distancesAt(): usize {
  return S.distances;
}
export function isoValueOf(): f32 {
  return S.isoValue;
}
