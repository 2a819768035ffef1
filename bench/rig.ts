/**
 * The skeleton and the skin of the product's own files on held-out synthetic people, whose joints are known. Writes bench/rig.md.
 *   (in training) python -m statuette_training samples --first 40 --people 12 --views 1 --out SAMPLES
 *   npm run digitize -- SAMPLES/person_*_?.png --formats glb-rigged --out OUT     of some or all
 *   npm run bench -- rig SAMPLES OUT
 * The true person is made as tall as the file's (1.70 m), put on its floor, and moved sideways and in depth so that the means of
 * the joints agree: where the middle of a mesh's box lies is no matter of the skeleton. Nothing is turned or stretched.
 * Poses are made from the file's bones alone, vertices by its weights.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, NodeIO } from '@gltf-transform/core';
import { Quaternion, Vector3 } from 'three';
import { BONE_IDS, BONE_PARENTS, type BoneId, type Place } from '../src/base/skeleton.ts';
import { skeletonOf } from '../src/digitizer/figure-skeleton.ts';
import { posed, stretchOf } from '../src/export/rig/posed.ts';
import { makeRig } from '../src/export/rig/rig.ts';
import type { SkinWeights } from '../src/export/rig/skin-weights.ts';
import { CANVAS_SIZE, KEYPOINT_IDS, type KeypointId, type KeypointTable } from '../src/geometry/body.ts';
import { seenAt } from '../src/geometry/figure-depths.ts';
import { DEFAULT_SURFACE_OPTIONS, reconstruct } from '../workers/poisson/index.ts';
import { solveInNode } from '../workers/poisson/node.ts';

const HEIGHT_METERS = 1.7;
const MOST_STRETCH = 2.5;
/** Edges shorter than this are noise of the surface, m: their stretch is also given as if they were so long. */
const SHORT_METERS = 0.004;
/** What floats round edges to, m. */
const ROUNDED_METERS = 0.00005;
/** A closed surface larger than the seen one by this share of its height has a bubble. */
const BUBBLE_SHARE = 0.04;
const RAISED_DEG = 28;
const THIGH_DEG = 45;
const KNEE_DEG = 90;

const JOINTS: readonly (readonly [BoneId, KeypointId, string])[] = (['left', 'right'] as const).flatMap(
  (side) =>
    [
      [`${side}UpperArm`, `${side}Shoulder`, 'shoulder'],
      [`${side}LowerArm`, `${side}Elbow`, 'elbow'],
      [`${side}Hand`, `${side}Wrist`, 'wrist'],
      [`${side}UpperLeg`, `${side}Hip`, 'hip'],
      [`${side}LowerLeg`, `${side}Knee`, 'knee'],
      [`${side}Foot`, `${side}Ankle`, 'ankle'],
    ] as const,
);
const KINDS = ['shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle'] as const;

const [samples, out] = process.argv.slice(2);
if (!samples || !out || !existsSync(samples) || !existsSync(out)) {
  console.error(
    'npm run bench -- rig SAMPLES OUT, with samples of the training and what digitize made of them.',
  );
  process.exit(2);
}
const names = readdirSync(samples)
  .filter((file) => file.endsWith('_truth.ply'))
  .map((file) => file.replace('_truth.ply', ''))
  .sort();
/** Each person on the true surface, and from the photo where a file of it is at hand. */
const tasks = names.flatMap((name) => {
  const file = join(out, name, 'mesh-rigged.glb');
  return [
    { name, from: 'surface', file: null },
    ...(existsSync(file) ? [{ name, from: 'photo', file }] : []),
  ];
});
if (tasks.length === 0) throw new Error('There are no samples (NAME_truth.ply).');

/** Vertices and triangles of a PLY of the samples: three floats, lists of three. */
function readTruth(file: string) {
  const bytes = readFileSync(file);
  const end = bytes.indexOf('end_header\n') + 'end_header\n'.length;
  const header = bytes.subarray(0, end).toString();
  const [vertices, faces] = ['vertex', 'face'].map((word) =>
    Number(new RegExp(`element ${word} (\\d+)`).exec(header)?.[1]),
  );
  const positions = new Float32Array(bytes.buffer.slice(bytes.byteOffset + end).slice(0, vertices * 12));
  const indices = new Uint32Array(faces * 3);
  const from = end + vertices * 12;
  for (let i = 0; i < indices.length; i++) {
    indices[i] = bytes.readInt32LE(from + Math.floor(i / 3) * 13 + 1 + (i % 3) * 4);
  }
  let [low, high] = [Infinity, -Infinity];
  for (let i = 1; i < positions.length; i += 3) {
    low = Math.min(low, positions[i]);
    high = Math.max(high, positions[i]);
  }
  return { positions, indices, low, high };
}

