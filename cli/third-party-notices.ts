/**
 * The notices of everything that the built page is made of: each package that package-lock.json does not mark as for
 * development, with its licence text. A Vite plugin writes them into the build as `third-party-notices.txt` and answers for
 * them in the development server; the first page links to it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Beside index.html in the build; the page links to this name. */
const NOTICES_FILE = 'third-party-notices.txt';

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
  readonly peer?: boolean;
}

interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
  readonly contributors?: readonly (string | { readonly name?: string })[];
}

/**
 * Tools to npm, yet what the build takes from them is served: MediaPipe's graphs, converted (cli/pose-graphs.ts), and the boolean
 * library, of whose dependencies (a CAD program's) nothing is.
 */
const SERVED_TOOLS = ['@mediapipe/pose', '@mediapipe/hands', '@mediapipe/face_mesh', 'manifold-3d'];

export interface Notice {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  readonly text: string;
}

/** Packages that are licensed under these terms and ship no copy of them. */
const STANDARD_TEXTS: Readonly<Record<string, (holder: string, root: string) => string>> = {
  MIT: (holder) => `Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`,
  ISC: (holder) => `Copyright (c) ${holder}

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF
CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`,
  // Ours is the unchanged text of the Apache licence.
  'Apache-2.0': (_, root) => readFileSync(join(root, 'LICENSE'), 'utf8'),
};

const personName = (person: PackageFacts['author']) =>
  (typeof person === 'string' ? person.replace(/\s*[<(].*$/, '') : person?.name) ?? '';

function holderOf(facts: PackageFacts): string {
  const people = [facts.author, ...(facts.contributors ?? [])].map(personName).filter(Boolean);
  return people[0] ?? `the authors of ${facts.name}`;
}

/**
 * @param root folder of package-lock.json and node_modules
 * @returns one notice a package and version, sorted by name.
 * @throws Error naming a package that has neither a licence file nor one of the standard licences.
 */
export function thirdPartyNotices(root: string): Notice[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  const notices = new Map<string, Notice>();
  for (const [path, entry] of Object.entries(lock.packages)) {
    // Type declarations leave nothing in the build; packages for other systems are not installed.
    if (!path.includes('node_modules/') || path.includes('node_modules/@types/')) continue;
    const isTool = entry.dev || entry.devOptional;
    if (isTool && !SERVED_TOOLS.some((name) => path === `node_modules/${name}`)) continue;
    // What a package would like beside it is not in the page unless we ask for it ourselves.
    if (entry.peer || entry.link || !existsSync(join(root, path))) continue;
    const folder = join(root, path);
    const facts = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFacts;
    const licence = facts.license ?? 'not stated';
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^([\w-]+\/)?(licen[sc]e|notice|copying|third)[\w.-]*$/i.test(name),
    );
    const texts = files.map((name) => readFileSync(join(folder, name), 'utf8').trim());
    if (texts.length === 0) {
      const standard = STANDARD_TEXTS[licence];
      if (!standard)
        throw new Error(`${path}: no licence file, and "${licence}" is not a licence known here`);
      texts.push(standard(holderOf(facts), root).trim());
    }
    notices.set(`${facts.name}@${facts.version}`, {
      name: facts.name,
      version: facts.version,
      licence,
      text: texts.join('\n\n'),
    });
  }
  return [...notices.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One plain text: a list first, then each licence text once, with the packages that it covers. */
export function noticesText(notices: readonly Notice[]): string {
  const byText = new Map<string, Notice[]>();
  for (const notice of notices) byText.set(notice.text, [...(byText.get(notice.text) ?? []), notice]);
  const line = '-'.repeat(100);
  const list = notices.map(({ name, version, licence }) => `${name} ${version}  ${licence}`);
  const texts = [...byText].map(
    ([text, covered]) => `${line}\n${covered.map((n) => n.name).join(', ')}\n\n${text}\n`,
  );
  return [
    'Statuette is under the Apache License 2.0; its starter weights and sample pictures are CC0 1.0.',
    'It is built with these packages, whose licences follow.\n',
    ...list,
    '',
    ...texts,
  ].join('\n');
}

export function thirdPartyNoticesPlugin(root: string): Plugin {
  const text = () => noticesText(thirdPartyNotices(root));
  return {
    name: 'third-party-notices',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: NOTICES_FILE, source: text() });
    },
    configureServer({ middlewares }) {
      middlewares.use(`/${NOTICES_FILE}`, (_, response) => {
        response.setHeader('Content-Type', 'text/plain; charset=utf-8').end(text());
      });
    },
  };
}
