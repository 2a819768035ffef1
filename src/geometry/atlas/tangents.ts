/**
 * Tangents as MikkTSpace defines them (Mikkelsen, "Simulation of Wrinkled Surfaces Revisited", 2008; what Blender, glTF and
 * game engines decode normal maps with), for meshes whose charts all are unmirrored: at a corner the direction of growing u
 * in its triangle, laid into the plane of the vertex normal, summed over the triangles of the vertex by their angles there.
 * The reference splits vertices where orientations meet; here they are split between charts already. A test compares with
 * three's port of it, which takes seconds for 400,000 triangles without a pause.
 */
import type { Steps } from '../../base/steps.ts';

const STEP = 4096;

/**
 * @param uvs v downward (glTF).
 * @returns 4 per vertex, w = 1: the bitangent, cross(normal, tangent), points up in the picture.
 */
export function* tangentsSteps(
  positions: Float32Array,
  normals: Float32Array,
  uvs: Float32Array,
  indices: Uint32Array,
): Steps<Float32Array<ArrayBuffer>> {
  const vertices = positions.length / 3;
  const sums = new Float64Array(vertices * 3);
  const edge = new Float64Array(9);
  for (let i = 0; i < indices.length; i += 3) {
    if (i % (3 * STEP) === 0) yield;
    const [a, b, c] = [indices[i], indices[i + 1], indices[i + 2]];
    for (let k = 0; k < 3; k++) {
      // Edge k runs from corner k to the next.
      edge[k] = positions[b * 3 + k] - positions[a * 3 + k];
      edge[3 + k] = positions[c * 3 + k] - positions[b * 3 + k];
      edge[6 + k] = positions[a * 3 + k] - positions[c * 3 + k];
    }
    const vb = uvs[b * 2 + 1] - uvs[a * 2 + 1];
    const vc = uvs[c * 2 + 1] - uvs[a * 2 + 1];
    const area = (uvs[b * 2] - uvs[a * 2]) * vc - vb * (uvs[c * 2] - uvs[a * 2]);
    const sign = area > 0 ? 1 : -1;
    const ux = sign * (vc * edge[0] + vb * edge[6]);
    const uy = sign * (vc * edge[1] + vb * edge[7]);
    const uz = sign * (vc * edge[2] + vb * edge[8]);
    for (let k = 0; k < 3; k++) {
      const v = indices[i + k];
      addCorner(sums, v, normals, ux, uy, uz, edge, k * 3, ((k + 2) % 3) * 3);
    }
  }
  const out = new Float32Array(vertices * 4);
  for (let v = 0; v < vertices; v++) {
    if (v % STEP === 0) yield;
    const [x, y, z] = [sums[v * 3], sums[v * 3 + 1], sums[v * 3 + 2]];
    const length = Math.sqrt(x * x + y * y + z * z);
    if (length > 1e-20) out.set([x / length, y / length, z / length, 1], v * 4);
    else out.set([...perpendicular(normals, v), 1], v * 4);
  }
  return out;
}

/** Adds a corner's tangent, weighted by the angle between its two edges in the plane of the normal. */
function addCorner(
  sums: Float64Array,
  v: number,
  normals: Float32Array,
  ux: number,
  uy: number,
  uz: number,
  edge: Float64Array,
  leaving: number,
  coming: number,
): void {
  const nx = normals[v * 3];
  const ny = normals[v * 3 + 1];
  const nz = normals[v * 3 + 2];
  const along = nx * ux + ny * uy + nz * uz;
  const tx = ux - along * nx;
  const ty = uy - along * ny;
  const tz = uz - along * nz;
  const length = Math.sqrt(tx * tx + ty * ty + tz * tz);
  if (!(length > 0)) return;
  const p = nx * edge[leaving] + ny * edge[leaving + 1] + nz * edge[leaving + 2];
  const q = nx * edge[coming] + ny * edge[coming + 1] + nz * edge[coming + 2];
  const px = edge[leaving] - p * nx;
  const py = edge[leaving + 1] - p * ny;
  const pz = edge[leaving + 2] - p * nz;
  const qx = q * nx - edge[coming];
  const qy = q * ny - edge[coming + 1];
  const qz = q * nz - edge[coming + 2];
  const both = Math.sqrt((px * px + py * py + pz * pz) * (qx * qx + qy * qy + qz * qz));
  if (!(both > 0)) return;
  const angle = Math.acos(Math.max(-1, Math.min(1, (px * qx + py * qy + pz * qz) / both)));
  sums[v * 3] += (angle * tx) / length;
  sums[v * 3 + 1] += (angle * ty) / length;
  sums[v * 3 + 2] += (angle * tz) / length;
}

/** Some unit vector across the normal. */
function perpendicular(normals: Float32Array, v: number): [number, number, number] {
  const [x, y, z] = [normals[v * 3], normals[v * 3 + 1], normals[v * 3 + 2]];
  const [tx, ty, tz] = Math.abs(x) < 0.9 ? [0, z, -y] : [-z, 0, x];
  const length = Math.sqrt(tx * tx + ty * ty + tz * tz) || 1;
  return [tx / length, ty / length, tz / length];
}
