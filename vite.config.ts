import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { figureViewerPlugin } from './cli/figure-viewer.ts';
import { packCataloguePlugin } from './cli/pack-catalogue.ts';
import { packedWasmPlugin } from './cli/packed-wasm.ts';
import { CONTENT_SECURITY_POLICY, ISOLATION_HEADERS, PAGE_HEADERS } from './cli/page-headers.ts';
import { poseGraphsPlugin } from './cli/pose-graphs.ts';
import { thirdPartyNoticesPlugin } from './cli/third-party-notices.ts';

/** Writes the policy into the built pages too, for hosts that send no headers. The dev server needs inline scripts. */
const policyInPage: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
      injectTo: 'head-prepend',
    },
  ],
};

export default defineConfig({
  base: './',
  plugins: [
    react(),
    policyInPage,
    packCataloguePlugin('public/packs'),
    thirdPartyNoticesPlugin(import.meta.dirname),
    poseGraphsPlugin(),
    packedWasmPlugin(),
    figureViewerPlugin(),
  ],
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  worker: { format: 'es', plugins: () => [figureViewerPlugin()] },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    // The app, and the page that `npm run digitize` drives.
    rollupOptions: { input: ['index.html', 'digitize.html'] },
  },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: PAGE_HEADERS },
});
