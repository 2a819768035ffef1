/** What may go wrong in a solve, as errors that say what to do. */
import { FAIL_HELPER, FAIL_MEMORY, FAIL_NO_SURFACE, FAIL_TOO_LARGE, FAIL_TRAP } from './abi.generated.mjs';

const MIB = 1024 * 1024;

/** E_BAD_CLOUD: the points, or the options for them; E_MEMORY; E_INTERNAL: a fault of the solver. */
export type SurfaceErrorCode = 'E_BAD_CLOUD' | 'E_MEMORY' | 'E_INTERNAL';

/** The message says in one sentence what is wrong, `fix` in another what to do. */
export class SurfaceError extends Error {
  override readonly name = 'SurfaceError';
  readonly code: SurfaceErrorCode;
  readonly fix: string;

  constructor(code: SurfaceErrorCode, message: string, fix: string) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}

/** A helper thread broke or vanished: the solve must start again without it. */
export class HelperLost extends Error {
  override readonly name = 'HelperLost';
}

/** @param detail bytes wanted for a memory failure, seconds waited for a lost helper, else unused. */
export function surfaceFailure(code: number, detail: number): SurfaceError | HelperLost {
  switch (code) {
    case FAIL_MEMORY:
      return outOfMemory(detail);
    case FAIL_NO_SURFACE:
      return badCloud(
        'no closed surface runs through these points',
        'Check that the normals point out of the body.',
      );
    case FAIL_TOO_LARGE:
      return badCloud(`depth ${detail} is beyond 11`, 'Choose a depth from 6 to 11.');
    case FAIL_HELPER:
      return new HelperLost(`a helper thread was silent for ${detail} s`);
    case FAIL_TRAP:
      return new HelperLost('a helper thread stopped in the middle of its work');
    default:
      return new SurfaceError(
        'E_INTERNAL',
        `The surface solver stopped with code ${code}.`,
        'Try a lower depth; report the cloud if it happens again.',
      );
  }
}

export function badCloud(problem: string, fix: string): SurfaceError {
  return new SurfaceError('E_BAD_CLOUD', `The point cloud cannot become a surface: ${problem}.`, fix);
}

export function outOfMemory(bytes: number): SurfaceError {
  return new SurfaceError(
    'E_MEMORY',
    `The surface needs more than ${Math.ceil(bytes / MIB)} MiB, which this machine does not give.`,
    'Choose a lower depth (each step down needs about a quarter).',
  );
}
