/** Errors that say which stage failed, why, and what the person can do about it. */

export type StageErrorCode =
  | 'E_NOT_AN_IMAGE'
  | 'E_EMPTY_FILE'
  | 'E_TOO_SMALL'
  | 'E_TOO_LARGE'
  | 'E_NO_PERSON'
  | 'E_BAD_KEYPOINTS'
  | 'E_BAD_MASK'
  | 'E_EMPTY_MATTE'
  | 'E_SINGULAR_PART'
  | 'E_BAD_PACK'
  | 'E_BAD_CHECKPOINT'
  | 'E_DOWNLOAD'
  | 'E_BAD_CLOUD'
  | 'E_BAD_MESH'
  | 'E_BAD_PROJECT'
  | 'E_STORAGE'
  | 'E_NOT_READY'
  | 'E_MEMORY'
  | 'E_DEVICE'
  /** The browser lacks what nothing works without. */
  | 'E_UNSUPPORTED'
  | 'E_CANCELLED'
  | 'E_INTERNAL';

export interface StageErrorOptions {
  /** One sentence that says what to do now. */
  readonly fix: string;
  readonly cause?: unknown;
}

/** Plain form of a StageError: survives structured clone between workers. */
export interface StageErrorData {
  readonly stage: string;
  readonly code: StageErrorCode;
  readonly message: string;
  readonly fix: string;
}

export class StageError extends Error {
  readonly stage: string;
  readonly code: StageErrorCode;
  readonly fix: string;

  constructor(stage: string, code: StageErrorCode, message: string, options: StageErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StageError';
    this.stage = stage;
    this.code = code;
    this.fix = options.fix;
  }

  toData(): StageErrorData {
    return { stage: this.stage, code: this.code, message: this.message, fix: this.fix };
  }

  static fromData(data: StageErrorData): StageError {
    return new StageError(data.stage, data.code, data.message, { fix: data.fix });
  }

  /** Wraps anything thrown; a StageError passes through unchanged. */
  static from(stage: string, thrown: unknown): StageError {
    if (thrown instanceof StageError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new StageError(stage, 'E_INTERNAL', message, {
      fix: 'Try again; if it happens again, report it with the photo size and your browser version.',
      cause: thrown,
    });
  }
}

/** @throws StageError E_CANCELLED when the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined, stage: string): void {
  if (signal?.aborted) {
    throw new StageError(stage, 'E_CANCELLED', 'The run was cancelled.', {
      fix: 'Start it again when you like.',
    });
  }
}
