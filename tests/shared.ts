/**
 * Where the tests look for data that is not part of the repository (`../shared` or STATUETTE_SHARED).
 * Tests that need it skip aloud: `describe.skipIf(!sharedPath('photos'))`.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const root = process.env.STATUETTE_SHARED ?? resolve(import.meta.dirname, '../../shared');

/** Absolute path of a file or folder in shared data, or null when it is absent. */
export function sharedPath(relative: string): string | null {
  const path = resolve(root, relative);
  return existsSync(path) ? path : null;
}
