/**
 * How much of a figure reaches its files: the default mesh against the full one of depth 11, and textured meshes against
 * the textured whole. Writes its figure's section of bench/detail.md.
 *   npm run digitize -- PHOTO --save npy,pictures --out OUT
 *   npm run bench -- detail OUT/NAME
 * Times are of one thread's processor, one run each: ratios, not promises. Millimetres are of a person of 1.70 m.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { decode } from 'fast-png';
import type { OrientedCloud } from '../src/base/cloud.ts';
import type { RgbaImage } from '../src/base/images.ts';
import type { SurfaceMesh } from '../src/base/mesh.ts';
import { finish } from '../src/base/steps.ts';
import { type Atlas, atlasSteps } from '../src/geometry/atlas/atlas.ts';
import { aroundHead } from '../src/geometry/atlas/head.ts';
import { FRONT, projectPoint } from '../src/geometry/atlas/projections.ts';
import { coloured, draw, textured, type Window } from '../src/geometry/atlas/render-test-kit.ts';
import { CANVAS_SIZE, KEYPOINT_COUNT } from '../src/geometry/body.ts';
import { focusesOf } from '../src/geometry/focus.ts';
import { squareMapping } from '../src/geometry/keypoints.ts';
import { withFocus } from '../workers/focused-surface.ts';
import { METHOD_CAMERA } from '../workers/poisson/camera.ts';
import { readCloud } from '../workers/poisson/index.ts';
import { solveInNode } from '../workers/poisson/node.ts';
import { simplifyMesh } from '../workers/poisson/simplify.ts';

const HEIGHT_MM = 1700;
/** Every so many-th vertex is measured. */
const STEP = 5;

const folder = process.argv[2];
const needed = ['cloud.ply', 'keypoints.npy', 'photo.png', 'matte.png'];
if (!folder || needed.some((file) => !existsSync(join(folder, file)))) {
  console.error(
    `npm run bench -- detail FOLDER, with ${needed.join(', ')} in it (digitize --save npy,pictures).`,
  );
  process.exit(2);
}
const bytesOf = (file: string) => new Uint8Array(readFileSync(join(folder, file)));

/** The pixels that the file leaves out are where the points lie. */
function cloudOfRun(): OrientedCloud {
  const { count, positions, normals, colours, sides } = readCloud(bytesOf('cloud.ply'));
  const pixels = new Uint32Array(count);
  const place = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    projectPoint(positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2], FRONT, place, 0);
    pixels[i] = Math.floor(place[1]) * CANVAS_SIZE + Math.floor(place[0]);
  }
  return { count, positions, normals, colours, sides, pixels };
}

function pictureOfRun(file: string): RgbaImage {
  const { width, height, channels, data } = decode(bytesOf(file));
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let k = 0; k < 3; k++) rgba[i * 4 + k] = data[i * channels + Math.min(k, channels - 1)];
  }
  return { width, height, data: rgba };
}

function keypointsOfRun(): Float64Array<ArrayBuffer> {
  const bytes = bytesOf('keypoints.npy');
  const values = new Float32Array(bytes.slice(bytes.length - KEYPOINT_COUNT * 3 * 4).buffer);
  return Float64Array.from(values);
}

const cloud = cloudOfRun();
const keypoints = keypointsOfRun();
const focuses = focusesOf(cloud, keypoints);
if (focuses.length === 0) throw new Error('The run has no face: nothing to measure.');
const seconds = () => process.cpuUsage().user / 1e6;

async function solved(depth: number) {
  const before = seconds();
  const result = await solveInNode(cloud, {
    depth,
    pointWeight: 16,
    threads: 1,
    trim: false,
    camera: METHOD_CAMERA,
  });
  return { ...result, seconds: seconds() - before };
}

const middle = new Float64Array(3);
projectPoint(...focuses[0].centre, FRONT, middle, 0);
const reach = Math.round(focuses[0].radius * 2276 * 0.7);
const FACE: Window = {
  left: Math.round(middle[0]) - reach,
  top: Math.round(middle[1]) - reach,
  width: 2 * reach,
  height: 2 * reach,
  zoom: 2,
};

