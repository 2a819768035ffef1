import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS, findChromium } from './cli/chromium.ts';

// `npm test` picks a free port, so that it never tests somebody else's server.
const givenPort = process.env.STATUETTE_E2E_PORT;
const address = `http://localhost:${givenPort ?? 4173}`;

export default defineConfig({
  testDir: 'e2e',
  outputDir: '.cache/e2e',
  timeout: 600_000,
  // Two cores without a GPU draw WebGL in software: a page may answer late and still be right.
  // What is tried again and again ends too: its own default is the whole test's time.
  expect: { timeout: 30_000, toPass: { timeout: 90_000 } },
  workers: 1,
  reporter: [['list'], ['json', { outputFile: '.cache/e2e-report.json' }]],
  use: {
    baseURL: address,
    launchOptions: { executablePath: findChromium(), args: [...CHROMIUM_FLAGS] },
  },
  webServer: {
    command: `npx vite preview --port ${givenPort ?? 4173} --strictPort`,
    url: address,
    reuseExistingServer: givenPort === undefined,
  },
});