type Truth = ReturnType<typeof readTruth>;

/** A closed mesh of the true surface, solved as a cloud of its triangles' middles, and the rig on the true keypoints; null where a
 * bubble closes it. */
async function rigOfTruth(truth: Truth, keypoints: KeypointTable): Promise<File | null> {
  const { positions: p, indices } = truth;
  const count = indices.length / 3;
  const positions = new Float32Array(count * 3);
  const normals = new Float32Array(count * 3);
  for (let t = 0; t < count; t++) {
    const [a, b, c] = [0, 1, 2].map((k) => new Vector3().fromArray(p, indices[t * 3 + k] * 3));
    a.clone()
      .add(b)
      .add(c)
      .divideScalar(3)
      .toArray(positions, t * 3);
    b.sub(a)
      .cross(c.sub(a))
      .normalize()
      .toArray(normals, t * 3);
  }
  const cloud = {
    count,
    positions,
    normals,
    colours: new Uint8Array(count * 3).fill(150),
    sides: new Uint8Array(count),
  };
  const options = { ...DEFAULT_SURFACE_OPTIONS, depth: 9, threads: 1 };
  const { mesh } = await reconstruct(cloud, (prepared) => solveInNode(prepared, options));
  const box = (of: Float32Array) => {
    const [low, high] = [Infinity, -Infinity].map((v) => [v, v, v]);
    for (let i = 0; i < of.length; i++) {
      low[i % 3] = Math.min(low[i % 3], of[i]);
      high[i % 3] = Math.max(high[i % 3], of[i]);
    }
    return [...low, ...high];
  };
  const [own, truly] = [box(mesh.positions), box(p)];
  const tall = truly[4] - truly[1];
  if (own.some((value, i) => Math.abs(value - truly[i]) > BUBBLE_SHARE * tall)) return null;
  const { positions: placed, skin, skeleton } = makeRig(mesh, skeletonOf(mesh, keypoints), HEIGHT_METERS);
  return {
    heads: skeleton.heads,
    positions: placed,
    indices: mesh.indices,
    skin,
    notes: skeleton.notes,
  };
}

function keypointsOf(file: string): Float64Array<ArrayBuffer> {
  const { joints } = JSON.parse(readFileSync(file, 'utf8')) as { joints?: number[][] };
  if (!joints) throw new Error(`${file} has no joints: make the samples again.`);
  const keypoints = new Float64Array(joints.length * 3);
  joints.forEach(([x, y, z], i) => {
    const [column, row] = seenAt(x, y, z, CANVAS_SIZE);
    keypoints.set([column, row, 1], i * 3);
  });
  return keypoints;
}

interface File {
  readonly heads: Record<BoneId, Place>;
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
  readonly skin: SkinWeights;
  readonly notes: readonly string[];
}

function readFile(document: Document): File {
  const root = document.getRoot();
  const nodes = new Map(root.listNodes().map((node) => [node.getName(), node]));
  const heads = {} as Record<BoneId, Place>;
  for (const bone of BONE_IDS) heads[bone] = (nodes.get(bone)?.getWorldTranslation() ?? [0, 0, 0]) as Place;
  const primitive = root.listMeshes()[0].listPrimitives()[0];
  const array = (name: string) => primitive.getAttribute(name)?.getArray();
  const { rig = [] } = (root.getAsset().extras ?? {}) as { rig?: string[] };
  return {
    heads,
    positions: Float32Array.from(array('POSITION') ?? []),
    indices: Uint32Array.from(primitive.getIndices()?.getArray() ?? []),
    skin: {
      bones: Uint8Array.from(array('JOINTS_0') ?? []),
      weights: Float32Array.from(array('WEIGHTS_0') ?? []),
    },
    notes: rig,
  };
}

