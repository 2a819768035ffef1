/**
 * What a browser must have before anything can be made in it. Missing means old, or switched off on purpose: Lockdown Mode
 * on iPhones and the stricter security modes of desktop browsers take WebAssembly away.
 */
import { StageError } from '../base/errors.ts';

/** The least module that uses a vector instruction (v128.const, drop): onnxruntime's build needs them. */
const SIMD_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12],
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 26, 11],
);

type Scope = Partial<Pick<typeof globalThis, 'WebAssembly' | 'Worker' | 'OffscreenCanvas'>>;

function missingIn(scope: Scope): { readonly what: string; readonly switchable: boolean } | null {
  if (typeof scope.WebAssembly !== 'object') return { what: 'WebAssembly', switchable: true };
  if (!scope.WebAssembly.validate(SIMD_MODULE)) {
    return { what: 'the vector instructions of WebAssembly', switchable: false };
  }
  if (typeof scope.Worker !== 'function') return { what: 'web workers', switchable: true };
  if (typeof scope.OffscreenCanvas !== 'function') {
    return { what: 'canvases off the screen', switchable: false };
  }
  return null;
}

/** @throws StageError E_UNSUPPORTED naming the first thing that is missing, and what to do about it. */
export function checkBrowser(scope: Scope = globalThis): void {
  const missing = missingIn(scope);
  if (!missing) return;
  const current = 'Open the page in a current Chrome, Edge, Firefox or Safari.';
  throw new StageError(
    'session',
    'E_UNSUPPORTED',
    `No figure can be made in this browser: it lacks ${missing.what}.`,
    {
      fix: missing.switchable
        ? `${current} If this is one, its security settings (Lockdown Mode, enhanced security) leave it out: allow it for this page.`
        : current,
    },
  );
}
