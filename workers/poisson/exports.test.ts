/** The README's section of exports is the API: everything that index.ts, node.ts and helper export, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const text = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8');
const readme = text('README.md');
const section = readme.slice(
  readme.indexOf('## What it exports'),
  readme.indexOf('## What happens, in order'),
);
const [main, node, helper] = section.split(/^From `@statuette\/poisson\/(?:node|helper)`/m);

/** Names in `export { ... }` and of exported declarations. */
function exportsOf(file: string): string[] {
  const lists = [...text(file).matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names]) =>
    names.split(','),
  );
  const declared = [
    ...text(file).matchAll(/^export (?:async )?(?:function|const|interface|type|class) (\w+)/gm),
  ];
  return [...lists.map((name) => name.replace(/\btype\b/, '').trim()), ...declared.map(([, name]) => name)]
    .filter(Boolean)
    .sort();
}

/** Names in the first column, or before the colon. */
const documented = (part: string) =>
  part
    .split('\n')
    .map((line) => (line.startsWith('|') ? line.split('|')[1] : (/^: (.*?): /.exec(line)?.[1] ?? '')))
    .flatMap((cell) => [...cell.matchAll(/`(\w+)(?:\([^`]*\))?`/g)].map(([, name]) => name))
    .sort();

test('every export has its line, and every line its export', () => {
  expect(documented(main)).toEqual(exportsOf('index.ts'));
  expect(documented(node)).toEqual(exportsOf('node.ts'));
  expect(documented(helper)).toEqual(exportsOf('helper.d.mts'));
});
