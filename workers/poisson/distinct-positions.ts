/**
 * Vertices in one place are moved apart by the least that a float can say. The simplifier takes vertices of equal
 * position for one vertex whose attributes differ, and where neighbours of a closed mesh lie in one place (an edge without
 * length, two tips of one fan; 43 vertices of a sample figure) it opens the mesh: 92 open edges at 10,000 triangles.
 */

/**
 * @param positions 3 per vertex, finite.
 * @returns the same array when all places are different, else a new one in which they are: a vertex that finds its place
 *   taken goes to the next float of x that is free, further from 0.
 */
export function distinctPositions(positions: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const vertices = positions.length / 3;
  let bits = new Int32Array(positions.buffer, positions.byteOffset, positions.length);
  let moved: Float32Array<ArrayBuffer> | null = null;
  let mask = 1023;
  while (mask < vertices * 2) mask = mask * 2 + 1;
  // Open addressing; 0 = free, else the vertex's number plus 1.
  const table = new Uint32Array(mask + 1);
  for (let v = 0; v < vertices; v++) {
    for (;;) {
      const slot = slotOf(table, mask, bits, v);
      if (table[slot] === 0) {
        table[slot] = v + 1;
        break;
      }
      if (!moved) {
        moved = positions.slice();
        bits = new Int32Array(moved.buffer);
      }
      bits[v * 3]++;
    }
  }
  return moved ?? positions;
}

/** Where in the table the place of a vertex is, or would go. */
function slotOf(table: Uint32Array, mask: number, bits: Int32Array, v: number): number {
  const [x, y, z] = [plain(bits[v * 3]), plain(bits[v * 3 + 1]), plain(bits[v * 3 + 2])];
  let hash = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77) ^ Math.imul(z, 0xc2b2ae3d);
  hash ^= hash >>> 15;
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const other = (table[slot] - 1) * 3;
    if (table[slot] === 0) return slot;
    if (plain(bits[other]) === x && plain(bits[other + 1]) === y && plain(bits[other + 2]) === z) return slot;
  }
}

/** -0 is in the same place as 0. */
const plain = (bits: number) => (bits === -0x80000000 ? 0 : bits);
