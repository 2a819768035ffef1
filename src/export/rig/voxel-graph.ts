/** The cells inside a figure and the ways between them that do not leave it: what a bone's influence spreads over. */
import type { Place } from '../../base/skeleton.ts';
import type { VoxelSolid } from './voxel-solid.ts';

/** Neighbours of a cell: the first SIDES share a side, the others an edge or a corner. */
const NEIGHBOURS = 26;
const SIDES = 6;

interface Step {
  readonly by: readonly [x: number, y: number, z: number];
  /** In cells. */
  readonly length: number;
}

const STEPS: readonly Step[] = Array.from({ length: 27 }, (_, i) => {
  const by = [(i % 3) - 1, (Math.floor(i / 3) % 3) - 1, Math.floor(i / 9) - 1] as const;
  return { by, length: Math.hypot(...by) };
})
  .filter(({ length }) => length > 0)
  .sort((a, b) => a.length - b.length);

const stepNumber = (by: readonly number[]) =>
  STEPS.findIndex((step) => step.by.every((value, axis) => value === by[axis]));
/** Of each step: its first part along one axis, and the rest of it, by number. */
const FIRST_PARTS: readonly (readonly [first: number, rest: number])[][] = STEPS.map(({ by, length }) =>
  length === 1
    ? []
    : [0, 1, 2]
        .filter((axis) => by[axis] !== 0)
        .map((axis) => [
          stepNumber(by.map((value, k) => (k === axis ? value : 0))),
          stepNumber(by.map((value, k) => (k === axis ? 0 : value))),
        ]),
);

export class VoxelGraph {
  /** Indices into the solid. */
  readonly list: Uint32Array;
  /** NEIGHBOURS a cell, by the order of STEPS: numbers of cells, -1 where the way is closed. */
  readonly #neighbours: Int32Array;
  readonly #numbers: Int32Array;

  constructor(readonly solid: VoxelSolid) {
    const { inside, size, walls } = solid;
    this.#numbers = new Int32Array(inside.length).fill(-1);
    const list: number[] = [];
    for (let i = 0; i < inside.length; i++) {
      if (!inside[i]) continue;
      this.#numbers[i] = list.length;
      list.push(i);
    }
    this.list = Uint32Array.from(list);
    const strides = [1, size[0], size[0] * size[1]];
    this.#neighbours = new Int32Array(list.length * NEIGHBOURS).fill(-1);
    STEPS.forEach(({ by, length }, s) => {
      const stride = by.reduce((sum, value, axis) => sum + value * strides[axis], 0);
      for (let cell = 0; cell < list.length; cell++) {
        const next = this.#numbers[list[cell] + stride] ?? -1;
        if (next === -1) continue;
        // A slanting step is open where its parts are, in some order: no way round a corner of a wall.
        const open =
          length === 1
            ? (walls[list[stride > 0 ? cell : next]] & (1 << by.findIndex((value) => value !== 0))) === 0
            : FIRST_PARTS[s].some(([first, rest]) => {
                const over = this.#neighbours[cell * NEIGHBOURS + first];
                return over !== -1 && this.#neighbours[over * NEIGHBOURS + rest] === next;
              });
        if (open) this.#neighbours[cell * NEIGHBOURS + s] = next;
      }
    });
  }

  /** The cell at a place of the grid; -1 outside the figure. */
  number(x: number, y: number, z: number): number {
    const { size } = this.solid;
    if (x < 0 || y < 0 || z < 0 || x >= size[0] || y >= size[1] || z >= size[2]) return -1;
    return this.#numbers[x + size[0] * (y + size[1] * z)];
  }

  /** Cells that share a side with this one and are open to it, into `out`. @returns how many. */
  beside(cell: number, out: Int32Array): number {
    let count = 0;
    for (let k = cell * NEIGHBOURS; k < cell * NEIGHBOURS + SIDES; k++) {
      if (this.#neighbours[k] !== -1) out[count++] = this.#neighbours[k];
    }
    return count;
  }

  /** Of the cells next to this one, this one too: can it be reached in one step? */
  isOpen(cell: number, other: number): boolean {
    if (cell === other) return true;
    for (let k = cell * NEIGHBOURS; k < (cell + 1) * NEIGHBOURS; k++) {
      if (this.#neighbours[k] === other) return true;
    }
    return false;
  }

  /** The cell nearest to a place, within a few cells; -1 where there is none. */
  at(place: Place, reach = 4): number {
    const { origin, cell } = this.solid;
    const [x, y, z] = [0, 1, 2].map((axis) => Math.round((place[axis] - origin[axis]) / cell));
    let [best, away] = [-1, Number.POSITIVE_INFINITY];
    for (let dz = -reach; dz <= reach; dz++) {
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          const distance = dx * dx + dy * dy + dz * dz;
          if (distance >= away) continue;
          const number = this.number(x + dx, y + dy, z + dz);
          if (number !== -1) [best, away] = [number, distance];
        }
      }
    }
    return best;
  }

  /** Distances through the inside from a set of cells, in cells; a heap of (distance, cell). */
  distancesFrom(sources: readonly number[]): Float64Array {
    const neighbours = this.#neighbours;
    // Doubles: a sum rounded up to a float would look like a way that can be shortened, for ever.
    const out = new Float64Array(this.list.length).fill(Number.POSITIVE_INFINITY);
    const heap: { key: number; cell: number }[] = [];
    const push = (key: number, cell: number) => {
      let at = heap.length;
      heap.push({ key, cell });
      while (at > 0) {
        const above = (at - 1) >> 1;
        if (heap[above].key <= key) break;
        heap[at] = heap[above];
        at = above;
      }
      heap[at] = { key, cell };
    };
    const pop = () => {
      const top = heap[0];
      const last = heap.pop() as { key: number; cell: number };
      if (heap.length > 0) {
        let at = 0;
        for (;;) {
          let below = 2 * at + 1;
          if (below >= heap.length) break;
          if (below + 1 < heap.length && heap[below + 1].key < heap[below].key) below++;
          if (heap[below].key >= last.key) break;
          heap[at] = heap[below];
          at = below;
        }
        heap[at] = last;
      }
      return top;
    };
    for (const cell of sources) {
      out[cell] = 0;
      push(0, cell);
    }
    while (heap.length > 0) {
      const { key, cell } = pop();
      if (key > out[cell]) continue;
      for (let s = 0; s < NEIGHBOURS; s++) {
        const next = neighbours[cell * NEIGHBOURS + s];
        if (next === -1) continue;
        const length = key + STEPS[s].length;
        if (out[next] <= length) continue;
        out[next] = length;
        push(length, next);
      }
    }
    return out;
  }
}
