/**
 * The marching cubes table, made by tracing instead of typed in.
 *
 * Corner k has x bit 0, y bit 1, z bit 2; mask bit k says the corner is inside. Edge = axis * 4 + the edge's two other
 * corner coordinates (lower axis in bit 0). On each of the six faces, walked counter-clockwise seen from outside, every
 * run of inside corners is cut off by its own segment. A face's segments depend on its own four corners only, so two
 * cells that share a face agree about it, also where it is ambiguous: the surface has no holes.
 * The segments join into loops; a loop of n vertices becomes n - 2 triangles. No triangle edge inside a loop may join
 * two vertices of one face, because the neighbour could draw the same edge (four triangles on it: not manifold).
 */

/** Bytes an entry: triangle count, then 3 edge numbers a triangle. */
export const CUBE_ENTRY_BYTES = 16;

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

/** Triangulation of a loop without a diagonal inside a face, or null. */
function triangulate(loop: readonly number[]): Triangle[] | null {
  if (loop.length === 3) return [[loop[0], loop[1], loop[2]]];
  for (let k = 0; k < loop.length; k++) {
    const before = loop[(k + loop.length - 1) % loop.length];
    const after = loop[(k + 1) % loop.length];
    if (FACES_OF_EDGE[before] & FACES_OF_EDGE[after]) continue;
    const rest = triangulate(loop.filter((_, j) => j !== k));
    if (rest) return [[before, loop[k], after], ...rest];
  }
  return null;
}

/** 256 entries of CUBE_ENTRY_BYTES. */
export function buildCubeTable(): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(256 * CUBE_ENTRY_BYTES);
  for (let mask = 1; mask < 255; mask++) {
    const triangles = loopsOf(mask).flatMap((loop) => {
      const found = triangulate(loop);
      if (!found) throw new Error(`no triangulation for corner mask ${mask}`);
      return found;
    });
    table[mask * CUBE_ENTRY_BYTES] = triangles.length;
    table.set(triangles.flat(), mask * CUBE_ENTRY_BYTES + 1);
  }
  return table;
}
