/**
 * Fewer triangles with meshoptimizer's quadric simplifier; colour and normal differences count as error too, so that
 * a face or a print keeps more triangles than a plain sleeve.
 *
 * Where it collapses a thin neck or a small loop, parts of the mesh touch in an edge or a vertex; split-non-manifold.ts takes them
 * apart, so that a closed mesh stays closed and manifold. Islands that this makes go. What then cuts itself or has no area
 * is moved (part-crossings.ts).
 */
import { MeshoptSimplifier } from 'meshoptimizer/simplifier';
import { withoutScraps } from './clean.ts';
import { distinctPositions } from './distinct-positions.ts';
import { DROPPED, subsetMesh } from './mesh-subset.ts';
import { partCrossings } from './part-crossings.ts';
import { splitNonManifold } from './split-non-manifold.ts';
import type { SurfaceMesh } from './types.ts';

/**
 * Weight of a unit of normal and of full-scale colour against position error (relative to the mesh's size). Colour at 0.4
 * keeps hems and hairlines where they are. Against 0.05, means over the area of three sample figures of 390,000 to 430,000
 * triangles (depth 9): colour error 27 % less at 10,000 and 25 % less at 50,000 triangles; distance to the surface 0.46 to
 * 0.49 mm and 0.148 to 0.147 mm (person of 1.70 m), normals 3.7 to 3.5 and 1.95 to 1.89 degrees. 0.8 cost shape at 10,000.
 */
const NORMAL_WEIGHT = 0.05;
const COLOUR_WEIGHT = 0.4;
/** Of meeting the count; what must stay (`keep`) can make that impossible. */
const MOST_TRIES = 3;

/**
 * @param triangles most triangles wanted; a mesh that has no more is returned as it is.
 * @param keep per vertex, 1 where it must stay; left out: none must.
 * @returns a new mesh of at most that many triangles, unless `keep` asks for more; on a subset of the vertices.
 */
export async function simplifyMesh(
  given: SurfaceMesh,
  triangles: number,
  keep: Uint8Array | null = null,
): Promise<SurfaceMesh> {
  if (given.indices.length / 3 <= triangles) return given;
  const mesh = { ...given, positions: distinctPositions(given.positions) };
  await MeshoptSimplifier.ready;
  const vertices = mesh.positions.length / 3;
  const attributes = new Float32Array(vertices * 6);
  for (let v = 0; v < vertices; v++) {
    for (let k = 0; k < 3; k++) {
      attributes[v * 6 + k] = mesh.normals[v * 3 + k];
      attributes[v * 6 + 3 + k] = mesh.colours[v * 3 + k] / 255;
    }
  }
  const weights = [NORMAL_WEIGHT, NORMAL_WEIGHT, NORMAL_WEIGHT, COLOUR_WEIGHT, COLOUR_WEIGHT, COLOUR_WEIGHT];
  const made = (target: number) => {
    const [indices] = MeshoptSimplifier.simplifyWithAttributes(
      mesh.indices,
      mesh.positions,
      3,
      attributes,
      6,
      weights,
      keep,
      target * 3,
      1,
    );
    const fewer = withVertices(mesh, indices);
    const { sources, ...parted } = splitNonManifold(fewer.positions, fewer.indices);
    return withoutScraps({ ...copyVertices(fewer, sources), ...parted }).mesh;
  };
  let whole = made(triangles);
  // Taking it apart where it touches itself may add a few: then as many fewer are asked for.
  for (let tries = 0, target = triangles; tries < MOST_TRIES; tries++) {
    const over = whole.indices.length / 3 - triangles;
    if (over <= 0) break;
    target -= over + (over % 2);
    if (target <= 0) break;
    whole = made(target);
  }
  return { ...whole, positions: partCrossings(distinctPositions(whole.positions), whole.indices).positions };
}

/** Every vertex array of the result has the values of the vertices that `sources` names. */
function copyVertices(mesh: SurfaceMesh, sources: Uint32Array) {
  const copy = <A extends Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(values: A): A => {
    const width = values.length / mesh.seen.length;
    const copied = new (values.constructor as new (length: number) => A)(sources.length * width);
    for (let v = 0; v < sources.length; v++) {
      for (let k = 0; k < width; k++) copied[v * width + k] = values[sources[v] * width + k];
    }
    return copied;
  };
  return {
    normals: copy(mesh.normals),
    colours: copy(mesh.colours),
    seen: copy(mesh.seen),
    confidence: copy(mesh.confidence),
  };
}

/** The mesh with other triangles and without the vertices that they do not use. */
function withVertices(mesh: SurfaceMesh, triangles: Uint32Array): SurfaceMesh {
  const indices = triangles.slice();
  const [numbers, count] = MeshoptSimplifier.compactMesh(indices);
  // It ends with the last vertex in use.
  const target = new Uint32Array(mesh.seen.length).fill(DROPPED);
  target.set(numbers);
  return subsetMesh(mesh, target, count, indices);
}
