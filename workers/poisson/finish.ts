/**
 * From what the module drew to the mesh that is handed out: islands and bubbles go, nothing stands outside the
 * silhouette or is folded by that (unfold.ts), what has no colour gets one, every vertex its confidence, and the edges are
 * counted. The long loops run in the module, on all threads (assembly/pieces.ts, support.ts, silhouette.ts).
 */

import type { DepthCamera } from './camera.ts';
import { largePieces } from './clean.ts';
import type { Engine } from './engine.ts';
import { surfaceFailure } from './failures.ts';
import type { CloudSurvey } from './frame.ts';
import { renumber, subsetMesh, takeVertices } from './mesh-subset.ts';
import { type EdgeReport, reportEdges } from './topology.ts';
import { trimUnsupported } from './trim.ts';
import type { OrientedCloud, SurfaceMesh } from './types.ts';
import { unfold } from './unfold.ts';

export interface FinishedMesh {
  readonly mesh: SurfaceMesh;
  readonly pieces: number;
  readonly edges: EdgeReport;
  /** Vertices that were pulled back to the silhouette. */
  readonly heldVertices: number;
}

export interface FinishedClouds {
  /** As it came: the silhouette is made of all its points. */
  readonly cloud: OrientedCloud;
  /** What the solve used of it (thin-depth-map.ts). */
  readonly taken: OrientedCloud;
  /** Of what was taken. */
  readonly survey: CloudSurvey;
}

export interface FinishOptions {
  /** Of a depth map: then there is a silhouette. */
  readonly camera: DepthCamera | null;
  /** Of the samples, in the cloud's units. */
  readonly spacing: number;
  readonly trim: boolean;
}

/**
 * @param engine after `solve`.
 * @param report called with fractions of the whole run, from 0.9 on.
 * @throws SurfaceError E_BAD_CLOUD when nothing is left.
 */
export function finishMesh(
  engine: Engine,
  { cloud, taken, survey }: FinishedClouds,
  { camera, spacing, trim }: FinishOptions,
  report: (fraction: number) => void,
): FinishedMesh {
  const { wasm, memory } = engine;
  report(0.9);
  wasm.findPieces();
  const stays = largePieces(readPieces(engine));
  const pieces = stays.reduce((sum, n) => sum + n, 0);
  if (pieces === 0) throw surfaceFailure(2, 0);
  const pieceStaysAt = wasm.pieceStaysAt();
  new Uint8Array(memory.buffer, pieceStaysAt, stays.length).set(stays);
  wasm.tallyEdges();
  const edges = readTallies(engine);
  wasm.spreadColours();
  report(0.93);

  if (camera) givePositions(engine, cloud, false);
  const heldVertices = camera ? clampToSilhouette(engine, camera) : 0;
  const needsOthers = !camera || taken !== cloud || survey.withoutNormal > 0;
  if (needsOthers) givePositions(engine, taken, survey.withoutNormal > 0);
  wasm.measureSupport(...survey.low, ...survey.high, spacing);

  report(0.97);
  const vertices = wasm.vertexCount();
  // Which vertices stay; nobody looks where all do.
  const left = pieces < stays.length ? renumber(vertexStaysOf(engine, stays), trianglesOf(engine)) : null;
  const drawn = copyMesh(engine);
  const mesh = left ? subsetMesh(drawn, left.target, left.count, left.indices) : drawn;
  if (!trim) return { mesh, pieces, edges, heldVertices };
  const all = new Float32Array(memory.buffer, wasm.distancesAt(), vertices);
  const trimmed = trimUnsupported(mesh, left ? takeVertices(all, left.target, left.count) : all);
  return {
    ...trimmed,
    edges: reportEdges(trimmed.mesh.indices, trimmed.mesh.positions.length / 3),
    heldVertices,
  };
}

/** Moves vertices that stand outside the silhouette. Returns how many it moved. */
function clampToSilhouette(engine: Engine, camera: DepthCamera): number {
  const { wasm, memory } = engine;
  const length = wasm.vertexCount() * 3;
  const before = new Float32Array(memory.buffer, wasm.verticesAt(), length).slice();
  const held = wasm.clampToSilhouette(camera.z, camera.focalPx);
  if (held > 0)
    unfold(new Float32Array(memory.buffer, wasm.verticesAt(), length), before, trianglesOf(engine));
  return held;
}

/** Triangles and volume of every piece, from the module's runs of triangles. */
function readPieces({ wasm, memory }: Engine) {
  const triangles = new Uint32Array(wasm.pieceCount());
  const volumes = new Float64Array(wasm.pieceCount());
  const runs = wasm.runCount();
  const words = new Uint32Array(memory.buffer, wasm.runsAt(), runs * 4);
  const doubles = new Float64Array(memory.buffer, wasm.runsAt(), runs * 2);
  for (let k = 0; k < runs; k++) {
    triangles[words[k * 4]] += words[k * 4 + 1];
    volumes[words[k * 4]] += doubles[k * 2 + 1];
  }
  return { triangles, volumes };
}

function readTallies({ wasm, memory }: Engine): EdgeReport {
  const words = new Uint32Array(memory.buffer, wasm.talliesAt(), wasm.tallyBlocks() * 4);
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < words.length; i++) sums[i % 4] += words[i];
  const [edges, boundary, nonManifold, flipped] = sums;
  return { edges, boundary, nonManifold, flipped };
}

/** Copies the points into the module. @param withNormal only those that have a normal. */
function givePositions({ wasm, memory }: Engine, cloud: OrientedCloud, withNormal: boolean): void {
  const { count, positions, normals } = cloud;
  if (!withNormal) {
    const at = wasm.takePositions(count);
    new Float32Array(memory.buffer, at, count * 3).set(positions.subarray(0, count * 3));
    return;
  }
  const kept: number[] = [];
  for (let i = 0; i < count * 3; i += 3) {
    if (!(Math.hypot(normals[i], normals[i + 1], normals[i + 2]) > 1e-6)) continue;
    kept.push(positions[i], positions[i + 1], positions[i + 2]);
  }
  const at = wasm.takePositions(kept.length / 3);
  new Float32Array(memory.buffer, at, kept.length).set(kept);
}

/** Per vertex, 1 = belongs to a piece that stays. */
function vertexStaysOf({ wasm, memory }: Engine, stays: Uint8Array): Uint8Array {
  const pieces = new Uint32Array(memory.buffer, wasm.pieceOfAt(), wasm.vertexCount());
  return Uint8Array.from(pieces, (piece) => stays[piece]);
}

const trianglesOf = ({ wasm, memory }: Engine) =>
  new Uint32Array(memory.buffer, wasm.trianglesAt(), wasm.triangleCount() * 3);

function copyMesh(engine: Engine): SurfaceMesh {
  const { wasm, memory } = engine;
  const vertices = wasm.vertexCount();
  const buffer = memory.buffer;
  return {
    positions: new Float32Array(buffer, wasm.verticesAt(), vertices * 3).slice(),
    normals: new Float32Array(buffer, wasm.vertexNormalsAt(), vertices * 3).slice(),
    colours: new Uint8Array(buffer, wasm.vertexColoursAt(), vertices * 3).slice(),
    seen: new Uint8Array(buffer, wasm.vertexSeenAt(), vertices).slice(),
    confidence: new Uint8Array(buffer, wasm.confidenceAt(), vertices).slice(),
    indices: trianglesOf(engine).slice(),
  };
}
