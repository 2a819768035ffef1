/**
 * Finer where it matters: the triangles inside given spheres (a face, a hand) that the camera saw are split until they are
 * about as large as its pixels, and their vertices moved along their rays onto the depth map. There it is a height field, so
 * nothing folds. The cells of depth 11 are smaller than a pixel: what it has more than depth 9 is what the depth map has.
 * The way fades to 0 at the
 * sphere's edge and where the surface turns away. Splitting keeps a mesh closed and manifold.
 *
 * Tried and left: a second solve in each sphere, as fine as depth 11, and the vertices moved along their normals onto it: the
 * same face to the eye, but 16 s of processor time for one of 20 cm, because what is cut out of a cloud is closed with a
 * bubble of four times its area (depth 9 of the whole figure, measured beside it: 2 s). Depths smoothed by (1 2 1) before:
 * normals 2.3 instead of 2.0 degrees from those of depth 11. Edges of up to 1.4 pixels: 2.4.
 */
import { type DepthCamera, HALF_PX } from './camera.ts';
import { distinctPositions } from './distinct-positions.ts';
import { sturdyTest } from './flat-triangles.ts';
import { numbersTo } from './intersections.ts';
import { renumber, subsetMesh } from './mesh-subset.ts';
import { mayMeet } from './moved-along-rays.ts';
import { partCrossings } from './part-crossings.ts';
import { simplifyMesh } from './simplify.ts';
import type { OrientedCloud, SurfaceMesh } from './types.ts';

/** A place that deserves more triangles. */
export interface Focus {
  /** In the cloud's frame and unit. */
  readonly centre: readonly [number, number, number];
  readonly radius: number;
  /** Length of the edges wanted, pixels. */
  readonly edgePx: number;
}

/** Up to this share of the radius, vertices go their whole way. */
const WHOLE_SHARE = 0.7;
/** Cosines of the angle to the ray between which a surface is too slanted for the depth map and is not. */
const SLANTED = 0.2;
const SQUARE = 0.45;
/** A vertex goes at most this far along its ray, in cells of the grid that the mesh came from: beyond is another sheet. */
const REACH_CELLS = 1.5;
/** Neighbouring pixels of one sheet differ in depth by less than this, px. */
const SAME_SHEET_PX = 4;
/** Times that edges can be halved. */
const MOST_HALVINGS = 3;
/** Of all triangles, what the places may take; where that is not enough their edges are longer. */
const MOST_SHARE = 0.75;
/** Halvings are as many as make edges as short as wanted, less this part of one. */
const SPARED = 0.2;
/** Points farther than this from a pixel's centre are no pixels (the rim's), px. */
const OFF_CENTRE_PX = 0.1;

export interface RefineOptions {
  /** Width of a cell of the grid that the mesh came from, in the cloud's units. */
  readonly cell: number;
  /** Most triangles of the result; those inside a focus stay. */
  readonly triangles: number;
}

/**
 * @param mesh  closed; not changed.
 * @param cloud that it was solved from: pixels of the camera's depth maps.
 * @returns a closed mesh of at most about that many triangles.
 */
export async function refineMesh(
  mesh: SurfaceMesh,
  cloud: OrientedCloud,
  camera: DepthCamera,
  focuses: readonly Focus[],
  { cell, triangles }: RefineOptions,
): Promise<SurfaceMesh> {
  const places = focuses.flatMap((focus) => {
    const map = depthMapIn(cloud, camera, focus);
    if (!map) return [];
    const edge = (focus.edgePx * map.away) / camera.focalPx;
    const halvings = Math.min(MOST_HALVINGS, Math.ceil(Math.log2(cell / edge) - SPARED));
    // Else the grid was as fine.
    return halvings > 0 ? [{ focus, map, halvings }] : [];
  });
  if (places.length === 0) return simplifyMesh(mesh, triangles);
  const division = divisionOf(mesh, camera, places);
  if (division.more > MOST_SHARE * triangles) {
    const coarser = focuses.map((focus) => ({ ...focus, edgePx: focus.edgePx * 2 }));
    return refineMesh(mesh, cloud, camera, coarser, { cell, triangles });
  }
  const { corners, more } = division;
  // Simplified before it is divided: there is less to look at, and inside every vertex stays.
  const outside = await simplifyMesh(mesh, triangles - more, corners);
  const divided = dividedIn(outside, camera, places);
  const { bent, moves } = onDepthMaps(divided, camera, places, cell);
  const positions = distinctPositions(bent.positions);
  const isSturdy = sturdyTest(positions, bent.indices);
  const flat = numbersTo(bent.indices.length / 3).filter((t) => !isSturdy(t));
  const meeting = mayMeet(positions, bent.indices, moves, camera, cell * REACH_CELLS);
  const among = flat.length > 0 ? Uint32Array.from(new Set([...meeting, ...flat])) : meeting;
  return { ...bent, positions: partCrossings(positions, bent.indices, among).positions };
}

