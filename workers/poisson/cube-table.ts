/**
 * The marching cubes table, made by tracing instead of typed in.
 *
 * Corner k has x bit 0, y bit 1, z bit 2; mask bit k says the corner is inside. Edge = axis * 4 + the edge's two other
 * corner coordinates (lower axis in bit 0). On each of the six faces, walked counter-clockwise seen from outside, every
 * run of inside corners is cut off by its own segment. A face's segments depend on its own four corners only, so two
 * cells that share a face agree about it, also where it is ambiguous: the surface has no holes.
 * The segments join into loops; a loop of n vertices becomes n - 2 triangles, in one of several ways, all listed: which
 * one is taken depends on the surface (assembly/triangles.ts). No triangle edge inside a loop may join two vertices of
 * one face, because the neighbour could draw the same edge (four triangles on it: not manifold).
 */
import { CUBE_TABLE_BYTES } from './abi.generated.mjs';

/** u8 x 256 triangle counts, then u16 x 256 offsets of the masks' loops from the table's start. */
export const OFFSETS_AT = 256;
const LOOPS_AT = OFFSETS_AT + 512;

const edgeBetween = (a: number, b: number): number => {
  const axis = [1, 2, 4].indexOf(a ^ b);
  const low = Math.min(a, b);
  const others = [0, 1, 2].filter((k) => k !== axis);
  return axis * 4 + ((low >> others[0]) & 1) + 2 * ((low >> others[1]) & 1);
};

/** The faces as corner cycles, counter-clockwise seen from outside. */
const FACES: readonly (readonly number[])[] = [0, 1, 2].flatMap((axis) => {
  const a = 1 << ((axis + 1) % 3);
  const b = 1 << ((axis + 2) % 3);
  const far = 1 << axis;
  return [
    [0, b, a | b, a],
    [far, far | a, far | a | b, far | b],
  ];
});

/** Faces that an edge lies on, as a bit set. */
const FACES_OF_EDGE: readonly number[] = (() => {
  const faces = new Array<number>(12).fill(0);
  FACES.forEach((face, f) => {
    face.forEach((corner, k) => {
      faces[edgeBetween(corner, face[(k + 1) & 3])] |= 1 << f;
    });
  });
  return faces;
})();

/** Loops of edge numbers of one corner mask. */
export function loopsOf(mask: number): number[][] {
  const inside = (corner: number) => ((mask >> corner) & 1) === 1;
  const next = new Map<number, number>();
  for (const face of FACES) {
    face.forEach((corner, k) => {
      if (inside(corner) || !inside(face[(k + 1) & 3])) return;
      // From where this run of inside corners begins to where it ends: counter-clockwise seen from outside the surface.
      let last = (k + 1) & 3;
      while (inside(face[(last + 1) & 3])) last = (last + 1) & 3;
      next.set(edgeBetween(corner, face[(k + 1) & 3]), edgeBetween(face[last], face[(last + 1) & 3]));
    });
  }
  const loops: number[][] = [];
  const done = new Set<number>();
  for (const start of [...next.keys()].sort((a, b) => a - b)) {
    if (done.has(start)) continue;
    const loop: number[] = [];
    for (let edge = start; !done.has(edge); edge = next.get(edge)!) {
      done.add(edge);
      loop.push(edge);
    }
    loops.push(loop);
  }
  return loops;
}

type Triangle = readonly [number, number, number];

/** All triangulations of a loop without a diagonal inside a face. */
export function triangulationsOf(loop: readonly number[]): Triangle[][] {
  if (loop.length === 2) return [[]];
  const last = loop.length - 1;
  const found: Triangle[][] = [];
  // The side from the last vertex to the first belongs to one triangle; k is its third vertex.
  for (let k = 1; k < last; k++) {
    if (k > 1 && FACES_OF_EDGE[loop[0]] & FACES_OF_EDGE[loop[k]]) continue;
    if (k < last - 1 && FACES_OF_EDGE[loop[k]] & FACES_OF_EDGE[loop[last]]) continue;
    for (const before of triangulationsOf(loop.slice(0, k + 1))) {
      for (const after of triangulationsOf(loop.slice(k))) {
        found.push([[loop[0], loop[k], loop[last]], ...before, ...after]);
      }
    }
  }
  return found;
}

/**
 * The table as assembly/triangles.ts reads it: counts, offsets, and for each mask its loops: u8 number of loops, and a
 * loop: u8 triangles, u8 triangulations, then each triangulation's edge numbers, 3 a triangle.
 */
export function buildCubeTable(): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(CUBE_TABLE_BYTES);
  const offsets = new DataView(table.buffer);
  let at = LOOPS_AT;
  for (let mask = 0; mask < 256; mask++) {
    offsets.setUint16(OFFSETS_AT + mask * 2, at, true);
    const loops = loopsOf(mask);
    table[at++] = loops.length;
    for (const loop of loops) {
      const choices = triangulationsOf(loop);
      if (choices.length === 0) throw new Error(`no triangulation for corner mask ${mask}`);
      table[mask] += loop.length - 2;
      table.set([loop.length - 2, choices.length, ...choices.flat(2)], at);
      at += 2 + choices.length * (loop.length - 2) * 3;
    }
  }
  return table;
}
