/** A benchmark's own page: built for production, served isolated from other origins, open in a software-GPU Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { build, preview } from 'vite';
import { launchBrowser } from '../../cli/browser.ts';
import { ISOLATION_HEADERS } from '../../cli/page-headers.ts';

/**
 * @param root folder of the page's index.html.
 * @param port of the server; one a benchmark, so that two can run at once.
 * @param use  is given the open page, whose console goes to stderr; browser, server and build end with it.
 */
export async function withBenchPage<T>(
  root: string,
  port: number,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const outDir = mkdtempSync(join(tmpdir(), `bench-${basename(root)}-`));
  const common = {
    configFile: false,
    root,
    publicDir: resolve(import.meta.dirname, '../../public'),
    logLevel: 'error',
    worker: { format: 'es' },
  } as const;
  try {
    await build({ ...common, build: { outDir, target: 'es2023', assetsInlineLimit: 0, emptyOutDir: true } });
    const server = await preview({
      ...common,
      build: { outDir },
      preview: { port, headers: ISOLATION_HEADERS },
    });
    try {
      const address = server.resolvedUrls?.local[0];
      if (!address) throw new Error('the preview server has no address');
      const browser = await launchBrowser('software');
      try {
        const page = await browser.newPage();
        page.on('console', (message) => console.error(message.text()));
        await page.goto(address);
        return await use(page);
      } finally {
        await browser.close();
      }
    } finally {
      await server.close();
    }
  } finally {
    rmSync(outDir, { recursive: true });
  }
}
