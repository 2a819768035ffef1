/** First and last points of the front and the back half of a cloud PLY as our exporter writes it. */
import { readFileSync } from 'node:fs';

export interface CloudEnds {
  readonly count: number;
  /** 3 per point. */
  readonly first: Float64Array;
  readonly last: Float64Array;
}

/** Bytes per vertex: 6 floats, 3 colour bytes, 1 quality float (1 = front, 0 = back). */
const VERTEX_BYTES = 31;

export function readCloudEnds(path: string, take: number): { front: CloudEnds; back: CloudEnds } {
  const file = readFileSync(path);
  const headerEnd = file.indexOf('end_header\n') + 'end_header\n'.length;
  const count = Number(/element vertex (\d+)/.exec(file.subarray(0, headerEnd).toString())?.[1]);
  const at = (index: number, offset: number) => file.readFloatLE(headerEnd + index * VERTEX_BYTES + offset);
  let front = 0;
  while (front < count && at(front, 27) === 1) front++;
  const points = (from: number): Float64Array => {
    const out = new Float64Array(take * 3);
    for (let i = 0; i < take * 3; i++) out[i] = at(from + Math.floor(i / 3), (i % 3) * 4);
    return out;
  };
  return {
    front: { count: front, first: points(0), last: points(front - take) },
    back: { count: count - front, first: points(front), last: points(count - take) },
  };
}
