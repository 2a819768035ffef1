import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS, findChromium } from './cli/chromium.ts';

export default defineConfig({
  testDir: 'e2e',
  outputDir: '.cache/e2e',
  timeout: 600_000,
  workers: 1,
  reporter: [['list'], ['json', { outputFile: '.cache/e2e-report.json' }]],
  use: {
    baseURL: 'http://localhost:4173',
    launchOptions: { executablePath: findChromium(), args: [...CHROMIUM_FLAGS] },
  },
  webServer: {
    command: 'npx vite preview --port 4173 --strictPort',
    url: 'http://localhost:4173',
    reuseExistingServer: !process.env.CI,
  },
});
