/** Errors of the solver's package in the product's form. */
import { StageError } from '../src/base/errors.ts';
import { SurfaceError } from './poisson/failures.ts';

/** Anything thrown while a surface was made; a SurfaceError keeps its code, sentence and advice. */
export function surfaceStageError(thrown: unknown): StageError {
  if (thrown instanceof SurfaceError)
    return new StageError('surface', thrown.code, thrown.message, { fix: thrown.fix, cause: thrown });
  return StageError.from('surface', thrown);
}
