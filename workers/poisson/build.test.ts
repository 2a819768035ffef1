/** What the host knows of the module is what the module is. */
import { readFileSync } from 'node:fs';
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