interface Place {
  readonly focus: Focus;
  readonly map: DepthMap;
  /** Of edges, until they are as long as wanted. */
  readonly halvings: number;
}

/** Where triangles will be divided: the corners of these, and how many triangles more there will be. */
function divisionOf(mesh: SurfaceMesh, camera: DepthCamera, places: readonly Place[]) {
  const weights = mostOf(mesh, camera, places);
  const corners = new Uint8Array(weights.length);
  const { indices } = mesh;
  for (let i = 0; i < indices.length; i += 3) {
    if (weights[indices[i]] + weights[indices[i + 1]] + weights[indices[i + 2]] === 0) continue;
    corners[indices[i]] = corners[indices[i + 1]] = corners[indices[i + 2]] = 1;
  }
  const { target, count, indices: own } = renumber(corners, indices);
  const there = subsetMesh(mesh, target, count, own);
  const more = (dividedIn(there, camera, places).indices.length - own.length) / 3;
  return { corners, more };
}

function dividedIn(mesh: SurfaceMesh, camera: DepthCamera, places: readonly Place[]): SurfaceMesh {
  let divided = mesh;
  for (let k = 0; k < MOST_HALVINGS; k++) {
    const those = places.filter(({ halvings }) => halvings > k);
    if (those.length > 0) divided = halved(divided, mostOf(divided, camera, those));
  }
  return divided;
}

/** Per vertex the largest of its weights in the places. */
function mostOf(mesh: SurfaceMesh, camera: DepthCamera, places: readonly Place[]): Float32Array {
  const most = new Float32Array(mesh.seen.length);
  for (const { focus } of places) {
    const weights = weightsOf(mesh, camera, focus);
    for (let v = 0; v < most.length; v++) if (weights[v] > most[v]) most[v] = weights[v];
  }
  return most;
}

function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** Per vertex 1 well inside the focus and square to the camera, 0 outside or turned away. */
function weightsOf({ positions, normals }: SurfaceMesh, camera: DepthCamera, focus: Focus): Float32Array {
  const { centre, radius } = focus;
  const weights = new Float32Array(positions.length / 3);
  for (let v = 0; v < weights.length; v++) {
    const x = positions[v * 3];
    const y = positions[v * 3 + 1];
    const z = positions[v * 3 + 2];
    const away = Math.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2);
    if (away >= radius) continue;
    const toCamera = camera.z - z;
    const n = Math.sqrt(normals[v * 3] ** 2 + normals[v * 3 + 1] ** 2 + normals[v * 3 + 2] ** 2) || 1;
    const cosine =
      (normals[v * 3 + 2] * toCamera - normals[v * 3] * x - normals[v * 3 + 1] * y) /
      (n * Math.sqrt(x * x + y * y + toCamera * toCamera));
    weights[v] = (1 - smoothstep(WHOLE_SHARE, 1, away / radius)) * smoothstep(SLANTED, SQUARE, cosine);
  }
  return weights;
}

/** The front's points in a focus by the pixels that they are of. */
interface DepthMap {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Distance along the camera's axis in the cloud's units; 0: no point. */
  readonly depths: Float32Array;
  /** 3 per pixel. */
  readonly colours: Uint8Array;
  /** Mean of the depths. */
  readonly away: number;
}

