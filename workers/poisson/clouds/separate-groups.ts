/**
 * Which points of a cloud are the body, and which lie far from it: single outliers would stretch the solver's cube until
 * nothing is left for the body.
 *
 * A grid of up to 32^3 cells over the points; connected cells are one group. The group with most points is the body. Groups farther
 * from its box than half its size are far; small ones are outliers, and without them the next, finer grid is made, until no
 * outlier is left. Cells with a thousandth of the usual number of points connect nothing, so that a haze of outliers
 * does not count as one body.
 */
import { badCloud } from '../failures.ts';

const MOST_CELLS = 32;
const FEWEST_CELLS = 4;
/** Points that a cell along the surface should have: fewer would leave gaps between cells of one body. */
const POINTS_A_CELL = 8;
/** With less than this share in the largest group the cells are too fine for the cloud. */
const LARGEST_SHARE = 0.3;
const ROUNDS = 40;
/** Gap to the body, in sizes of the body, from which on a group is far. */
const FAR = 0.5;
/** A far group with fewer of the points is left out; one with more is a body of its own. */
const SMALL_SHARE = 0.02;
/** More left out than this is no cloud with a few outliers. */
export const MOST_LEFT_OUT = 0.25;
/** Cells with fewer points than this part of the usual number connect nothing. */
const HAZE = 1 / 1000;
/** Two bodies farther apart than this many sizes of the largest do not fit one grid. */
const WIDEST = 8;

export interface PointGroups {
  /** Points that stay, in order; null when all do. */
  readonly kept: Uint32Array | null;
  readonly leftOut: number;
  /** Of those, the ones that lie on one and the same spot. */
  readonly onOneSpot: number;
  /** Indices (into what stays) of each body, when there are several that lie far apart. */
  readonly bodies: readonly Uint32Array[];
}

interface Box {
  readonly low: [number, number, number];
  readonly high: [number, number, number];
}

interface Group extends Box {
  points: number;
}

/**
 * @param positions finite, 3 per point.
 * @throws SurfaceError E_BAD_CLOUD: bodies too far apart for one grid, or too many points far from the rest.
 */
export function separateGroups(positions: Float32Array): PointGroups {
  const count = positions.length / 3;
  let active: Uint32Array | null = null;
  let onOneSpot = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const points: Uint32Array | null = active;
    const total: number = points ? points.length : count;
    const at: (k: number) => number = points ? (k) => points[k] : (k) => k;
    if (total === 0) break;
    const { groupOf, groups, body } = connectWhole(positions, total, at);
    const reach = FAR * Math.max(sizeOf(groups[body]), 0);
    const isFar = groups.map((group, g) => g !== body && gap(group, groups[body]) > reach);
    const isSpot = groups.map((group, g) => isFar[g] && sizeOf(group) === 0);
    const isOut = groups.map((group, g) => isFar[g] && (isSpot[g] || group.points < SMALL_SHARE * count));
    if (!isOut.includes(true)) {
      const bodies = groups.map((_, g) => g).filter((g) => g === body || isFar[g]);
      if (bodies.length > 1) requireNear(bodies.map((g) => groups[g]));
      return {
        kept: active,
        leftOut: count - total,
        onOneSpot,
        bodies: bodies.length > 1 ? bodies.map((g) => indicesOf(groupOf, total, g, body, isFar)) : [],
      };
    }
    const next = new Uint32Array(total);
    let stays = 0;
    for (let k = 0; k < total; k++) {
      const g = groupOf(k);
      if (!isOut[g]) next[stays++] = at(k);
      else if (isSpot[g] && groups[g].points > 1) onOneSpot++;
    }
    active = next.slice(0, stays);
    if (count - stays - onOneSpot > count * MOST_LEFT_OUT) {
      throw scattered(count - stays, count);
    }
  }
  return { kept: active, leftOut: count - (active?.length ?? count), onOneSpot, bodies: [] };
}

/** The error for a cloud with too many outliers. */
export const scattered = (outliers: number, count: number) =>
  badCloud(
    `${Math.round((outliers / count) * 100)} % of its points are scattered far from the rest`,
    'Cut out the body and save it alone.',
  );

const sizeOf = ({ low, high }: Box) => Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);

/** Distance between two boxes along the axis on which they are farthest apart. */
const gap = (a: Box, b: Box) =>
  Math.max(...[0, 1, 2].map((axis) => Math.max(a.low[axis] - b.high[axis], b.low[axis] - a.high[axis])));

/** Most points; a heap of points on one spot is no body as long as there is another. */
function bodyOf(groups: readonly Group[]): number {
  let best = 0;
  const rank = (group: Group) => (sizeOf(group) > 0 ? group.points : -1 / group.points);
  for (let g = 1; g < groups.length; g++) if (rank(groups[g]) > rank(groups[best])) best = g;
  return best;
}

