import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeCloudPly } from '../src/export/ply.ts';
import { sphereCloud } from '../workers/poisson/shapes.ts';
import { surfaceCommand } from './surface.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surface-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function surface(...args: string[]) {
  let stdout = '';
  let stderr = '';
  const status = await surfaceCommand(args, {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  });
  return { status, stdout, stderr };
}

describe('npm run surface', () => {
  test('a cloud to a simplified closed mesh, one JSON line', async () => {
    const cloud = join(folder, 'cloud.ply');
    const mesh = join(folder, 'mesh.ply');
    writeFileSync(cloud, writeCloudPly(sphereCloud(4000)));
    const { status, stdout, stderr } = await surface(
      cloud,
      '--depth',
      '7',
      '--triangles',
      '2000',
      '--out',
      mesh,
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const line = JSON.parse(stdout);
    expect(line).toMatchObject({
      points: 4000,
      components: 1,
      boundaryEdges: 0,
      nonManifoldEdges: 0,
      depth: 7,
    });
    expect(line.triangles).toBeLessThanOrEqual(2000);
    expect(line.triangles).toBeGreaterThan(1500);
    expect(readFileSync(mesh).subarray(0, 4).toString()).toBe('ply\n');
  });

  test('without normals they are estimated, with a warning', async () => {
    const cloud = sphereCloud(3000);
    const lines = Array.from({ length: cloud.count }, (_, i) =>
      cloud.positions.subarray(i * 3, i * 3 + 3).join(' '),
    );
    const head = ['ply', 'format ascii 1.0', `element vertex ${cloud.count}`];
    for (const axis of ['x', 'y', 'z']) head.push(`property float ${axis}`);
    const file = join(folder, 'bare.ply');
    writeFileSync(file, `${[...head, 'end_header', ...lines].join('\n')}\n`);
    const { status, stdout, stderr } = await surface(
      file,
      '--depth',
      '6',
      '--out',
      join(folder, 'bare-mesh.ply'),
    );
    expect(status).toBe(0);
    expect(stderr).toContain('estimated');
    expect(JSON.parse(stdout)).toMatchObject({ components: 1, boundaryEdges: 0 });
  });

  test('trimmed: open where no point was, and says so; confidence is in the file', async () => {
    const whole = sphereCloud(20_000);
    const kept = Uint32Array.from({ length: whole.count }, (_, i) => i).filter(
      (i) => whole.positions[i * 3] <= 0.4,
    );
    const three = <T extends Float32Array | Uint8Array>(from: T, to: T): T => {
      for (let k = 0; k < kept.length * 3; k++) to[k] = from[kept[Math.floor(k / 3)] * 3 + (k % 3)];
      return to;
    };
    const cloud = {
      count: kept.length,
      positions: three(whole.positions, new Float32Array(kept.length * 3)),
      normals: three(whole.normals, new Float32Array(kept.length * 3)),
      colours: three(whole.colours, new Uint8Array(kept.length * 3)),
      sides: Uint8Array.from(kept, (i) => whole.sides[i]),
    };
    const file = join(folder, 'gap.ply');
    const mesh = join(folder, 'gap-mesh.ply');
    writeFileSync(file, writeCloudPly(cloud));
    const { status, stdout, stderr } = await surface(file, '--depth', '7', '--trim', '--out', mesh);
    expect(status).toBe(0);
    expect(stderr).toMatch(/The mesh is open: \d+ boundary edges, trimmed as asked/);
    const line = JSON.parse(stdout);
    expect(line).toMatchObject({ trimmed: true, components: 1, nonManifoldEdges: 0 });
    expect(line.boundaryEdges).toBeGreaterThan(20);
    expect(readFileSync(mesh).subarray(0, 600).toString('latin1')).toContain('property float confidence');
  });

  test('a million points: time and memory are in the line', async () => {
    const count = 1_000_000;
    const golden = Math.PI * (3 - Math.sqrt(5));
    const normals = new Float32Array(count * 3);
    for (let i = 0; i < count; i++) {
      const z = 1 - (2 * i + 1) / count;
      const r = Math.sqrt(1 - z * z);
      normals.set([r * Math.cos(golden * i), r * Math.sin(golden * i), z], i * 3);
    }
    const cloud = {
      count,
      positions: normals.map((v) => v * 0.5),
      normals,
      colours: new Uint8Array(count * 3),
      sides: new Uint8Array(count),
    };
    const file = join(folder, 'million.ply');
    writeFileSync(file, writeCloudPly(cloud));
    const { status, stdout } = await surface(file, '--depth', '8', '--out', join(folder, 'million-mesh.ply'));
    expect(status).toBe(0);
    const line = JSON.parse(stdout);
    expect(line).toMatchObject({ points: count, components: 1, boundaryEdges: 0, nonManifoldEdges: 0 });
    expect(line.peakBytes).toBeLessThan(400 * 2 ** 20);
    expect(line.ms.total).toBeGreaterThan(line.ms.solve);
  });

  test('says what is wrong: no file, no cloud, no flag', async () => {
    const none = await surface(join(folder, 'none.ply'), '--out', 'x.ply');
    expect(none.status).toBe(1);
    expect(none.stderr).toMatch(/There is no file .*none\.ply\.$/m);
    const aFolder = await surface(folder, '--out', 'x.ply');
    expect(aFolder).toMatchObject({ status: 1, stderr: expect.stringMatching(/is a folder/) });
    const file = join(folder, 'broken.ply');
    writeFileSync(file, 'not a ply');
    const broken = await surface(file, '--out', 'x.ply');
    expect(broken.status).toBe(1);
    expect(broken.stderr).toMatch(/^The PLY file cannot be read: .*\n$/);
    const usage = await surface(file);
    expect(usage.status).toBe(2);
    expect(usage.stderr).toContain('--out');
  });
});
