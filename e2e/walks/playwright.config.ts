/**
 * The walks: the two-minute one with its video, and pictures of every state. `npm run walk` runs them (cli/walk.mjs); they
 * take minutes, so `npm test` does not.
 */
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS, findChromium } from '../../cli/chromium.ts';

const ROOT = join(import.meta.dirname, '../..');
const port = process.env.STATUETTE_WALK_PORT ?? '4175';
const DESK = { width: 1280, height: 800 } as const;
/** Frames are made by the processor that makes the figure: not larger, and not more of them, than eyes need. */
const VIDEO = { width: 960, height: 600 } as const;
const VIDEO_FPS = 8;

export default defineConfig({
  testDir: '.',
  testMatch: '*.walk.ts',
  outputDir: join(ROOT, '.cache/walk'),
  timeout: 600_000,
  expect: { timeout: 60_000 },
  workers: 1,
  reporter: [['list']],
  use: {
    baseURL: `http://localhost:${port}`,
    viewport: DESK,
    launchOptions: { executablePath: findChromium(), args: [...CHROMIUM_FLAGS] },
    actionTimeout: 60_000,
  },
  projects: [
    {
      name: 'two-minutes',
      testMatch: 'two-minutes.walk.ts',
      use: {
        video: {
          mode: process.env.STATUETTE_NO_VIDEO ? 'off' : 'on',
          size: VIDEO,
          fps: VIDEO_FPS,
          // The steps are named and the pointer is drawn, by Playwright: the page itself is as everybody has it.
          show: {
            actions: { duration: 150, cursor: 'pointer', position: 'bottom', fontSize: 14 },
            test: { level: 'step', position: 'bottom-right', fontSize: 14 },
          },
        },
      },
    },
    { name: 'states', testMatch: 'states.walk.ts' },
  ],
  webServer: {
    command: `npx vite preview --port ${port} --strictPort`,
    cwd: ROOT,
    url: `http://localhost:${port}`,
    reuseExistingServer: false,
  },
});
