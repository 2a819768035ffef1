/**
 * Runs the WebAssembly module on one cloud: checks and copies the input, solves, copies the result out, cleans it.
 * Works in a worker and in Node; the caller brings the compiled module. Synchronous: it blocks its thread.
 */
import type { SurfaceMesh, SurfaceStats } from '../../src/digitizer/types.ts';
import type { OrientedCloud } from '../../src/gpu/kernel-set.ts';
import type { SurfaceOptions, SurfaceProgress } from '../surface-api.ts';
import { keepLargePieces, type RawMesh, spreadColours } from './clean.ts';
import { confidenceOf, measureSupport } from './confidence.ts';
import type { Crew } from './crew.ts';
import { buildCubeTable, CUBE_TABLE_BYTES } from './cube-table.ts';
import { createEngine, type Engine, type Exports } from './engine.ts';
import { holdInsideSilhouette } from './envelope.ts';
import { badCloud, HelperLost, outOfMemory, surfaceFailure } from './failures.ts';
import { CAMERA_Z, type CloudSurvey, FOCAL_PX, frameFor, isDepthMap, surveyCloud } from './frame.ts';
import { reportEdges } from './topology.ts';
import { trimUnsupported } from './trim.ts';

export const SHALLOWEST = 4;
export const DEEPEST = 11;
/** Steps of conjugate gradients a level; see README, "Iterations". */
const ITERATIONS = 5;
/** A sample may stand for at most this many finest cells^2; thinner clouds get a coarser grid. */
const MOST_CELLS_A_SAMPLE = 16;
/** Values that a median looks at, at most. */
const MOST_SORTED = 1 << 16;
const PHASES = [
  'Reading points',
  'Spreading normals',
  'Coarser grids',
  'Coarse shape',
  'Refining',
  'Drawing the mesh',
];

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
  /** Whether point areas come from the camera (exact) or from the density. */
  readonly areas: 'camera' | 'density';
  /** Edges whose triangles disagree about the outside; 0. */
  readonly flippedEdges: number;
  /** Vertices that were pulled back to the silhouette (envelope.ts). */
  readonly heldVertices: number;
  /** Typical distance between neighbouring samples, in the cloud's units: the square root of the median area. */
  readonly spacing: number;
}

/**
 * Screened Poisson reconstruction of an oriented cloud.
 *
 * @param module compiled build/poisson.wasm.
 * @param cloud  stays the caller's; points without a normal are left out.
 * @param crew   helper threads (crew.ts) that share the work; they are what counts, not options.threads. The mesh has
 *               the same bytes with and without. One that breaks is disposed of, and the solve starts again alone.
 * @returns a closed mesh (open where it was trimmed), triangles counter-clockwise seen from outside; the caller owns
 *   its arrays.
 * @throws StageError E_BAD_CLOUD, E_MEMORY.
 */
export function solveSurface(
  module: WebAssembly.Module,
  cloud: OrientedCloud,
  options: SurfaceOptions,
  onProgress: SurfaceProgress = () => {},
  crew: Crew | null = null,
): SolveResult {
  const begun = performance.now();
  if (!Number.isInteger(options.depth) || options.depth < SHALLOWEST || options.depth > DEEPEST) {
    throw badCloud(`depth ${options.depth} is not between ${SHALLOWEST} and ${DEEPEST}`, 'Choose 9 or 10.');
  }
  if (!(options.pointWeight >= 0 && options.pointWeight <= 1000)) {
    throw badCloud(`point weight ${options.pointWeight} is not between 0 and 1000`, 'Choose 8.');
  }
  const survey = surveyCloud(cloud);
  const report = progressReport(onProgress);
  try {
    return solveOnce(module, cloud, options, survey, phaseClock(begun), report, crew);
  } catch (thrown) {
    if (!(thrown instanceof HelperLost)) throw thrown;
    crew?.dispose();
    return solveOnce(module, cloud, options, survey, phaseClock(begun), report, null);
  }
}

function solveOnce(
  module: WebAssembly.Module,
  cloud: OrientedCloud,
  options: SurfaceOptions,
  survey: CloudSurvey,
  clock: PhaseClock,
  report: SurfaceProgress,
  crew: Crew | null,
): SolveResult {
  const engine = createEngine(module, crew, (fraction, phase) => {
    clock.start(PHASES[phase]);
    report(fraction, PHASES[phase]);
  });
  try {
    return solveWith(engine, cloud, options, survey, clock, report);
  } finally {
    engine.dismiss();
  }
}