function requireNear(bodies: readonly Group[]): void {
  const whole: Box = {
    low: [0, 1, 2].map((axis) => Math.min(...bodies.map(({ low }) => low[axis]))) as Box['low'],
    high: [0, 1, 2].map((axis) => Math.max(...bodies.map(({ high }) => high[axis]))) as Box['high'],
  };
  const largest = Math.max(...bodies.map(sizeOf));
  if (sizeOf(whole) <= WIDEST * largest) return;
  const short = (value: number) => Number(value.toPrecision(3));
  throw badCloud(
    `it holds ${bodies.length} bodies (${bodies.map(({ points }) => points).join(' and ')} points) in a space ${short(sizeOf(whole))} wide, and the largest is ${short(largest)}: too far apart for one grid`,
    'Save each body as a cloud of its own.',
  );
}

/** Near groups belong to the body. */
function indicesOf(
  groupOf: (k: number) => number,
  total: number,
  group: number,
  body: number,
  isFar: readonly boolean[],
): Uint32Array {
  const found: number[] = [];
  for (let k = 0; k < total; k++) {
    const g = groupOf(k);
    if (g === group || (group === body && !isFar[g])) found.push(k);
  }
  return Uint32Array.from(found);
}

const NONE = -1;

/** Groups in the finest grid whose cells hold enough points, and which of them is the body. */
function connectWhole(positions: Float32Array, total: number, at: (k: number) => number) {
  let cells = Math.max(FEWEST_CELLS, Math.min(MOST_CELLS, Math.floor(Math.sqrt(total / POINTS_A_CELL))));
  for (; ; cells = Math.max(FEWEST_CELLS, cells >> 1)) {
    const connected = connect(positions, total, at, cells);
    const body = bodyOf(connected.groups);
    if (connected.groups[body].points >= total * LARGEST_SHARE || cells === FEWEST_CELLS)
      return { ...connected, body };
  }
}

/** Groups of connected cells; a border of empty cells spares the loops their limits. */
function connect(positions: Float32Array, total: number, at: (k: number) => number, cells: number) {
  const side = cells + 2;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let k = 0; k < total; k++) {
    for (let axis = 0; axis < 3; axis++) {
      const value = positions[at(k) * 3 + axis];
      if (value < low[axis]) low[axis] = value;
      if (value > high[axis]) high[axis] = value;
    }
  }
  const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  const scale = extent > 0 ? (cells - 1e-3) / extent : 0;
  const cellOf = (k: number) => {
    const i = at(k) * 3;
    const x = Math.floor((positions[i] - low[0]) * scale) + 1;
    const y = Math.floor((positions[i + 1] - low[1]) * scale) + 1;
    const z = Math.floor((positions[i + 2] - low[2]) * scale) + 1;
    return (z * side + y) * side + x;
  };
  const counts = new Uint32Array(side ** 3);
  for (let k = 0; k < total; k++) counts[cellOf(k)]++;
  const labels = label(counts, side, usualCount(counts, total) * HAZE);
  const groups: Group[] = [];
  for (let k = 0; k < total; k++) {
    const g = labels[cellOf(k)];
    const i = at(k) * 3;
    let group = groups[g];
    if (!group) {
      group = { points: 0, low: [Infinity, Infinity, Infinity], high: [-Infinity, -Infinity, -Infinity] };
      groups[g] = group;
    }
    group.points++;
    for (let axis = 0; axis < 3; axis++) {
      group.low[axis] = Math.min(group.low[axis], positions[i + axis]);
      group.high[axis] = Math.max(group.high[axis], positions[i + axis]);
    }
  }
  return { groups, groupOf: (k: number) => labels[cellOf(k)] };
}

/** Points in the cell of the median point. */
function usualCount(counts: Uint32Array, total: number): number {
  const sorted = counts.filter((n) => n > 0).sort();
  let seen = 0;
  for (const n of sorted) {
    seen += n;
    if (seen >= total / 2) return n;
  }
  return 0;
}

/** A group's number per occupied cell: connected dense cells first, hazy cells join a neighbour or stay alone. */
function label(counts: Uint32Array, side: number, least: number): Int32Array {
  const labels = new Int32Array(counts.length).fill(NONE);
  const around: number[] = [];
  for (let dz = -1; dz <= 1; dz++)
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) if (dx || dy || dz) around.push((dz * side + dy) * side + dx);
  let groups = 0;
  const stack: number[] = [];
  for (let cell = 0; cell < counts.length; cell++) {
    if (counts[cell] === 0 || counts[cell] < least || labels[cell] !== NONE) continue;
    labels[cell] = groups;
    stack.push(cell);
    while (stack.length > 0) {
      const from = stack.pop() as number;
      for (const step of around) {
        const to = from + step;
        if (counts[to] === 0 || counts[to] < least || labels[to] !== NONE) continue;
        labels[to] = groups;
        stack.push(to);
      }
    }
    groups++;
  }
  const dense = labels.slice();
  for (let cell = 0; cell < counts.length; cell++) {
    if (counts[cell] === 0 || dense[cell] !== NONE) continue;
    const beside = around.find((step) => dense[cell + step] >= 0);
    labels[cell] = beside === undefined ? groups++ : dense[cell + beside];
  }
  return labels;
}
