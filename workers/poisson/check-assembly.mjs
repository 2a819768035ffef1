/**
 * Format and lint of assembly/ with Biome: `node check-assembly.mjs [--write]`. AssemblyScript has decorators on functions, which
 * no TypeScript parser takes; they are hidden in comments while Biome looks at a copy.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SOURCES = join(import.meta.dirname, 'assembly');
const DECORATOR = /^@((?:inline|unmanaged|external\(.*\))(?=\s))/gm;
const HIDDEN = /\/\*@(.*?)@\*\//g;

/** The repository's style; rules that mean something else in AssemblyScript are off. */
const root = JSON.parse(readFileSync(join(import.meta.dirname, '../../biome.json'), 'utf8'));
const configuration = {
  root: true,
  formatter: root.formatter,
  javascript: root.javascript,
  linter: {
    rules: {
      ...root.linter.rules,
      // `import type` does not exist there.
      style: { ...root.linter.rules.style, useImportType: 'off' },
      // `==` compares numbers there, and x != x is how its standard library tests for NaN. The decorators need @ts-ignore.
      suspicious: {
        ...root.linter.rules.suspicious,
        noDoubleEquals: 'off',
        noSelfCompare: 'off',
        noTsIgnore: 'off',
      },
      // Literals of 32 bits, written as their exact values.
      correctness: { noPrecisionLoss: 'off' },
    },
  },
};

const write = process.argv.includes('--write');
const copy = mkdtempSync(join(tmpdir(), 'assembly-'));
try {
  const names = readdirSync(SOURCES).filter((name) => name.endsWith('.ts'));
  for (const name of names)
    writeFileSync(join(copy, name), readFileSync(join(SOURCES, name), 'utf8').replace(DECORATOR, '/*@$1@*/'));
  writeFileSync(join(copy, 'biome.json'), JSON.stringify(configuration));
  const require = createRequire(import.meta.url);
  const biome = join(dirname(require.resolve('@biomejs/biome/package.json')), 'bin/biome');
  const { status } = spawnSync(
    process.execPath,
    [biome, 'check', '--error-on-warnings', ...(write ? ['--write'] : []), ...names],
    {
      cwd: copy,
      stdio: 'inherit',
    },
  );
  if (write) {
    for (const name of names) {
      const text = readFileSync(join(copy, name), 'utf8').replace(HIDDEN, '@$1');
      if (text !== readFileSync(join(SOURCES, name), 'utf8')) writeFileSync(join(SOURCES, name), text);
    }
  }
  process.exitCode = status ?? 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
