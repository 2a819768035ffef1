/** Left and right: whether a file names them as seen by the viewer, and fingers or toes that belong to nobody near. */
import { KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId, type KeypointTable } from '../../geometry/body.ts';

const ROW = Object.fromEntries(KEYPOINT_IDS.map((id, row) => [id, row])) as Record<KeypointId, number>;
const isThere = (table: KeypointTable, id: KeypointId) => table[ROW[id] * 3 + 2] > 0;

/** Left minus right in px, over the larger of trunk length and width; null when a point is missing. */
function leftness(
  table: KeypointTable,
  joint: 'Shoulder' | 'Hip' | 'Eye' | 'Ear',
  sizePx: number,
): number | null {
  const [left, right] = [`left${joint}`, `right${joint}`] as KeypointId[];
  if (!isThere(table, left) || !isThere(table, right)) return null;
  return (table[ROW[left] * 3] - table[ROW[right] * 3]) / sizePx;
}

/** Left and right closer than this, of the person's height, say nothing: seen from the side. */
const MIN_APART = 0.02;

export type Sides = 'facing' | 'swapped' | 'from behind' | 'unclear';

/**
 * Whether left and right are the person's own. Facing us, the person's left is on our right. When it is on our left, a
 * face that was seen (nose and both eyes) says that the file swapped them; without a face the person turned around.
 */
export function sidesOf(table: KeypointTable, heightPx: number): Sides {
  if (!(heightPx > 0)) return 'unclear';
  const trunk = (['Shoulder', 'Hip'] as const).map((joint) => leftness(table, joint, heightPx));
  const given = trunk.filter((v) => v !== null);
  if (given.length === 0 || given.some((v) => Math.abs(v) < MIN_APART)) return 'unclear';
  if (given.every((v) => v > 0)) return 'facing';
  if (!given.every((v) => v < 0)) return 'unclear';
  const face = (['nose', 'leftEye', 'rightEye'] as const).every(
    (id) => table[ROW[id] * 3 + 2] >= MIN_FACE_CONFIDENCE,
  );
  return face ? 'swapped' : 'from behind';
}
/** Detectors guess at eyes on the back of a head with less than this. */
const MIN_FACE_CONFIDENCE = 0.4;

/** A new table with left and right exchanged. */
export function withSidesSwapped(table: KeypointTable): KeypointTable {
  const out = new Float64Array(KEYPOINT_COUNT * 3);
  for (const [row, id] of KEYPOINT_IDS.entries()) {
    const other = id.startsWith('left') ? id.replace('left', 'right') : id.replace('right', 'left');
    const from = ROW[other as KeypointId] * 3;
    out.set(table.subarray(from, from + 3), row * 3);
  }
  return out;
}

/** Farther from its wrist or ankle than this, of the longest limb bone, a finger or toe is not this person's. */
const MAX_REACH = 1.2;

/**
 * A new table without fingers and foot points that lie far from their hand or foot: detectors leave hands they did not
 * find at a corner of their window.
 *
 * @returns the table itself when nothing strays.
 */
export function withoutStrays(table: KeypointTable): { table: KeypointTable; strays: number } {
  const distance = (a: KeypointId, b: KeypointId) =>
    isThere(table, a) && isThere(table, b)
      ? Math.hypot(table[ROW[a] * 3] - table[ROW[b] * 3], table[ROW[a] * 3 + 1] - table[ROW[b] * 3 + 1])
      : 0;
  const bones = (['left', 'right'] as const).flatMap((side) => {
    const at = (joint: string) => `${side}${joint}` as KeypointId;
    return [
      distance(at('Shoulder'), at('Elbow')),
      distance(at('Elbow'), at('Wrist')),
      distance(at('Hip'), at('Knee')),
      distance(at('Knee'), at('Ankle')),
      0.8 * distance(at('Shoulder'), at('Hip')),
    ];
  });
  const reach = MAX_REACH * Math.max(...bones);
  if (!(reach > 0)) return { table, strays: 0 };
  const out = table.slice();
  let strays = 0;
  for (const [row, id] of KEYPOINT_IDS.entries()) {
    const part = /^(left|right)(Finger\d|BigToe|SmallToe|Heel)$/.exec(id);
    if (!part || !isThere(table, id)) continue;
    const anchor = `${part[1]}${part[2].startsWith('Finger') ? 'Wrist' : 'Ankle'}` as KeypointId;
    if (!isThere(table, anchor) || distance(id, anchor) <= reach) continue;
    out.fill(0, row * 3, row * 3 + 3);
    strays++;
  }
  return strays > 0 ? { table: out, strays } : { table, strays };
}
