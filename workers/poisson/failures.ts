/** Error codes of the module (assembly/host.ts) as StageErrors. */
import { StageError } from '../../src/base/errors.ts';

const MIB = 1024 * 1024;

/** A helper thread broke or vanished: the solve must start again without it. */
export class HelperLost extends Error {
  override readonly name = 'HelperLost';
}

/** @param detail bytes wanted for a memory failure, seconds waited for a lost helper, else unused. */
export function surfaceFailure(code: number, detail: number): StageError | HelperLost {
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
    case 4:
      return new HelperLost(`a helper thread was silent for ${detail} s`);
    case 5:
      return new HelperLost('a helper thread stopped in the middle of its work');
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