function depthMapIn(cloud: OrientedCloud, camera: DepthCamera, { centre, radius }: Focus): DepthMap | null {
  const { positions, sides } = cloud;
  const toCamera = camera.z - centre[2];
  const scale = camera.focalPx / toCamera;
  const reach = Math.ceil(radius * scale * 1.1) + 2;
  const left = Math.floor(centre[0] * scale + HALF_PX) - reach;
  const top = Math.floor(HALF_PX - centre[1] * scale) - reach;
  const side = 2 * reach + 1;
  const depths = new Float32Array(side * side);
  const colours = new Uint8Array(side * side * 3);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < cloud.count; i++) {
    if (sides[i] !== 0) continue;
    const z = camera.z - positions[i * 3 + 2];
    const u = (positions[i * 3] / z) * camera.focalPx + HALF_PX;
    const v = HALF_PX - (positions[i * 3 + 1] / z) * camera.focalPx;
    const column = Math.floor(u);
    const row = Math.floor(v);
    if (column < left || row < top || column >= left + side || row >= top + side) continue;
    if (Math.abs(u - column - 0.5) > OFF_CENTRE_PX || Math.abs(v - row - 0.5) > OFF_CENTRE_PX) continue;
    const o = (row - top) * side + column - left;
    depths[o] = z;
    for (let k = 0; k < 3; k++) colours[o * 3 + k] = cloud.colours[i * 3 + k];
    sum += z;
    count++;
  }
  if (count === 0) return null;
  const away = sum / count;
  return { left, top, width: side, height: side, depths, colours, away };
}

/** Edges with both ends inside are halved; triangles are split so that neighbours fit. */
function halved(mesh: SurfaceMesh, inside: Float32Array): SurfaceMesh {
  const { indices } = mesh;
  const vertices = mesh.seen.length;
  const middles = new Map<number, number>();
  const ends: number[] = [];
  const middle = (a: number, b: number): number => {
    if (inside[a] === 0 || inside[b] === 0) return -1;
    const key = Math.min(a, b) * vertices + Math.max(a, b);
    let found = middles.get(key);
    if (found === undefined) {
      found = vertices + ends.length / 2;
      middles.set(key, found);
      ends.push(a, b);
    }
    return found;
  };
  let touched = 0;
  for (let i = 0; i < indices.length; i += 3) {
    if (inside[indices[i]] + inside[indices[i + 1]] + inside[indices[i + 2]] > 0) touched++;
  }
  // A triangle becomes four at most.
  const out = new Uint32Array(indices.length + touched * 9);
  let n = 0;
  const put = (a: number, b: number, c: number) => {
    out[n] = a;
    out[n + 1] = b;
    out[n + 2] = c;
    n += 3;
  };
  for (let i = 0; i < indices.length; i += 3) {
    const a = indices[i];
    const b = indices[i + 1];
    const c = indices[i + 2];
    const ab = middle(a, b);
    const bc = middle(b, c);
    const ca = middle(c, a);
    if (ab >= 0 && bc >= 0 && ca >= 0) {
      put(a, ab, ca);
      put(ab, b, bc);
      put(ca, bc, c);
      put(ab, bc, ca);
    } else if (ab >= 0) {
      // With both ends of two edges inside, all three are: one edge is left.
      put(a, ab, c);
      put(ab, b, c);
    } else if (bc >= 0) {
      put(b, bc, a);
      put(bc, c, a);
    } else if (ca >= 0) {
      put(c, ca, b);
      put(ca, a, b);
    } else put(a, b, c);
  }
  const more = ends.length / 2;
  const grow = <A extends Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(values: A): A => {
    const width = values.length / vertices;
    const grown = new (values.constructor as new (length: number) => A)((vertices + more) * width);
    grown.set(values);
    for (let m = 0; m < more; m++) {
      const [a, b] = [ends[m * 2] * width, ends[m * 2 + 1] * width];
      for (let k = 0; k < width; k++) grown[(vertices + m) * width + k] = (values[a + k] + values[b + k]) / 2;
    }
    return grown;
  };
  return {
    positions: grow(mesh.positions),
    normals: grow(mesh.normals),
    colours: grow(mesh.colours),
    seen: grow(mesh.seen),
    confidence: grow(mesh.confidence),
    indices: out.slice(0, n),
  };
}

/** The vertices inside, on the depth maps: places and colours of these, normals of the triangles. @returns which were moved, too. */
function onDepthMaps(mesh: SurfaceMesh, camera: DepthCamera, places: readonly Place[], cell: number) {
  const positions = mesh.positions.slice();
  const colours = mesh.colours.slice();
  const went = new Float32Array(mesh.seen.length);
  for (const { focus, map } of places) {
    const weights = weightsOf({ ...mesh, positions }, camera, focus);
    moveOnto(map, camera, cell, weights, positions, colours, went);
  }
  const bent = { ...mesh, positions, normals: bentNormals(mesh, positions, went), colours };
  return { bent, moves: Uint8Array.from(went, (weight) => (weight > 0 ? 1 : 0)) };
}

