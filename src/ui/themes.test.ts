/** Both themes can be read: a ground of a fixed colour has words of a fixed colour, never the theme's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const HERE = import.meta.dirname;
/** Rules whose ground bears no words: knobs, lamps, seams, and what only shades a picture. */
const WORDLESS = [/kit\/seam\./, /kit\/light-ball\./, /views\/section-grip\./, /kit\/empty-view\./];

const sheets = readdirSync(HERE, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.css') && !name.endsWith('tokens.css'),
);

/** Rules of a sheet whose background is a fixed, mostly opaque colour but whose words are not. */
function faults(css: string): string[] {
  const found: string[] = [];
  for (const [, selector, body] of css.replace(/\/\*.*?\*\//gs, '').matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    // What is drawn before or after an element bears none.
    if (/::(before|after)\s*$/.test(selector)) continue;
    const ground = /background(?:-color)?:\s*#([0-9a-f]{6})([0-9a-f]{2})?\s*;/i.exec(body);
    if (!ground || (ground[2] && Number.parseInt(ground[2], 16) < 0x80)) continue;
    if (!/(?<![-\w])color:\s*(#|var\(--on-clay\))/i.test(body)) found.push(selector.trim());
  }
  return found;
}

test('the search finds what it looks for', () => {
  expect(faults('.a { background: #101010; color: var(--text); }')).toEqual(['.a']);
  expect(faults('.a { background: #101010; color: #eee; } .b { background: var(--dock); }')).toEqual([]);
  expect(sheets.length).toBeGreaterThan(30);
});

test('no ground of a fixed colour under words of the theme', () => {
  const found = sheets
    .filter((name) => !WORDLESS.some((one) => one.test(name.replaceAll('\\', '/'))))
    .flatMap((name) => faults(readFileSync(join(HERE, name), 'utf8')).map((rule) => `${name}: ${rule}`));
  expect(found).toEqual([]);
});