const RAD = Math.PI / 180;
const CHILD: Partial<Record<BoneId, BoneId>> = Object.fromEntries(
  (['left', 'right'] as const).flatMap((side) => [
    [`${side}UpperArm`, `${side}LowerArm`],
    [`${side}LowerArm`, `${side}Hand`],
    [`${side}UpperLeg`, `${side}LowerLeg`],
    [`${side}LowerLeg`, `${side}Foot`],
  ]),
);

/** World turns that point the bones named in the given directions; what hangs on them goes along. */
function pointed(file: File, directions: Partial<Record<BoneId, Vector3>>): Record<BoneId, Quaternion> {
  const turns = {} as Record<BoneId, Quaternion>;
  for (const bone of BONE_IDS) {
    const parent = BONE_PARENTS[bone];
    turns[bone] = parent ? turns[parent].clone() : new Quaternion();
    const [wanted, child] = [directions[bone], CHILD[bone]];
    if (!wanted || !child) continue;
    const now = new Vector3(...file.heads[child]).sub(new Vector3(...file.heads[bone])).normalize();
    turns[bone].setFromUnitVectors(now, wanted);
  }
  return turns;
}

function raisedArm(side: 'left' | 'right') {
  const along = new Vector3(
    (side === 'left' ? 1 : -1) * Math.cos(RAISED_DEG * RAD),
    Math.sin(RAISED_DEG * RAD),
    0,
  );
  return { [`${side}UpperArm`]: along, [`${side}LowerArm`]: along };
}

function bentKnee(side: 'left' | 'right') {
  const shin = THIGH_DEG - KNEE_DEG;
  return {
    [`${side}UpperLeg`]: new Vector3(0, -Math.cos(THIGH_DEG * RAD), Math.sin(THIGH_DEG * RAD)),
    [`${side}LowerLeg`]: new Vector3(0, -Math.cos(shin * RAD), Math.sin(shin * RAD)),
  };
}

interface Stretch {
  readonly most: number;
  readonly mostOfLong: number;
  readonly beyond: number;
}

function stretchIn(file: File, directions: Partial<Record<BoneId, Vector3>>): Stretch {
  const turns = pointed(file, directions);
  const normals = new Float32Array(file.positions.length);
  const moved = posed(file.positions, normals, file.skin, file.heads, turns).positions;
  const strict = stretchOf(file.positions, moved, file.indices, ROUNDED_METERS, MOST_STRETCH);
  const long = stretchOf(file.positions, moved, file.indices, SHORT_METERS, MOST_STRETCH);
  return { most: strict.most, mostOfLong: long.most, beyond: strict.beyond };
}

const io = new NodeIO();
const rows: string[] = [];
interface Sums {
  errors: number[];
  byKind: Map<string, number[]>;
  people: number;
  within: number;
  poses: number;
  stretched: number;
  edges: number;
  beyond: number;
}
const sumsOf = new Map<string, Sums>();
const unclosed: string[] = [];
const cm = (values: readonly number[]) =>
  ((values.reduce((sum, value) => sum + value, 0) / values.length) * 100).toFixed(1);