const normalsIn = (mesh: SurfaceMesh) =>
  draw(mesh.positions, mesh.indices, FRONT, FACE, (t, wa, wb, wc, out) => {
    const at = [0, 1, 2].map((corner) => mesh.indices[t * 3 + corner] * 3);
    const n = [0, 1, 2].map(
      (k) => mesh.normals[at[0] + k] * wa + mesh.normals[at[1] + k] * wb + mesh.normals[at[2] + k] * wc,
    );
    const length = Math.hypot(...n) || 1;
    for (let k = 0; k < 3; k++) out[k] = (n[k] / length + 1) * 127.5;
  });

function degreesBetween(a: RgbaImage, b: RgbaImage): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    if (a.data[i + 3] === 0 || b.data[i + 3] === 0) continue;
    const [p, q] = [a, b].map(({ data }) => [0, 1, 2].map((k) => data[i + k] / 127.5 - 1));
    const cosine = (p[0] * q[0] + p[1] * q[1] + p[2] * q[2]) / (Math.hypot(...p) * Math.hypot(...q));
    sum += Math.acos(Math.min(1, cosine));
    count++;
  }
  return ((sum / count) * 180) / Math.PI;
}

/** Mean distance of a mesh's vertices from the planes at the nearest vertices of the full one, cloud units. */
function distanceFrom(full: SurfaceMesh, cell: number): (mesh: SurfaceMesh) => number {
  const cells = new Map<number, number[]>();
  const at = (value: number) => Math.floor(value / cell) + 32768;
  const keyOf = (x: number, y: number, z: number) => (x * 65536 + y) * 65536 + z;
  const p = full.positions;
  for (let v = 0; v < p.length / 3; v++) {
    const key = keyOf(at(p[v * 3]), at(p[v * 3 + 1]), at(p[v * 3 + 2]));
    const list = cells.get(key);
    if (list) list.push(v);
    else cells.set(key, [v]);
  }
  return ({ positions }) => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < positions.length; i += 3 * STEP) {
      const [x, y, z] = positions.subarray(i, i + 3);
      let nearest = -1;
      let least = Infinity;
      for (let c = 0; c < 27; c++) {
        const key = keyOf(
          at(x) + (c % 3) - 1,
          at(y) + (Math.floor(c / 3) % 3) - 1,
          at(z) + Math.floor(c / 9) - 1,
        );
        for (const v of cells.get(key) ?? []) {
          const d = (p[v * 3] - x) ** 2 + (p[v * 3 + 1] - y) ** 2 + (p[v * 3 + 2] - z) ** 2;
          if (d < least) [least, nearest] = [d, v];
        }
      }
      count++;
      // Nothing within a cell: as far as that, at least.
      if (nearest === -1) sum += cell;
      else {
        const n = [0, 1, 2].map((k) => full.normals[nearest * 3 + k]);
        const off =
          n[0] * (x - p[nearest * 3]) + n[1] * (y - p[nearest * 3 + 1]) + n[2] * (z - p[nearest * 3 + 2]);
        sum += Math.abs(off) / (Math.hypot(...n) || 1);
      }
    }
    return sum / count;
  };
}

const plain = await solved(9);
const before = seconds();
const refined = await withFocus(plain, cloud, METHOD_CAMERA, focuses, 9);
const refineSeconds = seconds() - before;
const ten = await solved(10);
const full = await solved(11);
const low = full.mesh.positions.reduce((m, v, i) => (i % 3 === 1 ? Math.min(m, v) : m), Infinity);
const high = full.mesh.positions.reduce((m, v, i) => (i % 3 === 1 ? Math.max(m, v) : m), -Infinity);
const mmPerUnit = HEIGHT_MM / (high - low);
const truth = normalsIn(full.mesh);
const distance = distanceFrom(full.mesh, plain.cell);

