/**
 * What the module needs from outside: a way to stop with a named error, and a way to say how far it is.
 * `fail` never returns: the host throws, which unwinds the WebAssembly stack.
 */

// @ts-ignore: decorator
@external("env", "fail")
export declare function fail(code: i32, detail: f64): void;

// @ts-ignore: decorator
@external("env", "progress")
export declare function progress(fraction: f64, phase: i32): void;

/** Error codes; ../failures.ts turns them into errors. @abi marks what the build writes into ../abi.generated.mjs, too. */
export const FAIL_MEMORY: i32 = 1; // @abi
export const FAIL_NO_SURFACE: i32 = 2; // @abi
export const FAIL_TOO_LARGE: i32 = 3; // @abi
/** A helper thread stopped without a word; detail: seconds waited. */
export const FAIL_HELPER: i32 = 4; // @abi
/** A helper thread ran into a trap. */
export const FAIL_TRAP: i32 = 5; // @abi

/** Phase numbers; ../solver.ts has their names. */
export const PHASE_SAMPLES: i32 = 0; // @abi
export const PHASE_SPLAT: i32 = 1; // @abi
export const PHASE_RESTRICT: i32 = 2; // @abi
export const PHASE_ROOT: i32 = 3; // @abi
export const PHASE_CASCADE: i32 = 4; // @abi
export const PHASE_EXTRACT: i32 = 5; // @abi