/** Changes `positions` and `colours`; `went` gets the weights of the vertices that were moved. */
function moveOnto(
  { left, top, width, height, depths, colours: shades, away: distance }: DepthMap,
  camera: DepthCamera,
  cell: number,
  weights: Float32Array,
  positions: Float32Array,
  colours: Uint8Array,
  went: Float32Array,
): void {
  const sheet = (SAME_SHEET_PX * distance) / camera.focalPx;
  const share = [0, 0, 0, 0];
  for (let v = 0; v < weights.length; v++) {
    if (weights[v] === 0) continue;
    const away = camera.z - positions[v * 3 + 2];
    const u = (positions[v * 3] / away) * camera.focalPx + HALF_PX - left - 0.5;
    const w = HALF_PX - (positions[v * 3 + 1] / away) * camera.focalPx - top - 0.5;
    const column = Math.floor(u);
    const row = Math.floor(w);
    if (column < 1 || row < 1 || column + 2 >= width || row + 2 >= height) continue;
    const first = row * width + column;
    // Linear between the four pixels around; all of them of one sheet, or the vertex stays.
    share[0] = (1 - u + column) * (1 - w + row);
    share[1] = (u - column) * (1 - w + row);
    share[2] = (1 - u + column) * (w - row);
    share[3] = (u - column) * (w - row);
    let depth = 0;
    let [near, far] = [Infinity, 0];
    for (let k = 0; k < 4; k++) {
      const d = depths[first + (k >> 1) * width + (k & 1)];
      depth += d * share[k];
      near = Math.min(near, d);
      far = Math.max(far, d);
    }
    if (near === 0 || far - near > sheet || Math.abs(depth - away) > REACH_CELLS * cell) continue;
    const factor = 1 + (depth / away - 1) * weights[v];
    // Along the ray, which begins at (0, 0, camera.z).
    positions[v * 3] *= factor;
    positions[v * 3 + 1] *= factor;
    positions[v * 3 + 2] = camera.z - away * factor;
    for (let c = 0; c < 3; c++) {
      let colour = 0;
      for (let k = 0; k < 4; k++) colour += shades[(first + (k >> 1) * width + (k & 1)) * 3 + c] * share[k];
      colours[v * 3 + c] = Math.round(colours[v * 3 + c] + (colour - colours[v * 3 + c]) * weights[v]);
    }
    went[v] = Math.max(went[v], weights[v]);
  }
}

/** Normals of the triangles around, weighted by their areas, where vertices went; as much of them as these went. */
function bentNormals(
  { normals, indices }: SurfaceMesh,
  positions: Float32Array,
  went: Float32Array,
): Float32Array<ArrayBuffer> {
  const sums = new Float32Array(normals.length);
  for (let i = 0; i < indices.length; i += 3) {
    const [a, b, c] = [indices[i] * 3, indices[i + 1] * 3, indices[i + 2] * 3];
    if (went[indices[i]] + went[indices[i + 1]] + went[indices[i + 2]] === 0) continue;
    const ux = positions[b] - positions[a];
    const uy = positions[b + 1] - positions[a + 1];
    const uz = positions[b + 2] - positions[a + 2];
    const vx = positions[c] - positions[a];
    const vy = positions[c + 1] - positions[a + 1];
    const vz = positions[c + 2] - positions[a + 2];
    for (const at of [a, b, c]) {
      sums[at] += uy * vz - uz * vy;
      sums[at + 1] += uz * vx - ux * vz;
      sums[at + 2] += ux * vy - uy * vx;
    }
  }
  const out = normals.slice();
  for (let v = 0; v < went.length; v++) {
    if (went[v] === 0) continue;
    const own = Math.hypot(out[v * 3], out[v * 3 + 1], out[v * 3 + 2]) || 1;
    const bent = Math.hypot(sums[v * 3], sums[v * 3 + 1], sums[v * 3 + 2]) || 1;
    let length = 0;
    for (let k = 0; k < 3; k++) {
      out[v * 3 + k] = (out[v * 3 + k] / own) * (1 - went[v]) + (sums[v * 3 + k] / bent) * went[v];
      length += out[v * 3 + k] ** 2;
    }
    for (let k = 0; k < 3; k++) out[v * 3 + k] /= Math.sqrt(length) || 1;
  }
  return out;
}