const shapes = [
  ['depth 9', plain.mesh, plain.seconds],
  ['default: depth 9, face and hands refined', refined.mesh, plain.seconds + refineSeconds],
  ['depth 10', ten.mesh, ten.seconds],
  ['depth 11', full.mesh, full.seconds],
] as const;
const shapeRows = shapes.map(([name, mesh, took]) => {
  const cells = [
    name,
    mesh.indices.length / 3,
    (distance(mesh) * mmPerUnit).toFixed(3),
    degreesBetween(normalsIn(mesh), truth).toFixed(2),
    took.toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
});

/** Mean difference where both drawings have something, levels of 255. */
function levelsBetween(a: RgbaImage, b: RgbaImage): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    if (a.data[i + 3] === 0 || b.data[i + 3] === 0) continue;
    for (let k = 0; k < 3; k++) sum += Math.abs(a.data[i + k] - b.data[i + k]);
    count += 3;
  }
  return sum / count;
}

const photo = pictureOfRun('photo.png');
const mattePicture = pictureOfRun('matte.png');
const matte = {
  width: CANVAS_SIZE,
  height: CANVAS_SIZE,
  data: Uint8Array.from({ length: CANVAS_SIZE ** 2 }, (_, i) => mattePicture.data[i * 4]),
};
const whole = refined.mesh;
const WHOLE: Window = { left: 0, top: 0, width: CANVAS_SIZE, height: CANVAS_SIZE, zoom: 0.5 };
function texturedAs(mesh: SurfaceMesh, maxSide: number): { atlas: Atlas; took: number } {
  const since = seconds();
  const atlas = finish(
    atlasSteps({
      mesh,
      full: whole,
      sources: { cloud, matte, photo, mapping: squareMapping(photo.width, photo.height) },
      important: aroundHead(keypoints),
      maxSide,
    }),
  );
  return { atlas, took: seconds() - since };
}
const drawn = ({ positions, indices, ...rest }: Atlas, window: Window) =>
  draw(positions, indices, FRONT, window, textured({ indices, ...rest }));
const best = texturedAs(whole, 4096);
const textureRows = [];
for (const [triangles, side] of [
  [10_000, 2048],
  [50_000, 4096],
] as const) {
  const mesh = await simplifyMesh(whole, triangles);
  const { atlas, took } = texturedAs(mesh, side);
  const vertexColours = draw(mesh.positions, mesh.indices, FRONT, FACE, coloured(mesh));
  const cells = [
    mesh.indices.length / 3,
    `${atlas.colour.width} x ${atlas.colour.height}`,
    atlas.texelsPerPixel.toFixed(2),
    atlas.charts,
    `${atlas.sources.length} of ${mesh.seen.length}`,
    levelsBetween(drawn(atlas, FACE), drawn(best.atlas, FACE)).toFixed(2),
    levelsBetween(drawn(atlas, WHOLE), drawn(best.atlas, WHOLE)).toFixed(2),
    levelsBetween(vertexColours, drawn(best.atlas, FACE)).toFixed(2),
    took.toFixed(1),
  ];
  textureRows.push(`| ${cells.join(' | ')} |`);
}

const HEAD = `# How much of a figure reaches its files

Written by \`npm run bench -- detail\`, one section a figure. Face: what the camera sees of it, every half pixel. Distances:
mean over the vertices, to the full mesh of depth 11, person of 1.70 m. Seconds: one thread's processor time, one run, on a
machine with other work (load average in the section's first line): compare them within a section only.
`;
const name = basename(folder);
const section = `## ${name}

Load ${loadavg()[0].toFixed(0)} on ${cpus().length} cores.

| mesh | triangles | distance, mm | face normals, degrees off | seconds |
| --- | --- | --- | --- | --- |
${shapeRows.join('\n')}

With texture, against the whole default mesh with its texture (levels of 255, mean, as the camera sees them):

| triangles | atlas | texels a photo pixel | charts | vertices, of those before seams | face | figure | face with vertex colours instead | seconds |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${textureRows.join('\n')}
`;
const target = join(import.meta.dirname, 'detail.md');
const written = existsSync(target) ? readFileSync(target, 'utf8') : '';
const others = written
  .split(/^(?=## )/m)
  .filter((part) => part.startsWith('## ') && !part.startsWith(`## ${name}\n`));
const sections = [...others.map((part) => part.trimEnd()), section.trimEnd()].sort();
writeFileSync(target, `${[HEAD.trimEnd(), ...sections].join('\n\n')}\n`);
console.log(section);
