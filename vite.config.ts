import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { viteStaticCopy } from 'vite-plugin-static-copy';
import { packCataloguePlugin } from './cli/pack-catalogue.ts';
import { CONTENT_SECURITY_POLICY, ISOLATION_HEADERS, PAGE_HEADERS } from './cli/page-headers.ts';
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
    // MediaPipe loads its assets by URL at run time; they come from its npm package and are served by us. Left out:
    // the heavy model (27 MB for no clear gain, bench/intake.md) and the build for browsers without WASM SIMD.
    viteStaticCopy({
      targets: [
        {
          src: 'node_modules/@mediapipe/pose/{pose.js,pose_solution_packed_assets*,pose_solution_simd*,pose_web.binarypb,pose_landmark_full.tflite}',
          dest: 'mediapipe',
        },
        // libheif is served as it was published; its licence (LGPL-3.0) goes with it.
        {
          src: 'node_modules/libheif-js/libheif-wasm/LICENSE',
          dest: 'licences',
          rename: 'libheif-LGPL-3.0.txt',
        },
      ],
    }),
  ],
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  worker: { format: 'es' },
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
