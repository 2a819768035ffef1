/**
 * The HTTP headers that the page is served with, by the previews and by the headless tools. A host that serves `dist`
 * should send the same (README, "Serve it yourself").
 */

/** Shared memory (threads in onnxruntime and in the surface solver) needs a cross-origin isolated page. */
export const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/**
 * "Nothing is sent" as a rule that the browser keeps: scripts, pictures and requests of this origin only, whatever
 * the code says. Inline styles are React's style attributes; WebAssembly and blob workers are onnxruntime's.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval' blob:",
  "worker-src 'self' blob:",
  "connect-src 'self' blob: data:",
  "img-src 'self' blob: data:",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export const PAGE_HEADERS = {
  ...ISOLATION_HEADERS,
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
} as const;
