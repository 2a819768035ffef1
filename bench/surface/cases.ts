/** The clouds of the surface benchmark; made once and kept in .cache/surface-bench. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrientedCloud } from '../../src/base/cloud.ts';
import { hashNoise } from '../../src/base/deterministic.ts';
import { DEFAULT_SURFACE_OPTIONS } from '../../src/client/surface-api.ts';
import { writeCloudPly } from '../../src/export/ply.ts';
import { sharedPath } from '../../tests/shared.ts';
import { methodCameraOf } from '../../workers/poisson/camera.ts';
import { readPlyCloud } from '../../workers/poisson/clouds/read-ply.ts';
import { poissonModule } from '../../workers/poisson/load-module.node.mjs';
import { solveSurface } from '../../workers/poisson/solver.ts';
import { type CloudKind, FRAME_SCALE, makeCloud, traceDepths } from './clouds.ts';
import { FOCAL_PX, SIDE_PX } from './person.ts';

const ROOT = join(import.meta.dirname, '../..');
export const CACHE = join(ROOT, '.cache/surface-bench');
export const KINDS: readonly CloudKind[] = ['clean', 'filtered'];
/** Photos of real runs (../shared/photos, not part of the repository). */
export const PHOTOS = ['hanni.png', '0514_front.png', 'DSC02780.jpg'];

const say = (text: string) => process.stderr.write(`${text}\n`);
export const cloudPath = (name: string) => join(CACHE, `${name}.ply`);

/** The analytic person's clouds. */
export function ensurePerson(): void {
  mkdirSync(CACHE, { recursive: true });
  if (KINDS.every((kind) => existsSync(cloudPath(kind)))) return;
  say('making the clouds of the person (about a minute)');
  const depths = traceDepths();
  for (const kind of KINDS) writeFileSync(cloudPath(kind), writeCloudPly(makeCloud(depths, kind)));
}

/** A cloud with the pixels that its points come from; the judge wants them, a PLY does not have them. */
export function readWithPixels(name: string): OrientedCloud {
  const cloud = readPlyCloud(readFileSync(cloudPath(name)));
  const pixels = new Uint32Array(cloud.count);
  for (let i = 0; i < cloud.count; i++) {
    const z = 1 / FRAME_SCALE - cloud.positions[i * 3 + 2];
    const column = Math.floor((cloud.positions[i * 3] / z) * FOCAL_PX + SIDE_PX / 2);
    const row = Math.floor((-cloud.positions[i * 3 + 1] / z) * FOCAL_PX + SIDE_PX / 2);
    pixels[i] = row * SIDE_PX + column;
  }
  return { ...cloud, pixels };
}

/** `count` points spread evenly over the surface of the person (our own mesh of it), for the growth with points. */
export async function ensureSpread(count: number): Promise<string> {
  const name = `spread-${count}`;
  if (existsSync(cloudPath(name))) return name;
  ensurePerson();
  const person = readPlyCloud(readFileSync(cloudPath('clean')));
  const { mesh } = solveSurface(await poissonModule(), person, {
    ...DEFAULT_SURFACE_OPTIONS,
    depth: 10,
    camera: methodCameraOf(person),
  });
  const { positions, normals, colours, indices } = mesh;
  const corner = (t: number, k: number) => indices[t * 3 + k] * 3;
  const sums = new Float64Array(indices.length / 3 + 1);
  for (let t = 0; t < sums.length - 1; t++) {
    const [a, b, c] = [corner(t, 0), corner(t, 1), corner(t, 2)];
    const u = [0, 1, 2].map((k) => positions[b + k] - positions[a + k]);
    const v = [0, 1, 2].map((k) => positions[c + k] - positions[a + k]);
    const area = Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]);
    sums[t + 1] = sums[t] + area;
  }
  const cloud = {
    count,
    positions: new Float32Array(count * 3),
    normals: new Float32Array(count * 3),
    colours: new Uint8Array(count * 3),
    sides: new Uint8Array(count),
  };
  const uniform = (seed: number, i: number) => (hashNoise(seed, i) + 1) / 2;
  let t = 0;
  for (let i = 0; i < count; i++) {
    // Stratified along the summed area: even, and the triangles come in order.
    const goal = ((i + uniform(1, i)) / count) * sums[sums.length - 1];
    while (t < sums.length - 2 && sums[t + 1] < goal) t++;
    let [p, q] = [uniform(2, i), uniform(3, i)];
    if (p + q > 1) [p, q] = [1 - p, 1 - q];
    for (let k = 0; k < 3; k++) {
      const mix = (values: Float32Array | Uint8Array) =>
        values[corner(t, 0) + k] * (1 - p - q) + values[corner(t, 1) + k] * p + values[corner(t, 2) + k] * q;
      cloud.positions[i * 3 + k] = mix(positions);
      cloud.normals[i * 3 + k] = mix(normals);
      cloud.colours[i * 3 + k] = mix(colours);
    }
  }
  writeFileSync(cloudPath(name), writeCloudPly(cloud));
  return name;
}

/** Clouds of real runs of the whole product; what cannot be made is left out, said aloud. */
export function ensureRuns(): string[] {
  const photos = sharedPath('photos');
  if (!photos) {
    say('skipped: real runs (no ../shared/photos here)');
    return [];
  }
  return PHOTOS.flatMap((photo) => {
    const stem = photo.replace(/\.\w+$/, '');
    const path = join(CACHE, 'runs', stem, 'cloud.ply');
    if (!existsSync(path)) {
      say(`digitizing ${photo}`);
      const flags = [
        join(photos, photo),
        '--pose',
        join(photos, `${stem}_keypoints.json`),
        '--out',
        join(CACHE, 'runs'),
      ];
      const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
      const args = [tsx, join(ROOT, 'cli/digitize.ts'), ...flags];
      spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
    }
    if (existsSync(path)) return [stem];
    say(`skipped: ${photo} gave no cloud`);
    return [];
  });
}

export const runCloudPath = (stem: string) => join(CACHE, 'runs', stem, 'cloud.ply');
