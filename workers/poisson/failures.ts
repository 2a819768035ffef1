/** Error codes of the module (assembly/host.ts) as StageErrors. */
import { StageError } from '../../src/base/errors.ts';

const MIB = 1024 * 1024;

/** @param detail bytes wanted for a memory failure, else unused. */
export function surfaceFailure(code: number, detail: number): StageError {
  switch (code) {
    case 1:
      return outOfMemory(detail);
    case 2:
      return badCloud(
        'no closed surface runs through these points',
        'Check that the normals point out of the body.',
      );
    case 3:
      return badCloud(`depth ${detail} is beyond 11`, 'Choose a depth from 6 to 11.');
    default:
      return new StageError('surface', 'E_INTERNAL', `The surface solver stopped with code ${code}.`, {
        fix: 'Try a lower depth; report the cloud if it happens again.',
      });
  }
}

export function badCloud(problem: string, fix: string): StageError {
  return new StageError('surface', 'E_BAD_CLOUD', `The point cloud cannot become a surface: ${problem}.`, {
    fix,
  });
}

export function outOfMemory(bytes: number): StageError {
  return new StageError(
    'surface',
    'E_MEMORY',
    `The surface needs more than ${Math.ceil(bytes / MIB)} MiB, which this machine does not give.`,
    { fix: 'Choose a lower depth (each step down needs about a quarter).' },
  );
}