/** Of the people so far: a long run that is stopped leaves a table. */
function writeReport(): void {
  const summaries = [...sumsOf].map(([from, sums]) => {
    const kinds = KINDS.map((kind) => `${kind} ${cm(sums.byKind.get(kind) ?? [])}`).join(', ');
    const share = ((sums.beyond / sums.edges) * 1e6).toFixed(0);
    return `From the ${from}: mean over all joints **${cm(sums.errors)} cm** (${kinds}), ${sums.within} of ${sums.people} people within 3 cm.
Edges beyond ${MOST_STRETCH} times in ${sums.stretched} of ${sums.poses} poses, ${share} of a million edges.`;
  });

  const text = `# Skeleton and skin on people whose joints are known

Written by \`npm run bench -- rig\` (how, in its head) from held-out synthetic people. "Surface": their true surface, closed at depth 9,
with the true keypoints. "Photo": \`mesh-rigged.glb\` of the app, keypoints and cut-out its own. Joints: distance of shoulders, elbows,
wrists, hips, knees, ankles from the true ones, person of 1.70 m, means of the joints laid on each other in x and z only. Arm: raised
${RAISED_DEG} degrees above level, each side that is free. Knee: thigh ${THIGH_DEG} degrees forward, knee bent ${KNEE_DEG}, each side, where there is a gap between the thighs. Stretch:
longest edge against its length at rest, worst of both sides, edges under 0.05 mm (rounding) as if they were so long; "over
4 mm": edges shorter than that taken as 4 mm.

${summaries.join('\n\n')}

Left out, because the seen part of their surface does not close without a bubble: ${unclosed.join(', ') || 'none'}.

| person | from | joints, cm | worst, cm | arm: stretch | over 4 mm | edges beyond ${MOST_STRETCH} | knee: stretch | over 4 mm | edges beyond ${MOST_STRETCH} | triangles | what the file says |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
  writeFileSync(join(import.meta.dirname, 'rig.md'), text);
}

for (const { name, from, file: path } of tasks) {
  const truth = readTruth(join(samples, `${name}_truth.ply`));
  const json = join(samples, `${name}.json`);
  const file = path ? readFile(await io.read(path)) : await rigOfTruth(truth, keypointsOf(json));
  if (!file) {
    unclosed.push(name);
    continue;
  }
  const { joints } = JSON.parse(readFileSync(json, 'utf8')) as { joints: number[][] };
  const sums: Sums = sumsOf.get(from) ?? {
    errors: [],
    byKind: new Map(),
    people: 0,
    within: 0,
    poses: 0,
    stretched: 0,
    edges: 0,
    beyond: 0,
  };
  sumsOf.set(from, sums);
  const scale = HEIGHT_METERS / (truth.high - truth.low);
  const places = JOINTS.map(([, id]) => joints[KEYPOINT_IDS.indexOf(id)].map((value) => value * scale));
  const found = JOINTS.map(([bone]) => file.heads[bone]);
  const mean = (of: readonly (readonly number[])[], axis: number) =>
    of.reduce((sum, place) => sum + place[axis], 0) / of.length;
  const shift = [mean(found, 0) - mean(places, 0), -truth.low * scale, mean(found, 2) - mean(places, 2)];
  const errors = places.map((place, i) =>
    Math.hypot(...place.map((value, axis) => value + shift[axis] - found[i][axis])),
  );
  for (const [i, [, , kind]] of JOINTS.entries()) {
    sums.byKind.set(kind, [...(sums.byKind.get(kind) ?? []), errors[i]]);
  }
  sums.errors.push(...errors);
  sums.people++;
  const average = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  if (average < 0.03) sums.within++;
  const worst = errors.indexOf(Math.max(...errors));
  const fixed = (side: string, limb: string) =>
    file.notes.some((note) => note.startsWith(`The ${side} ${limb}`)) ||
    (limb === 'leg' && file.notes.some((note) => /stand upright|between the thighs/.test(note)));
  const cells = [
    name,
    from,
    (average * 100).toFixed(1),
    `${JOINTS[worst][1]} ${(errors[worst] * 100).toFixed(1)}`,
  ];
  for (const [limb, pose] of [
    ['arm', raisedArm],
    ['leg', bentKnee],
  ] as const) {
    const poses = (['left', 'right'] as const)
      .filter((side) => !fixed(side, limb))
      .map((side) => stretchIn(file, pose(side)));
    if (poses.length === 0) {
      cells.push('not free', '-', '-');
      continue;
    }
    const beyond = poses.reduce((sum, one) => sum + one.beyond, 0);
    sums.poses += poses.length;
    sums.edges += (poses.length * file.indices.length) / 2;
    sums.beyond += beyond;
    sums.stretched += poses.filter(({ most }) => most > MOST_STRETCH).length;
    cells.push(
      Math.max(...poses.map(({ most }) => most)).toFixed(2),
      Math.max(...poses.map(({ mostOfLong }) => mostOfLong)).toFixed(2),
      String(beyond),
    );
  }
  cells.push(String(file.indices.length / 3), file.notes.join(' ') || '-');
  rows.push(`| ${cells.join(' | ')} |`);
  console.log(rows.at(-1));
  writeReport();
}
console.log(readFileSync(join(import.meta.dirname, 'rig.md'), 'utf8'));
