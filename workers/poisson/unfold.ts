/**
 * Mends what moving vertices did where it made triangles cut each other or lose their area.
 *
 * First the bad triangles' corners are smoothed (part-crossings.ts), which moves them least. Where that is not enough, moved
 * vertices go back toward their old places, by steps, and all the way in the end: the mesh was sound before, and a pair of
 * triangles whose corners are all back where they were is sound.
 *
 * Moves of whole rows of vertices onto a curve (assembly/silhouette.ts) need it for the few places where straight triangles
 * cut the curve's corner: 9 of 408,456 triangles of a sample figure at depth 9.
 */
import { hasArea, sturdyTest } from './flat-triangles.ts';
import { intersectionSearch } from './intersections.ts';
import { partCrossings } from './part-crossings.ts';

/** Share of the move that is left after each step. */
const SHARES = [1, 0.98, 0.94, 0.85, 0.7, 0.5, 0.25, 0];
/** Steps that are taken for a triangle which has an area, though a small one; a small one may have been small before. */
const STEPS_FOR_SMALL = 2;
/** Rings of triangles round the moved ones that they may meet: their own curve's corner is never farther. */
const RINGS = 2;

/**
 * @param positions 3 per vertex, after the moves; changed in place.
 * @param before    3 per vertex, before the moves; no two triangles met.
 * @returns how many vertices went back, in part or all the way.
 */
export function unfold(
  positions: Float32Array<ArrayBuffer>,
  before: Float32Array,
  indices: Uint32Array,
): number {
  const vertices = positions.length / 3;
  const near = new Uint8Array(vertices);
  let anyMoved = false;
  for (let v = 0; v < vertices; v++) {
    if (isMoved(positions, before, v)) near[v] = 1;
    anyMoved ||= near[v] === 1;
  }
  if (!anyMoved) return 0;
  for (let ring = 0; ring < RINGS; ring++) {
    for (const t of trianglesWith(indices, near)) for (let k = 0; k < 3; k++) near[indices[t * 3 + k]] = 1;
  }
  const among = trianglesWith(indices, near);
  const smoothed = partCrossings(positions, indices, among);
  positions.set(smoothed.positions);
  if (smoothed.left === 0) return 0;
  const { meetings } = intersectionSearch(positions, indices, among, before);
  const after = positions.slice();
  const moved = Uint8Array.from(near, (_, v) => (isMoved(positions, before, v) ? 1 : 0));
  let asked = trianglesWith(indices, moved);
  const isSturdy = sturdyTest(positions, indices);
  const steps = new Uint8Array(vertices);
  let wentBack = 0;
  for (;;) {
    const bad = new Set<number>();
    const mark = (t: number, most: number) => {
      for (let k = t * 3; k < t * 3 + 3; k++) if (steps[indices[k]] < most) bad.add(indices[k]);
    };
    for (const t of asked) {
      if (!isSturdy(t)) mark(t, hasArea(positions, indices, t) ? STEPS_FOR_SMALL : SHARES.length - 1);
      meetings(t, (other) => {
        mark(t, SHARES.length - 1);
        mark(other, SHARES.length - 1);
      });
    }
    if (bad.size === 0) return wentBack;
    const changed = new Uint8Array(vertices);
    const stepBack = (v: number, step: number) => {
      if (steps[v] === 0) wentBack++;
      steps[v] = step;
      changed[v] = 1;
      const share = SHARES[step];
      for (let k = v * 3; k < v * 3 + 3; k++) positions[k] = before[k] + share * (after[k] - before[k]);
    };
    for (const v of bad) if (isMoved(after, before, v)) stepBack(v, steps[v] + 1);
    // Neighbours follow one step behind: a single vertex that goes back makes a spike.
    for (let spread = true; spread; ) {
      spread = false;
      for (const t of trianglesWith(indices, changed)) {
        const corners = indices.subarray(t * 3, t * 3 + 3);
        const least = Math.max(steps[corners[0]], steps[corners[1]], steps[corners[2]]) - 1;
        for (const v of corners) {
          if (steps[v] >= least || !isMoved(after, before, v)) continue;
          stepBack(v, least);
          spread = true;
        }
      }
    }
    if (!changed.includes(1)) return wentBack;
    asked = among.filter(
      (t) => changed[indices[t * 3]] | changed[indices[t * 3 + 1]] | changed[indices[t * 3 + 2]],
    );
  }
}

function isMoved(one: Float32Array, other: Float32Array, v: number): boolean {
  return (
    one[v * 3] !== other[v * 3] || one[v * 3 + 1] !== other[v * 3 + 1] || one[v * 3 + 2] !== other[v * 3 + 2]
  );
}

/** Numbers of the triangles that have a marked vertex. */
function trianglesWith(indices: Uint32Array, marked: Uint8Array): Uint32Array {
  const found = new Uint32Array(indices.length / 3);
  let count = 0;
  for (let t = 0; t < found.length; t++) {
    if (marked[indices[t * 3]] | marked[indices[t * 3 + 1]] | marked[indices[t * 3 + 2]]) found[count++] = t;
  }
  return found.slice(0, count);
}
