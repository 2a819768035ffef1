/** `npm run digitize` from outside: what it writes, what it says, and how it ends. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { decode } from 'fast-png';
import { inspectGlb } from '../cli/inspect-glb.ts';
import { PART_IDS } from '../src/geometry/body.ts';
import { readNpy } from '../tests/npz.ts';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'statuette-digitize-'));
test.afterAll(() => rmSync(folder, { recursive: true }));

function digitize(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(ROOT, 'cli/digitize.ts'), ...args];
  return new Promise((done) => {
    execFile(process.execPath, command, { cwd: ROOT }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test('a good photo gives every file; a bad one beside it is named, and the exit code says so', async () => {
  const bad = join(folder, 'broken.png');
  writeFileSync(bad, 'not a picture');
  const sample = join(ROOT, 'public/samples/bomber-jacket');
  const out = join(folder, 'out');
  const { code, stderr } = await digitize([
    ...[bad, `${sample}.jpg`, '--pose', join(ROOT, 'public/samples'), '--save', 'npy,pictures'],
    ...['--out', out, '--no-build', '--triangles', '50000'],
    ...['--formats', 'glb,ply,stl', '--print-height', '150', '--plinth', 'round', '--plinth-text', 'ANNA'],
  ]);
  expect(stderr).toMatch(
    /broken {2}failed: photo: .+ is a text file, not a picture\. Use a photo of one standing person/,
  );
  expect(stderr).toMatch(/1 of 2 photos gave no mesh/);
  expect(code).toBe(1);
  expect(existsSync(join(out, 'broken'))).toBe(false);

  const result = join(out, 'bomber-jacket');
  const files = readdirSync(result, { recursive: true, encoding: 'utf8' });
  const wanted = [
    ...['mesh.glb', 'mesh.ply', 'cloud.ply', 'report.json', 'keypoints.npy'],
    ...['depth_front.png', 'depth_back.png', 'normal_front.png', 'normal_back.png'],
    ...['photo.png', 'matte.png', 'cutout.png'],
    ...['network_input.npy', 'coarse_normals.npy', 'coarse_depth_raw.npy', 'coarse_depth.npy'],
    ...['merged_normals.npy', 'fine_depth_raw.npy', 'fine_depth.npy'],
    ...PART_IDS.flatMap((part) => [
      ...[`part_crop_${part}.npy`, `part_normals_${part}.npy`, `occupancy_${part}.npy`],
      ...['crop', 'coarse', 'front', 'back', 'weight'].map((kind) => join('parts', `${part}_${kind}.png`)),
    ]),
  ];
  expect(wanted.filter((file) => !files.includes(file))).toEqual([]);

  const report = JSON.parse(readFileSync(join(result, 'report.json'), 'utf8'));
  const glb = await inspectGlb(readFileSync(join(result, 'mesh.glb')));
  expect([glb.errors, glb.warnings]).toEqual([0, 0]);
  // The surface is whole in the report; the files have the triangles that were asked for.
  expect(report.triangles).toBeGreaterThan(100_000);
  expect(report.simplified).toMatchObject({ wantedTriangles: 50_000, boundaryEdges: 0, nonManifoldEdges: 0 });
  const { triangles } = report.simplified;
  expect(glb.topology).toMatchObject({ boundaryEdges: 0, nonManifoldEdges: 0, triangles });
  expect(triangles).toBeGreaterThan(49_000);
  expect(triangles).toBeLessThanOrEqual(50_000);
  const ply = readFileSync(join(result, 'mesh.ply')).subarray(0, 1000).toString('latin1');
  expect(ply).toContain(`element face ${triangles}\n`);
  // Printed in the page with its policy, where no code can be made at run time.
  const stl = readFileSync(join(result, 'mesh.stl'));
  const facets = stl.readUInt32LE(80);
  expect(stl).toHaveLength(84 + facets * 50);
  const heights = Array.from({ length: facets * 3 }, (_, i) =>
    stl.readFloatLE(84 + Math.floor(i / 3) * 50 + 12 + (i % 3) * 12 + 8),
  );
  const [lowest, highest] = heights.reduce(
    ([low, high], z) => [Math.min(low, z), Math.max(high, z)],
    [1e9, -1e9],
  );
  expect(lowest).toBeCloseTo(0, 3);
  expect(highest).toBeGreaterThan(149);
  expect(report.stages).toHaveLength(10);
  for (const file of report.files) expect(statSync(join(result, file.path)).size).toBe(file.sizeBytes);

  const depth = readNpy(new Uint8Array(readFileSync(join(result, 'fine_depth.npy'))));
  expect(depth.shape).toEqual([2, 2048, 2048]);
  const picture = decode(readFileSync(join(result, 'depth_back.png')));
  expect([picture.width, picture.height, picture.channels, picture.depth]).toEqual([2048, 2048, 1, 16]);
  let different = 0;
  let foreground = 0;
  for (let i = 0; i < 2048 * 2048; i++) {
    const value = Number(depth.data[2048 * 2048 + i]);
    if (value > 0) foreground++;
    if (picture.data[i] !== Math.min(65535, Math.trunc(value * 16384))) different++;
  }
  expect(different).toBe(0);
  expect(foreground).toBeGreaterThan(100_000);
});

test('a wrong command line ends with usage and code 2, before a browser starts', async () => {
  const { code, stderr } = await digitize(['--out', folder]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/Give at least one photo\.[\s\S]*npm run digitize/);
});
