/** `npm run views` and `npm run validate-glb` from outside. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { decode } from 'fast-png';
import { writeGlb } from '../src/export/glb.ts';
import { sphereMesh } from '../src/export/mesh-fixtures.ts';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'statuette-views-'));
test.afterAll(() => rmSync(folder, { recursive: true }));

function run(
  script: string,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(ROOT, 'cli', script), ...args];
  return new Promise((done) => {
    execFile(process.execPath, command, { cwd: ROOT }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const OPTIONS = { name: 'sphere', generator: 'test' };

test('views draws the sides it says: what the photo saw is in front', async () => {
  const file = join(folder, 'sphere.glb');
  writeFileSync(file, writeGlb(sphereMesh(60, 90), OPTIONS));
  const out = join(folder, 'views');
  const { code, stderr } = await run('views.ts', [
    ...[file, '--out', out, '--looks', 'seen', '--sides', 'front,left,back', '--height', '120'],
  ]);
  expect(code, stderr).toBe(0);
  /** Red and blue 25 px left and right of the middle; the photo's side is blue, the guessed one orange. */
  const sides = (side: string) => {
    const { data, width, channels } = decode(readFileSync(join(out, `seen_${side}.png`)));
    return [width / 2 - 25, width / 2 + 25].map((x) => {
      const at = channels * (60 * width + x);
      return data[at + 2] > data[at] ? 'seen' : 'guessed';
    });
  };
  expect(sides('front')).toEqual(['seen', 'seen']);
  expect(sides('back')).toEqual(['guessed', 'guessed']);
  expect(sides('left')).toEqual(['seen', 'guessed']);
  const sheet = decode(readFileSync(join(out, 'sheet.png')));
  expect([sheet.width, sheet.height]).toEqual([240, 120]);
});

test('validate-glb passes a closed mesh and names what an open one lacks', async () => {
  const mesh = sphereMesh(20, 30);
  const closed = join(folder, 'closed.glb');
  const open = join(folder, 'open.glb');
  writeFileSync(closed, writeGlb(mesh, OPTIONS));
  writeFileSync(open, writeGlb({ ...mesh, indices: mesh.indices.slice(3) }, OPTIONS));
  expect((await run('validate-glb.ts', [closed])).code).toBe(0);
  const verdict = await run('validate-glb.ts', [closed, open]);
  expect(verdict.code).toBe(1);
  expect(verdict.stdout).toMatch(/boundary edges {7}3/);
});
