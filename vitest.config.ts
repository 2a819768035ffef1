import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_FLAGS, findChromium } from './cli/chromium.ts';
import { ISOLATION_HEADERS } from './cli/page-headers.ts';
import { poseGraphsPlugin } from './cli/pose-graphs.ts';
import { sharedPath } from './tests/shared.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly sharedFolder: string;
  }
}

export default defineConfig({
  plugins: [poseGraphsPlugin()],
  server: { headers: ISOLATION_HEADERS, fs: { allow: ['.', sharedPath('.') ?? '../shared'] } },
  optimizeDeps: {
    exclude: ['onnxruntime-web'],
    // Found late, each of these makes the browser tests reload and get a second copy of React.
    include: [
      'react',
      'react/jsx-runtime',
      'react/jsx-dev-runtime',
      'react-dom',
      'react-dom/client',
      'zustand',
      'zustand/vanilla',
      'zustand/react/shallow',
      'three',
      'meshoptimizer/simplifier',
      'three/addons/controls/OrbitControls.js',
      '@react-three/fiber',
    ],
  },
  worker: { format: 'es' },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['{src,workers,cli,tests,bench}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.browser.test.{ts,tsx}'],
          testTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          // Optional data outside the repository, for tests in the browser; empty when absent.
          provide: { sharedFolder: sharedPath('.') ?? '' },
          include: ['{src,workers}/**/*.browser.test.{ts,tsx}'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: findChromium(), args: [...CHROMIUM_FLAGS] },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
