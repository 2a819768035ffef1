/** A SurfaceMesh as three.js geometry, and the numbers a camera needs. Owns GPU buffers: dispose() frees them. */

import { BufferAttribute, BufferGeometry, Sphere, Vector3 } from 'three';
import type { SurfaceMesh } from '../base/mesh.ts';
import { confidenceVertexColours, linearVertexColours, seenVertexColours } from './colour.ts';

/** What the vertices are coloured by. */
export type Paint = 'photo' | 'seen' | 'confidence';

const PAINTS: Readonly<Record<Paint, (mesh: SurfaceMesh) => Uint16Array<ArrayBuffer>>> = {
  photo: (mesh) => linearVertexColours(mesh.colours),
  seen: (mesh) => seenVertexColours(mesh.seen),
  confidence: (mesh) => confidenceVertexColours(mesh.confidence),
};

export interface FigureGeometry {
  /** Triangles; attributes position, normal, one of the paints as `color`. */
  readonly surface: BufferGeometry;
  /** Each edge once. Made on first call: a closed mesh has half as many edges again as triangles. */
  edges(): BufferGeometry;
  /** Gives the vertices their attribute `reach`, the mean length of their edges, once; wires and points are drawn by it. */
  measureEdges(): void;
  paint(which: Paint): void;
  /** Colours of the caller's, linear 16 bit, 4 per vertex; the same array is uploaded once. */
  paintWith(colours: Uint16Array<ArrayBuffer>): void;
  readonly bounds: FigureBounds;
  dispose(): void;
}

export interface FigureBounds {
  readonly centre: Vector3;
  readonly size: Vector3;
  /** Height of the soles. */
  readonly floorY: number;
}

/** Bounding box of positions (3 per vertex), one pass. */
export function measureFigure(positions: Float32Array): FigureBounds {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < positions.length; i += 3) {
    for (let c = 0; c < 3; c++) {
      const v = positions[i + c];
      if (v < low[c]) low[c] = v;
      if (v > high[c]) high[c] = v;
    }
  }
  const empty = positions.length === 0;
  const min = empty ? new Vector3() : new Vector3(...low);
  const max = empty ? new Vector3(1, 1, 1) : new Vector3(...high);
  return {
    centre: min.clone().add(max).multiplyScalar(0.5),
    size: max.clone().sub(min),
    floorY: min.y,
  };
}

/** Index pairs of all edges of a closed, consistently wound mesh: each edge runs upward in exactly one triangle. */
export function edgeIndices(triangles: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(triangles.length);
  let n = 0;
  for (let i = 0; i < triangles.length; i += 3) {
    const a = triangles[i];
    const b = triangles[i + 1];
    const c = triangles[i + 2];
    if (a < b) {
      out[n++] = a;
      out[n++] = b;
    }
    if (b < c) {
      out[n++] = b;
      out[n++] = c;
    }
    if (c < a) {
      out[n++] = c;
      out[n++] = a;
    }
  }
  return out.slice(0, n);
}

/** Mean length of the edges at each vertex, mesh units; 0 at vertices without any. */
export function edgeLengths(positions: Float32Array, triangles: Uint32Array): Float32Array<ArrayBuffer> {
  const sum = new Float32Array(positions.length / 3);
  const count = new Uint8Array(sum.length);
  for (let i = 0; i < triangles.length; i += 3) {
    for (let k = 0; k < 3; k++) {
      const a = triangles[i + k];
      const b = triangles[i + ((k + 1) % 3)];
      // A vertex at which more triangles meet than a byte counts has its mean all the same.
      if (count[a] === 255) continue;
      const x = positions[3 * a] - positions[3 * b];
      const y = positions[3 * a + 1] - positions[3 * b + 1];
      const z = positions[3 * a + 2] - positions[3 * b + 2];
      sum[a] += Math.sqrt(x * x + y * y + z * z);
      count[a]++;
    }
  }
  for (let v = 0; v < sum.length; v++) if (count[v] > 0) sum[v] /= count[v];
  return sum;
}

export function createFigureGeometry(mesh: SurfaceMesh): FigureGeometry {
  const surface = new BufferGeometry();
  surface.setAttribute('position', new BufferAttribute(mesh.positions, 3));
  surface.setAttribute('normal', new BufferAttribute(mesh.normals, 3));
  surface.setIndex(new BufferAttribute(mesh.indices, 1));
  const bounds = measureFigure(mesh.positions);
  surface.boundingSphere = new Sphere(bounds.centre.clone(), bounds.size.length() / 2);
  const colours = new Map<Paint, BufferAttribute>();
  let own: BufferAttribute | null = null;
  let edges: BufferGeometry | null = null;

  function paint(which: Paint): void {
    let attribute = colours.get(which);
    if (!attribute) {
      attribute = new BufferAttribute(PAINTS[which](mesh), 4, true);
      colours.set(which, attribute);
    }
    surface.setAttribute('color', attribute);
  }
  paint('photo');

  function paintWith(given: Uint16Array<ArrayBuffer>): void {
    if (own?.array !== given) {
      // What is dropped stays on the GPU until the geometry goes: write into the one that is there.
      if (own && own.array.length === given.length) {
        own.array = given;
        own.needsUpdate = true;
      } else own = new BufferAttribute(given, 4, true);
    }
    surface.setAttribute('color', own);
  }

  function measureEdges(): void {
    if (surface.hasAttribute('reach')) return;
    surface.setAttribute('reach', new BufferAttribute(edgeLengths(mesh.positions, mesh.indices), 1));
  }

  return {
    surface,
    bounds,
    paint,
    paintWith,
    measureEdges,
    edges() {
      if (!edges) {
        measureEdges();
        edges = new BufferGeometry();
        for (const name of ['position', 'normal', 'reach'])
          edges.setAttribute(name, surface.getAttribute(name));
        edges.setIndex(new BufferAttribute(edgeIndices(mesh.indices), 1));
        edges.boundingSphere = surface.boundingSphere;
      }
      return edges;
    },
    dispose() {
      // Attributes that are not set at the moment would stay on the GPU: set them all, then free.
      for (const [which, attribute] of colours) surface.setAttribute(`color_${which}`, attribute);
      if (own) surface.setAttribute('color_own', own);
      surface.dispose();
      edges?.dispose();
    },
  };
}
