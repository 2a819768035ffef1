/**
 * Makes thin walls of a closed surface thicker: each side moves out along its normal by half of what is missing, and what is
 * around moves along less and less, so that no step is left.
 */

/** Rounds over which a displacement fades out over the neighbours. */
const FADE_ROUNDS = 4;
/** What is left of a displacement one edge on. */
const FADE = 0.6;

/**
 * @param thickness per vertex (wallThickness), Infinity where it does not matter.
 * @param wanted    least thickness, same unit.
 * @returns moved copies of the positions.
 */
export function thickened(
  positions: Float32Array,
  normals: Float32Array,
  indices: Uint32Array,
  thickness: Float32Array,
  wanted: number,
): Float32Array<ArrayBuffer> {
  const count = positions.length / 3;
  let move = new Float32Array(count);
  for (let i = 0; i < count; i++) move[i] = Math.max(0, (wanted - thickness[i]) / 2);
  for (let round = 0; round < FADE_ROUNDS; round++) {
    const next = move.slice();
    for (let t = 0; t < indices.length; t += 3) {
      for (let k = 0; k < 3; k++) {
        const [a, b] = [indices[t + k], indices[t + ((k + 1) % 3)]];
        next[a] = Math.max(next[a], move[b] * FADE);
        next[b] = Math.max(next[b], move[a] * FADE);
      }
    }
    move = next;
  }
  const out = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i++) {
    out[i] = positions[i] + normals[i] * move[Math.floor(i / 3)];
  }
  return out;
}
