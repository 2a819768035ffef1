/**
 * One web page with the figure in it: compressed mesh and viewer inlined, nothing fetched from anywhere, which its own content
 * security policy keeps. Opens from a disk, without a network. Same mesh and facts, same bytes.
 */
import type { GlbOptions } from '../glb.ts';
import { writeMeshoptGlb } from '../glb-meshopt.ts';
import type { MeshData } from '../mesh-data.ts';

/** data: and blob: hold what is in the page already (the figure, its pictures). */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; connect-src data: blob:";

const STYLE = `
html,body{margin:0;height:100%;background:#1b1d20;color:#e9e4dd;font:15px/1.4 system-ui,sans-serif}
#view{display:block;width:100vw;height:100dvh;outline:none;touch-action:none}
h1,#hint,#motions,#problem{position:fixed;left:20px;margin:0}
h1{top:16px;font-size:17px;font-weight:600}
#hint{bottom:14px;font-size:12px;color:#9a958d}
#motions{bottom:40px;display:flex;gap:6px}
#motions button{font:inherit;color:inherit;background:#2b2e33;border:0;border-radius:8px;padding:7px 12px;text-transform:capitalize}
#motions button[aria-pressed=true]{background:#c9825a;color:#1b1d20}
#problem{top:48px;right:20px;color:#f0b79a}
`;

const escaped = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/** Base64 of bytes, in pieces that an argument list can hold; a multiple of three each. */
function base64Of(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x6000) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 0x6000))));
  }
  return parts.join('');
}

/** The page around a GLB that three.js can read. */
export async function pageOf(
  glb: Uint8Array,
  name: string,
  generator: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { default: script } = await import('virtual:figure-viewer');
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="generator" content="${escaped(generator)}">
<title>${escaped(name)}</title>
<style>${STYLE}</style>
<canvas id="view" tabindex="0" role="img" aria-label="The 3D figure. Drag or arrow keys turn it, plus and minus zoom."></canvas>
<h1>${escaped(name)}</h1>
<p id="problem" role="alert"></p>
<div id="motions"></div>
<p id="hint">Drag to turn, scroll or pinch to zoom</p>
<script type="application/octet-stream" id="figure">${base64Of(glb)}</script>
<script>${script.replace(/<\/(script)/gi, '<\\/$1')}</script>
</html>
`;
  return new TextEncoder().encode(html);
}

/** @throws StageError E_BAD_MESH as writeGlb. */
export async function writePage(mesh: MeshData, options: GlbOptions): Promise<Uint8Array<ArrayBuffer>> {
  return pageOf(await writeMeshoptGlb(mesh, options, false), options.name, options.generator);
}
