/** How far a matte is from the true one; 8-bit, any size, foreground >= 128. */
import { type BinaryImage, dilate, erode, label } from '../src/intake/binary-image.ts';

export interface MatteFigures {
  /** Intersection over union of the foregrounds. */
  readonly iou: number;
  /** Mean absolute difference over the whole picture, 0..1; what is within BAND_PX of the true outline. */
  readonly alphaError: number;
  /** The same over the whole picture, near and far. */
  readonly wholeError: number;
  /** Mean distance between the two outlines, both ways, px. */
  readonly outlinePx: number;
  /** Area of the largest connected piece of the person that is missing, and of the rest that came along; rims left out. */
  readonly lostPx: number;
  readonly gainedPx: number;
}

/** Around the true outline, px of the canvas. */
const BAND_PX = 20;
/** Differences thinner than twice this are rims, not pieces. */
const RIM_PX = 2;

/** Squared distance to the nearest 1, exact (Felzenszwalb and Huttenlocher 2012), capped by the size of the picture. */
function squaredDistance(ones: Uint8Array, width: number, height: number): Float32Array {
  const far = 1e9;
  const out = new Float32Array(ones.length);
  const longest = Math.max(width, height);
  const f = new Float32Array(longest);
  const at = new Int32Array(longest);
  const from = new Float32Array(longest + 1);
  const transform = (n: number, read: (i: number) => number, write: (i: number, v: number) => void) => {
    let k = 0;
    for (let i = 0; i < n; i++) f[i] = read(i);
    at[0] = 0;
    from[0] = -Infinity;
    from[1] = Infinity;
    for (let q = 1; q < n; q++) {
      let s = (f[q] + q * q - (f[at[k]] + at[k] * at[k])) / (2 * q - 2 * at[k]);
      while (s <= from[k]) {
        k--;
        s = (f[q] + q * q - (f[at[k]] + at[k] * at[k])) / (2 * q - 2 * at[k]);
      }
      k++;
      at[k] = q;
      from[k] = s;
      from[k + 1] = Infinity;
    }
    k = 0;
    for (let q = 0; q < n; q++) {
      while (from[k + 1] < q) k++;
      write(q, (q - at[k]) ** 2 + f[at[k]]);
    }
  };
  for (let x = 0; x < width; x++) {
    transform(
      height,
      (y) => (ones[y * width + x] ? 0 : far),
      (y, v) => {
        out[y * width + x] = v;
      },
    );
  }
  for (let y = 0; y < height; y++) {
    const base = y * width;
    transform(
      width,
      (x) => out[base + x],
      (x, v) => {
        out[base + x] = v;
      },
    );
  }
  return out;
}

/** Foreground px with a background px beside them. */
function outline(data: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!data[i]) continue;
      // The frame of the picture is no outline.
      if ((x > 0 && !data[i - 1]) || (x < width - 1 && !data[i + 1])) out[i] = 1;
      if ((y > 0 && !data[i - width]) || (y < height - 1 && !data[i + width])) out[i] = 1;
    }
  }
  return out;
}

function largestPiece(data: Uint8Array<ArrayBuffer>, width: number, height: number): number {
  const picture: BinaryImage = { width, height, data };
  const opened = dilate(erode(picture, RIM_PX), RIM_PX);
  return label(opened, 1, true).components.reduce((most, { area }) => Math.max(most, area), 0);
}

/** What only depends on the truth; made once for several mattes. */
export interface Truth {
  readonly width: number;
  readonly height: number;
  readonly alpha: Uint8Array;
  readonly binary: Uint8Array;
  readonly outline: Uint8Array;
  readonly distance: Float32Array;
}

export function truthOf(alpha: Uint8Array, width: number, height: number): Truth {
  const binary = alpha.map((v) => (v >= 128 ? 1 : 0));
  const rim = outline(binary, width, height);
  return { width, height, alpha, binary, outline: rim, distance: squaredDistance(rim, width, height) };
}

/** The smallest rectangle with all that either shows, a little larger: nothing that is measured on it changes. */
function windowOf(a: Uint8Array, b: Uint8Array, width: number, height: number) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!a[i] && !b[i]) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  }
  const grow = 2 * RIM_PX + 1;
  const left = Math.max(0, box.left - grow);
  const top = Math.max(0, box.top - grow);
  const right = Math.min(width, box.right + grow);
  const bottom = Math.min(height, box.bottom + grow);
  return { left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

export function measureMatte(found: Uint8Array, truth: Truth): MatteFigures {
  const { width, height } = truth;
  const n = width * height;
  const binary = found.map((v) => (v >= 128 ? 1 : 0));
  let [near, whole] = [0, 0];
  for (let i = 0; i < n; i++) {
    const difference = Math.abs(found[i] - truth.alpha[i]);
    whole += difference;
    if (truth.distance[i] <= BAND_PX ** 2) near += difference;
  }
  const window = windowOf(binary, truth.binary, width, height);
  const part = <T extends Uint8Array | Float32Array>(plane: T, out: T): T => {
    for (let y = 0; y < window.height; y++) {
      const from = (window.top + y) * width + window.left;
      out.set(plane.subarray(from, from + window.width), y * window.width);
    }
    return out;
  };
  const cells = window.width * window.height;
  const [mine, theirs] = [binary, truth.binary].map((plane) => part(plane, new Uint8Array(cells)));
  const truthRim = part(truth.outline, new Uint8Array(cells));
  const toTruth = part(truth.distance, new Float32Array(cells));
  let [both, any] = [0, 0];
  const lost = new Uint8Array(cells);
  const gained = new Uint8Array(cells);
  for (let i = 0; i < cells; i++) {
    const [a, b] = [mine[i], theirs[i]];
    both += a & b;
    any += a | b;
    if (b && !a) lost[i] = 1;
    if (a && !b) gained[i] = 1;
  }
  // The rim of the whole picture: where the window ends at the frame, the frame is no outline there either.
  const rim = part(outline(binary, width, height), new Uint8Array(cells));
  const distance = squaredDistance(rim, window.width, window.height);
  let [sum, count] = [0, 0];
  for (let i = 0; i < cells; i++) {
    if (rim[i]) {
      sum += Math.sqrt(toTruth[i]);
      count++;
    }
    if (truthRim[i]) {
      sum += Math.min(Math.sqrt(distance[i]), width);
      count++;
    }
  }
  return {
    iou: any ? both / any : 1,
    alphaError: near / 255 / n,
    wholeError: whole / 255 / n,
    outlinePx: count ? sum / count : 0,
    lostPx: largestPiece(lost, window.width, window.height),
    gainedPx: largestPiece(gained, window.width, window.height),
  };
}
