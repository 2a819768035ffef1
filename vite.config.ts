import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { viteStaticCopy } from 'vite-plugin-static-copy';

// Shared memory (threads in onnxruntime and in the surface solver) needs a cross-origin isolated page.
export const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  plugins: [
    react(),
    // MediaPipe loads its assets by URL at run time; they come from its npm package and are served by us.
    viteStaticCopy({
      targets: [
        {
          src: 'node_modules/@mediapipe/pose/{pose.js,pose_solution_*,pose_web.binarypb,pose_landmark_full.tflite,pose_landmark_heavy.tflite}',
          dest: 'mediapipe',
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
  preview: { headers: ISOLATION_HEADERS },
});