function solveWith(
  engine: Engine,
  cloud: OrientedCloud,
  options: SurfaceOptions,
  survey: CloudSurvey,
  clock: PhaseClock,
  report: SurfaceProgress,
): SolveResult {
  const { wasm, memory } = engine;
  clock.start('Checking points');
  const camera = isDepthMap(cloud);
  let depth = options.depth;
  const place = () => {
    const frame = frameFor(survey, depth);
    wasm.setFrame(depth, frame.origin[0], frame.origin[1], frame.origin[2], frame.scale);
    return frame;
  };
  const points = cloud.count - survey.withoutNormal;
  engine.begin(points);
  copyCloud(cloud, points, memory, wasm);
  let frame = place();
  if (camera) wasm.areasByCamera(CAMERA_Z, FOCAL_PX);
  else wasm.areasByDensity();
  const area = medianOf(new Float32Array(memory.buffer, wasm.areasAt(), points));
  if (!camera) {
    while (depth > SHALLOWEST && area * frame.scale ** 2 > MOST_CELLS_A_SAMPLE) {
      depth--;
      frame = place();
    }
  }
  requireOutwardNormals(memory, wasm, points);
  try {
    wasm.solve(options.pointWeight, ITERATIONS);
  } catch (thrown) {
    if (thrown instanceof RangeError || thrown instanceof WebAssembly.RuntimeError) {
      throw outOfMemory(memory.buffer.byteLength);
    }
    throw thrown;
  }
  clock.start('Cleaning');
  report(0.9, 'Cleaning');
  const raw = copyMesh(memory, wasm);
  const cleaned = keepLargePieces(raw);
  if (cleaned.pieces === 0) throw surfaceFailure(2, 0);
  const heldVertices = camera ? holdInsideSilhouette(cleaned.mesh.positions, cloud) : 0;
  const spacing = Math.sqrt(area);
  const { mesh, pieces } = finish(cleaned.mesh, cleaned.pieces, cloud, spacing, options.trim);
  const edges = reportEdges(mesh.indices, mesh.positions.length / 3);
  const outputBytes = Object.values(mesh).reduce((sum, array) => sum + array.byteLength, 0);
  report(1, 'Done');
  return {
    mesh,
    phases: clock.stop(),
    depth,
    areas: camera ? 'camera' : 'density',
    flippedEdges: edges.flipped,
    heldVertices,
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

/** Copies the points that have a normal, with the normals made unit. */
function copyCloud(cloud: OrientedCloud, points: number, memory: WebAssembly.Memory, wasm: Exports): void {
  const positions = new Float32Array(memory.buffer, wasm.positionsAt(), points * 3);
  const normals = new Float32Array(memory.buffer, wasm.normalsAt(), points * 3);
  const colours = new Uint8Array(memory.buffer, wasm.coloursAt(), points * 3);
  const sides = new Uint8Array(memory.buffer, wasm.sidesAt(), points);
  let to = 0;
  for (let i = 0; i < cloud.count; i++) {
    const at = i * 3;
    const nx = cloud.normals[at];
    const ny = cloud.normals[at + 1];
    const nz = cloud.normals[at + 2];
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz);
    if (!(length > 1e-6)) continue;
    for (let k = 0; k < 3; k++) {
      positions[to * 3 + k] = cloud.positions[at + k];
      normals[to * 3 + k] = cloud.normals[at + k] / length;
      colours[to * 3 + k] = cloud.colours[at + k];
    }
    sides[to++] = cloud.sides[i];
  }
  new Uint8Array(memory.buffer, wasm.cubeTableAt(), CUBE_TABLE_BYTES).set(buildCubeTable());
}

/** The divergence theorem's volume of the cloud must not be clearly negative. */
function requireOutwardNormals(memory: WebAssembly.Memory, wasm: Exports, points: number): void {
  const positions = new Float32Array(memory.buffer, wasm.positionsAt(), points * 3);
  const normals = new Float32Array(memory.buffer, wasm.normalsAt(), points * 3);
  const areas = new Float32Array(memory.buffer, wasm.areasAt(), points);
  const centre = [0, 0, 0];
  for (let i = 0; i < points * 3; i++) centre[i % 3] += positions[i] / points;
  let volume = 0;
  let size = 0;
  for (let i = 0; i < points; i++) {
    let along = 0;
    for (let k = 0; k < 3; k++) along += (positions[i * 3 + k] - centre[k]) * normals[i * 3 + k];
    volume += areas[i] * along;
    size += areas[i] * Math.abs(along);
  }
  if (volume < -0.2 * size) throw badCloud('its normals point into the body', 'Turn all normals round.');
}

/** Median, of every n-th value where there are many. */
function medianOf(values: Float32Array): number {
  const step = Math.ceil(values.length / MOST_SORTED);
  const some = Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step]);
  return some.sort()[some.length >> 1];
}

/** Colours for what has none, confidence, and the trim where it is wanted. */
function finish(raw: RawMesh, pieces: number, cloud: OrientedCloud, spacing: number, trim: boolean) {
  const { supported, ...kept } = raw;
  spreadColours(kept.colours, supported, kept.indices);
  const distances = measureSupport(kept.positions, cloud, spacing);
  const mesh: SurfaceMesh = { ...kept, confidence: confidenceOf(distances, kept.seen) };
  return trim ? trimUnsupported(mesh, distances) : { mesh, pieces };
}

function copyMesh(memory: WebAssembly.Memory, wasm: Exports): RawMesh {
  const vertices = wasm.vertexCount();
  const triangles = wasm.triangleCount();
  const buffer = memory.buffer;
  const rgba = new Uint8Array(buffer, wasm.vertexColoursAt(), vertices * 4);
  const colours = new Uint8Array(vertices * 3);
  const supported = new Uint8Array(vertices);
  for (let v = 0; v < vertices; v++) {
    colours[v * 3] = rgba[v * 4];
    colours[v * 3 + 1] = rgba[v * 4 + 1];
    colours[v * 3 + 2] = rgba[v * 4 + 2];
    supported[v] = rgba[v * 4 + 3];
  }
  return {
    positions: new Float32Array(buffer, wasm.verticesAt(), vertices * 3).slice(),
    normals: new Float32Array(buffer, wasm.vertexNormalsAt(), vertices * 3).slice(),
    colours,
    seen: new Uint8Array(buffer, wasm.vertexSeenAt(), vertices).slice(),
    supported,
    indices: new Uint32Array(buffer, wasm.trianglesAt(), triangles * 3).slice(),
  };
}
