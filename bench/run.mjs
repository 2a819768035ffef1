/** `npm run bench -- NAME [FLAGS]`: runs bench/NAME.ts. Without a name: lists what there is. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const [name, ...flags] = process.argv.slice(2);
const file = join(import.meta.dirname, `${name}.ts`);
if (!name || !/^[\w-]+$/.test(name) || !existsSync(file)) {
  const names = readdirSync(import.meta.dirname).filter((entry) => entry.endsWith('.ts'));
  const usage = `npm run bench -- NAME, one of: ${names.map((entry) => entry.slice(0, -3)).join(', ')}`;
  if (name === '--help' || name === '-h') {
    console.log(usage);
    process.exit(0);
  }
  console.error(name ? `There is no benchmark ${name}.\n\n${usage}` : usage);
  process.exit(2);
}
const tsx = join(import.meta.dirname, '../node_modules/tsx/dist/cli.mjs');
process.exit(spawnSync(process.execPath, [tsx, file, ...flags], { stdio: 'inherit' }).status ?? 1);
