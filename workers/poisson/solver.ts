/**
 * Runs the WebAssembly module on one cloud: checks and copies the input, solves, copies the result out, cleans it.
 * Works in a worker and in Node; the caller brings the compiled module. Synchronous: it blocks its thread.
 */
import {
  CUBE_TABLE_BYTES,
  DEEPEST_LEVEL,
  type Exports,
  PHASE_CASCADE,
  PHASE_EXTRACT,
  PHASE_RESTRICT,
  PHASE_ROOT,
  PHASE_SAMPLES,
  PHASE_SPLAT,
  SAMPLE_BLOCK,
  SURVEY_NUMBERS,
} from './abi.generated.mjs';
import { HALF_PX } from './camera.ts';
import { buildCubeTable } from './cube-table.ts';
import { createEngine, type Engine } from './engine.ts';
import { badCloud, HelperLost, outOfMemory } from './failures.ts';
import { finishMesh } from './finish.ts';
import { frameFor, judgeSurvey, requireArrays } from './frame.ts';
import { estimateNoise } from './noise.ts';
import { thinDepthMap } from './thin-depth-map.ts';
import type { ThreadPool } from './thread-pool.ts';
import type { OrientedCloud, SurfaceMesh, SurfaceOptions, SurfaceProgress, SurfaceStats } from './types.ts';

export const SHALLOWEST = 4;
export const DEEPEST = DEEPEST_LEVEL;
/** Steps of conjugate gradients a level; see README, "Iterations". */
const ITERATIONS = 4;
/** A sample may stand for at most this many finest cells^2; thinner clouds get a coarser grid. */
const MOST_CELLS_A_SAMPLE = 16;
/** Spacings shorter than this part of a cell are of no use. */
const LEAST_SPACING = 64;
const PHASES: Readonly<Record<number, string>> = {
  [PHASE_SAMPLES]: 'Reading points',
  [PHASE_SPLAT]: 'Spreading normals',
  [PHASE_RESTRICT]: 'Coarser grids',
  [PHASE_ROOT]: 'Coarse shape',
  [PHASE_CASCADE]: 'Refining',
  [PHASE_EXTRACT]: 'Drawing the mesh',
};

export interface PhaseTime {
  readonly phase: string;
  readonly elapsedMs: number;
}

export interface SolveResult {
  readonly mesh: SurfaceMesh;
  readonly stats: SurfaceStats;
  /** What each part of the work took. */
  readonly phases: readonly PhaseTime[];
  /** The depth used: lower than asked for when the points are too far apart for it. */
  readonly depth: number;
  /** Of a depth map, every so many-th pixel along both axes was used; 1 unless the grid is coarse (thin-depth-map.ts). */
  readonly pixelStep: number;
  /** Whether point areas come from the camera (exact) or from the density. */
  readonly areas: 'camera' | 'density';
  /** Edges whose triangles disagree about the outside; 0. */
  readonly flippedEdges: number;
  /** Vertices that were pulled back to the silhouette (assembly/silhouette.ts). */
  readonly heldVertices: number;
  /** Width of a cell of the finest grid, in the cloud's units. */
  readonly cell: number;
  /** Typical distance between neighbouring samples that were used, in the cloud's units: the square root of the median area. */
  readonly spacing: number;
}

/**
 * Screened Poisson reconstruction of an oriented cloud.
 *
 * @param module compiled build/poisson.wasm.
 * @param cloud  stays the caller's; points without a normal are left out.
 * @param pool   helper threads (thread-pool.ts) that share the work; they are what counts, not options.threads. The mesh has
 *               the same bytes with and without. One that breaks is disposed of, and the solve starts again alone.
 * @returns a closed mesh (open where it was trimmed), triangles counter-clockwise seen from outside; the caller owns
 *   its arrays.
 * @throws SurfaceError E_BAD_CLOUD, E_MEMORY.
 */
export function solveSurface(
  module: WebAssembly.Module,
  cloud: OrientedCloud,
  options: SurfaceOptions,
  onProgress: SurfaceProgress = () => {},
  pool: ThreadPool | null = null,
): SolveResult {
  const begun = performance.now();
  if (!Number.isInteger(options.depth) || options.depth < SHALLOWEST || options.depth > DEEPEST) {
    throw badCloud(`depth ${options.depth} is not between ${SHALLOWEST} and ${DEEPEST}`, 'Choose 9 or 10.');
  }
  if (!(options.pointWeight >= 0 && options.pointWeight <= 1000)) {
    throw badCloud(`point weight ${options.pointWeight} is not between 0 and 1000`, 'Choose 16.');
  }
  requireArrays(cloud);
  const report = progressReport(onProgress);
  try {
    return solveOnce(module, cloud, options, phaseClock(begun), report, pool);
  } catch (thrown) {
    if (!(thrown instanceof HelperLost)) throw thrown;
    pool?.dispose();
    return solveOnce(module, cloud, options, phaseClock(begun), report, null);
  }
}

function solveOnce(
  module: WebAssembly.Module,
  cloud: OrientedCloud,
  options: SurfaceOptions,
  clock: PhaseClock,
  report: SurfaceProgress,
  pool: ThreadPool | null,
): SolveResult {
  const engine = createEngine(module, pool, (fraction, phase) => {
    clock.start(PHASES[phase]);
    report(fraction, PHASES[phase]);
  });
  try {
    return solveWith(engine, cloud, options, clock, report);
  } catch (thrown) {
    if (thrown instanceof RangeError || thrown instanceof WebAssembly.RuntimeError) {
      throw outOfMemory(engine.memory.buffer.byteLength);
    }
    throw thrown;
  } finally {
    engine.stopHelpers();
  }
}

