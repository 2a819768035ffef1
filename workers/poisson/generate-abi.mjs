/** What the host must know of the module, from its sources and from the compiler's own description of its exports. */

const CONSTANT = /^export const (\w+): \w+ = (-?[\d.]+); \/\/ @abi$/gm;
const EXPORT = /^ {2}export function (\w+)\((.*)\): (\w+);$/gm;
const NOTE = '// Written by build.mjs from assembly/; do not edit.\n';

/**
 * @param {readonly string[]} sources the module's source files.
 * @param {string} types `.d.ts` of `asc --bindings raw`.
 * @returns {[name: string, text: string][]} the files.
 */
export function generateAbi(sources, types) {
  const constants = sources.flatMap((text) =>
    [...text.matchAll(CONSTANT)].map(([, name, value]) => ({ name, value })),
  );
  constants.sort((a, b) => (a.name < b.name ? -1 : 1));
  const functions = [...types.matchAll(EXPORT)].map(
    ([, name, parameters, result]) => `  ${name}(${parameters}): ${result};`,
  );
  if (constants.length === 0 || functions.length === 0)
    throw new Error('the module has no constants or no exports');
  return [
    [
      'abi.generated.mjs',
      `${NOTE}${constants.map(({ name, value }) => `export const ${name} = ${value};\n`).join('')}`,
    ],
    [
      'abi.generated.d.mts',
      `${NOTE}${constants.map(({ name, value }) => `export declare const ${name}: ${value};\n`).join('')}
/** Functions of the module: assembly/index.ts. */
export interface Exports {
${functions.join('\n')}
}
`,
    ],
  ];
}
