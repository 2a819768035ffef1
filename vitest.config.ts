import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_FLAGS, findChromium } from './cli/chromium.ts';
import { figureViewerPlugin } from './cli/figure-viewer.ts';
import { ISOLATION_HEADERS } from './cli/page-headers.ts';
import { poseGraphsPlugin } from './cli/pose-graphs.ts';
import { sharedPath } from './tests/shared.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly sharedFolder: string;
  }
}

/** What takes longest of the unit tests (each over 5 s of processor time): `npm test -- --fast` leaves it to `npm test`. */
const SLOW_TESTS = [
  'workers/poisson/{threads,solver,finish,confidence,silhouette,simplify,noise}.test.ts',
  'src/networks/checkpoint/{fuzz,reader}.test.ts',
  'src/networks/onnx/golden.test.ts',
  'src/networks/packs/{import,pack}.test.ts',
  'src/gpu/kernels/{recorded-runs,relief,depth-to-cloud}.test.ts',
  'src/intake/{matte,black-rim,trunk-holes,dark-cloth,judged-matte}.test.ts',
  'src/intake/keypoints/keypoints-of-photo.test.ts',
  'src/digitizer/figure-files.test.ts',
  'src/geometry/back-colours.test.ts',
  'src/geometry/atlas/atlas.test.ts',
  'cli/{surface,setup,import-checkpoint,commands}.test.ts',
  'src/export/{formats,html/page}.test.ts',
  'src/export/{rig,print}/*.test.ts',
  'tests/cases/**',
  'tests/repro/{vertices-meet-at-the-silhouette,back-colours-follow-the-nose}.test.ts',
];

const SETUP = ['tests/typed-array-equality.setup.ts'];

const unit = {
  environment: 'node',
  include: ['{src,workers,cli,tests,bench}/**/*.test.{ts,tsx}'],
  exclude: ['**/*.browser.test.{ts,tsx}'],
  testTimeout: 120_000,
  maxWorkers: 2,
} as const;

export default defineConfig({
  plugins: [poseGraphsPlugin(), figureViewerPlugin()],
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
      'meshoptimizer/encoder',
      'webm-muxer',
      'd3-contour',
      'manifold-3d',
      'three-mesh-bvh',
      'three/addons/controls/OrbitControls.js',
      '@react-three/fiber',
      'axe-core',
    ],
  },
  worker: { format: 'es', plugins: () => [figureViewerPlugin()] },
  test: {
    // `npm run coverage`: what the unit tests reach of the product's TypeScript.
    coverage: {
      provider: 'v8',
      include: ['{src,workers,cli}/**/*.{ts,tsx}'],
      exclude: [
        '**/*.test.{ts,tsx}',
        '**/*-test-kit.ts',
        '**/*.d.ts',
        '**/*.fixture.ts',
        'workers/poisson/assembly/**',
      ],
      reporter: ['text-summary', 'html'],
      reportsDirectory: '.cache/coverage',
      reportOnFailure: true,
    },
    projects: [
      {
        extends: true,
        test: {
          ...unit,
          name: 'unit',
          setupFiles: [...SETUP],
          include: [...unit.include],
          exclude: [...unit.exclude],
        },
      },
      {
        extends: true,
        test: {
          ...unit,
          name: 'fast',
          setupFiles: [...SETUP],
          include: [...unit.include],
          exclude: [...unit.exclude, ...SLOW_TESTS],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          // Optional data outside the repository, for tests in the browser; empty when absent.
          provide: { sharedFolder: sharedPath('.') ?? '' },
          include: ['{src,workers}/**/*.browser.test.{ts,tsx}'],
          setupFiles: [...SETUP],
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