function solveWith(
  engine: Engine,
  cloud: OrientedCloud,
  options: SurfaceOptions,
  clock: PhaseClock,
  report: SurfaceProgress,
): SolveResult {
  const { wasm, memory } = engine;
  const camera = options.camera ?? null;
  const { cloud: taken, step } = camera ? thinDepthMap(cloud, options.depth, camera) : { cloud, step: 1 };
  engine.begin(taken.count);
  copyCloud(taken, memory, wasm);
  const [x, y, z] = taken.positions;
  const records = wasm.surveyCloud();
  const survey = judgeSurvey(
    taken.count,
    [x, y, z],
    new Float64Array(memory.buffer, records, surveyLength(taken)),
  );
  wasm.acceptCloud(survey.withoutNormal);
  clock.start('Checking points');
  const points = taken.count - survey.withoutNormal;
  let depth = options.depth;
  const place = () => {
    const frame = frameFor(survey, depth);
    wasm.setFrame(depth, frame.origin[0], frame.origin[1], frame.origin[2], frame.scale);
    return frame;
  };
  let frame = place();
  // A kept pixel stands for step x step of them.
  if (camera) wasm.areasByCamera(camera.z, camera.focalPx / step);
  else wasm.areasByDensity();
  const area = wasm.medianArea();
  if (!camera) {
    while (depth > SHALLOWEST && area * frame.scale ** 2 > MOST_CELLS_A_SAMPLE) {
      depth--;
      frame = place();
    }
  }
  if (wasm.outwardShare(...survey.mean) < -0.2) {
    throw badCloud('its normals point into the body', 'Turn all normals round.');
  }
  if (camera) wasm.dropFlyingPixels(HALF_PX / step);
  wasm.solve(options.pointWeight, estimateNoise(cloud, Math.sqrt(area) / step), ITERATIONS);
  clock.start('Cleaning');
  // Where most points coincide the median area is 0.
  const spacing = Math.max(Math.sqrt(area), 1 / (frame.scale * LEAST_SPACING));
  const { mesh, pieces, edges, heldVertices } = finishMesh(
    engine,
    { cloud, taken, survey },
    {
      camera,
      spacing,
      trim: options.trim,
    },
    (fraction) => report(fraction, 'Cleaning'),
  );
  const outputBytes = Object.values(mesh).reduce((sum, array) => sum + array.byteLength, 0);
  report(1, 'Done');
  return {
    mesh,
    phases: clock.stop(),
    depth,
    pixelStep: step,
    areas: camera ? 'camera' : 'density',
    flippedEdges: edges.flipped,
    heldVertices,
    cell: 1 / frame.scale,
    spacing,
    stats: {
      points,
      vertices: mesh.positions.length / 3,
      triangles: mesh.indices.length / 3,
      boundaryEdges: edges.boundary,
      nonManifoldEdges: edges.nonManifold,
      components: pieces,
      elapsedMs: performance.now() - clock.begun,
      peakBytes: memory.buffer.byteLength + outputBytes,
      threads: engine.threads(),
    },
  };
}

/** Passes progress on, at most every 10 ms within a note, never going back (a solve may start again). */
function progressReport(onProgress: SurfaceProgress): SurfaceProgress {
  let highest = 0;
  let lastNote = '';
  let lastAt = 0;
  return (fraction, note) => {
    const now = performance.now();
    if (note === lastNote && now - lastAt < 10) return;
    highest = Math.max(highest, fraction);
    lastNote = note;
    lastAt = now;
    onProgress(highest, note);
  };
}

type PhaseClock = ReturnType<typeof phaseClock>;

function phaseClock(begun: number) {
  const phases: PhaseTime[] = [];
  let name = 'Looking at points';
  let since = begun;
  const close = () => {
    const now = performance.now();
    const elapsedMs = now - since;
    since = now;
    const same = phases.findIndex((p) => p.phase === name);
    if (same === -1) phases.push({ phase: name, elapsedMs });
    else phases[same] = { phase: name, elapsedMs: phases[same].elapsedMs + elapsedMs };
  };
  return {
    begun,
    start(next: string) {
      close();
      name = next;
    },
    stop() {
      close();
      return phases;
    },
  };
}

/** Numbers in the module's survey of a cloud. */
const surveyLength = ({ count }: OrientedCloud) => Math.ceil(count / SAMPLE_BLOCK) * SURVEY_NUMBERS;

/** Made once: tracing it takes 10 ms. */
let cubeTable: Uint8Array | undefined;

function copyCloud(cloud: OrientedCloud, memory: WebAssembly.Memory, wasm: Exports): void {
  const { count, positions, normals, colours, sides } = cloud;
  const { buffer } = memory;
  new Float32Array(buffer, wasm.positionsAt(), count * 3).set(positions.subarray(0, count * 3));
  new Float32Array(buffer, wasm.normalsAt(), count * 3).set(normals.subarray(0, count * 3));
  new Uint8Array(buffer, wasm.coloursAt(), count * 3).set(colours.subarray(0, count * 3));
  new Uint8Array(buffer, wasm.sidesAt(), count).set(sides.subarray(0, count));
  cubeTable ??= buildCubeTable();
  new Uint8Array(buffer, wasm.cubeTableAt(), CUBE_TABLE_BYTES).set(cubeTable);
}
