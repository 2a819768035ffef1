/** What the host knows of the module is what the module is. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildPoisson } from './build.mjs';

test('abi.generated names every export of the module, and no other', async () => {
  const module = await WebAssembly.compile(readFileSync(await buildPoisson()));
  const exported = WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name);
  const types = readFileSync(new URL('./abi.generated.d.mts', import.meta.url), 'utf8');
  const declared = [...types.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  expect(declared.sort()).toEqual(exported.sort());
});

test("the module's sources are formatted and linted", () => {
  const script = new URL('./check-assembly.mjs', import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).not.toMatch(/error|warning/i);
  expect(status).toBe(0);
});

test("no circle among the module's sources", () => {
  const folder = new URL('./assembly/', import.meta.url);
  const imports = new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [
        name.slice(0, -3),
        [...readFileSync(new URL(name, folder), 'utf8').matchAll(/from '\.\/([\w-]+)'/g)].map(([, to]) => to),
      ]),
  );
  // Whoever imports only files without imports goes; a circle stays.
  for (let before = -1; before !== imports.size; ) {
    before = imports.size;
    for (const [name, targets] of imports) if (targets.every((to) => !imports.has(to))) imports.delete(name);
  }
  expect([...imports.keys()]).toEqual([]);
});
