/**
 * Black and white pictures (one byte a pixel, 0 or 1): square dilation and erosion, connected components, holes.
 * Everything is linear in the number of pixels; components are found on row runs, not on pixels.
 */

import type { Steps } from '../base/steps.ts';

export interface BinaryImage {
  readonly width: number;
  readonly height: number;
  /** 0 or 1; width * height. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** 1 where any pixel within `radius` of a line position is `value`, else 0; lines are rows or columns. */
function spreadLines(
  source: BinaryImage,
  radius: number,
  value: 0 | 1,
  columns: boolean,
): Uint8Array<ArrayBuffer> {
  const { width, height, data } = source;
  const out = new Uint8Array(data.length);
  if (columns) {
    // Column-wise with one counter per column, so that memory is read row by row. Two passes: from above, from below.
    const since = new Int32Array(width);
    for (const downward of [true, false]) {
      since.fill(radius + 1);
      for (let k = 0; k < height; k++) {
        const base = (downward ? k : height - 1 - k) * width;
        for (let x = 0; x < width; x++) {
          const s = data[base + x] === value ? 0 : since[x] + 1;
          since[x] = s;
          if (s <= radius) out[base + x] = 1;
        }
      }
    }
    return out;
  }
  for (let y = 0; y < height; y++) {
    const base = y * width;
    let since = radius + 1;
    for (let x = 0; x < width; x++) {
      since = data[base + x] === value ? 0 : since + 1;
      if (since <= radius) out[base + x] = 1;
    }
    since = radius + 1;
    for (let x = width - 1; x >= 0; x--) {
      since = data[base + x] === value ? 0 : since + 1;
      if (since <= radius) out[base + x] = 1;
    }
  }
  return out;
}

/** 1 where a 1 lies in the (2 radius + 1) square around; outside the picture is 0. */
export function dilate(source: BinaryImage, radius: number): BinaryImage {
  const rows = { ...source, data: spreadLines(source, radius, 1, false) };
  return { ...source, data: spreadLines(rows, radius, 1, true) };
}

/** 1 where the whole (2 radius + 1) square around is 1; outside the picture counts as 1, as in OpenCV. */
export function erode(source: BinaryImage, radius: number): BinaryImage {
  const rows = { ...source, data: spreadLines(source, radius, 0, false) };
  const data = spreadLines(rows, radius, 1, true);
  for (let i = 0; i < data.length; i++) data[i] ^= 1;
  return { ...source, data };
}

/** Dilation, then erosion: closes gaps narrower than the square. */
export function close(source: BinaryImage, radius: number): BinaryImage {
  return erode(dilate(source, radius), radius);
}

/** `close` with a pause in the middle. */
export function* closeSteps(source: BinaryImage, radius: number): Steps<BinaryImage> {
  const grown = dilate(source, radius);
  yield;
  return erode(grown, radius);
}

/** Erosion, then dilation: removes what is narrower than the square. */
export function open(source: BinaryImage, radius: number): BinaryImage {
  return dilate(erode(source, radius), radius);
}

export interface Component {
  readonly area: number;
  /** Box, right and bottom exclusive. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Labelled {
  readonly components: readonly Component[];
  /** Index of each pixel's component, -1 outside all; width * height, the caller's. */
  indices(): Int32Array<ArrayBuffer>;
  /** Writes `value` to every pixel of the components for which `choose` says true. */
  paint(data: Uint8Array, value: number, choose: (component: Component, index: number) => boolean): void;
}

/**
 * Connected components of the pixels equal to `value`.
 *
 * @param diagonal true: eight neighbours, false: four.
 */
export function label(source: BinaryImage, value: 0 | 1, diagonal: boolean): Labelled {
  const { width, height, data } = source;
  // Runs: [row, start, end) and a union-find parent each.
  const rows: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const parent: number[] = [];
  const find = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root];
    for (let node = i; parent[node] !== root; ) {
      const next = parent[node];
      parent[node] = root;
      node = next;
    }
    return root;
  };
  const reach = diagonal ? 1 : 0;
  let previousFirst = 0;
  let previousEnd = 0;
  for (let y = 0; y < height; y++) {
    const first = rows.length;
    const base = y * width;
    let above = previousFirst;
    for (let x = 0; x < width; ) {
      if (data[base + x] !== value) {
        x++;
        continue;
      }
      const start = x;
      while (x < width && data[base + x] === value) x++;
      const run = rows.length;
      rows.push(y);
      starts.push(start);
      ends.push(x);
      parent.push(run);
      while (above < previousEnd && ends[above] + reach <= start) above++;
      for (let k = above; k < previousEnd && starts[k] < x + reach; k++) {
        const [a, b] = [find(k), find(run)];
        if (a !== b) parent[Math.max(a, b)] = Math.min(a, b);
      }
    }
    previousFirst = first;
    previousEnd = rows.length;
  }
  const indexOfRoot = new Map<number, number>();
  const componentOfRun = new Int32Array(rows.length);
  const components: { area: number; left: number; top: number; right: number; bottom: number }[] = [];
  for (let run = 0; run < rows.length; run++) {
    const root = find(run);
    let index = indexOfRoot.get(root);
    if (index === undefined) {
      index = components.length;
      indexOfRoot.set(root, index);
      components.push({ area: 0, left: width, top: rows[run], right: 0, bottom: 0 });
    }
    componentOfRun[run] = index;
    const c = components[index];
    c.area += ends[run] - starts[run];
    c.left = Math.min(c.left, starts[run]);
    c.right = Math.max(c.right, ends[run]);
    c.bottom = rows[run] + 1;
  }
  return {
    components,
    indices() {
      const out = new Int32Array(data.length).fill(-1);
      for (let run = 0; run < rows.length; run++) {
        const base = rows[run] * width;
        out.fill(componentOfRun[run], base + starts[run], base + ends[run]);
      }
      return out;
    },
    paint(target, paintValue, choose) {
      const chosen = components.map(choose);
      for (let run = 0; run < rows.length; run++) {
        if (!chosen[componentOfRun[run]]) continue;
        const base = rows[run] * width;
        target.fill(paintValue, base + starts[run], base + ends[run]);
      }
    },
  };
}

/** Keeps the largest 8-connected component of ones; an empty picture stays empty. */
export function largestComponent(source: BinaryImage): BinaryImage {
  const labelled = label(source, 1, true);
  const most = labelled.components.reduce((area, c) => Math.max(area, c.area), 0);
  const data = new Uint8Array(source.data.length);
  let done = false;
  labelled.paint(data, 1, (c) => {
    if (done || c.area !== most) return false;
    done = true;
    return true;
  });
  return { ...source, data };
}

/** Fills holes (4-connected zeros that do not touch the border) of at most `maxArea` px. */
export function fillHoles(source: BinaryImage, maxArea: number): BinaryImage {
  const { width, height } = source;
  const data = source.data.slice();
  label(source, 0, false).paint(
    data,
    1,
    (c) => c.area <= maxArea && c.left > 0 && c.top > 0 && c.right < width && c.bottom < height,
  );
  return { ...source, data };
}

export function countOnes(source: BinaryImage): number {
  let n = 0;
  for (let i = 0; i < source.data.length; i++) n += source.data[i];
  return n;
}
