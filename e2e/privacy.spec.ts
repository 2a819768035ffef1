/** "Nothing is sent" is a rule of the page, kept by the browser, and not only a habit of its code. */
import { expect, test } from '@playwright/test';
import { openApp } from './page.ts';

const ELSEWHERE = 'https://example.org/upload';

test('the page cannot send anything to another host', async ({ page }) => {
  const watch = await openApp(page);
  const directive = await page.evaluate(async (url) => {
    const refused = new Promise<string>((done) =>
      addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true }),
    );
    await fetch(url, { method: 'POST', body: 'photo', mode: 'no-cors' }).catch(() => {});
    return refused;
  }, ELSEWHERE);
  expect(directive).toBe('connect-src');
  expect(watch.foreign).toEqual([]);
});

test('nor can the worker that holds the photo', async ({ page }) => {
  await openApp(page);
  const workers = page.workers();
  expect(workers.length).toBeGreaterThan(0);
  for (const worker of workers) {
    const directive = await worker.evaluate(async (url) => {
      const refused = new Promise<string>((done) =>
        addEventListener(
          'securitypolicyviolation',
          (event) => done((event as SecurityPolicyViolationEvent).effectiveDirective),
          { once: true },
        ),
      );
      await fetch(url, { method: 'POST', body: 'photo', mode: 'no-cors' }).catch(() => {});
      return refused;
    }, ELSEWHERE);
    expect(directive).toBe('connect-src');
  }
});
