/** `npm run bench -- NAME [FLAGS]`: runs bench/NAME.ts. Without a name: lists what there is. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const [name, ...flags] = process.argv.slice(2);
const file = join(import.meta.dirname, `${name}.ts`);
if (!name || !/^[\w-]+$/.test(name) || !existsSync(file)) {
  const names = readdirSync(import.meta.dirname).filter((entry) => entry.endsWith('.ts'));
  console.error(`npm run bench -- NAME, one of: ${names.map((entry) => entry.slice(0, -3)).join(', ')}`);
  process.exit(2);
}
const tsx = join(import.meta.dirname, '../node_modules/tsx/dist/cli.mjs');
process.exit(spawnSync(process.execPath, [tsx, file, ...flags], { stdio: 'inherit' }).status ?? 1);
