/** What a result holds in memory: every array buffer and GPU buffer that can be reached from it, with its bytes. */
import type { DeviceMap } from '../gpu/device-map.ts';

/** Results are shallow: a list of parts with their maps is the deepest. */
const DEEPEST = 5;

export function buffersOf(value: unknown): Map<object, number> {
  const found = new Map<object, number>();
  const visit = (at: unknown, depth: number): void => {
    if (typeof at !== 'object' || at === null || depth > DEEPEST) return;
    if (ArrayBuffer.isView(at)) {
      found.set(at.buffer, at.buffer.byteLength);
      return;
    }
    if (at instanceof ArrayBuffer) {
      found.set(at, at.byteLength);
      return;
    }
    if ((at as Partial<DeviceMap>).kind === 'gpu') {
      const { buffer } = at as Extract<DeviceMap, { kind: 'gpu' }>;
      found.set(buffer, buffer.size);
      return;
    }
    for (const inner of Object.values(at)) visit(inner, depth + 1);
  };
  visit(value, 0);
  return found;
}
