/**
 * What all commands of this folder do alike: read their arguments, look at the files they are given before anything starts,
 * and end with one sentence and code 1 or 2 when something is wrong. Nobody who mistypes a name sees a stack.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { StageError } from '../src/base/errors.ts';
import { type FileKind, type FileKindId, fileKind, textOf } from '../src/base/file-kinds.ts';
import { SurfaceError } from '../workers/poisson/failures.ts';
import { argumentProblem } from './argument-problem.mjs';

/** What the person typed cannot be done; the message says why. Printed with the usage, code 2. */
export class UsageError extends Error {}

/** A file or folder that was named is not what the command needs; the message says it all, code 1. */
export class FileProblem extends UsageError {}

/**
 * parseArgs with --help, and errors in our words.
 * @throws UsageError.
 */
export function readArgs<const O extends NonNullable<ParseArgsConfig['options']>>(
  options: O,
  args: readonly string[] = process.argv.slice(2),
) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError(argumentProblem(error));
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EACCES: 'this user has no right to it',
  EPERM: 'this user has no right to it',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'a file of that name is in the way',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  EBUSY: 'another program uses it',
};

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Why the system refuses a file, in words. */
const reasonOf = (error: unknown) => WORDS[codeOf(error)] ?? codeOf(error);

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new FileProblem(`There is no file ${path}.`);
    throw new FileProblem(`${path} cannot be read: ${reasonOf(error)}.`);
  }
}

/** First bytes of a file that is there, is no folder, can be read and is not empty. @throws FileProblem. */
function headOf(path: string, wanted: string): Uint8Array {
  if (statOf(path).isDirectory()) {
    throw new FileProblem(`${path} is a folder: give ${wanted}.`);
  }
  const head = new Uint8Array(4096);
  let count = 0;
  try {
    const file = openSync(path, 'r');
    count = readSync(file, head);
    closeSync(file);
  } catch (error) {
    throw new FileProblem(`${path} cannot be read: ${reasonOf(error)}.`);
  }
  if (count === 0) throw new FileProblem(`${path} is empty: give ${wanted}.`);
  return head.subarray(0, count);
}

/**
 * Looks at a file before anything starts.
 *
 * @param wanted completes "give ...", for instance "a mesh.glb".
 * @param kinds  kinds of which the file must be one; when not given it is only looked for.
 * @param others whether a file of no known kind passes: the reader behind it then has the last word.
 * @throws FileProblem when it is not there, a folder, empty, not readable or something else.
 */
export function inputFile(
  path: string,
  wanted: string,
  kinds?: readonly FileKindId[],
  others: 'pass' | 'refuse' = 'pass',
): void {
  const head = headOf(path, wanted);
  if (!kinds) return;
  const kind = fileKind(head);
  if (kind ? kinds.includes(kind.id) : others === 'pass') return;
  throw new FileProblem(`${path} is ${kindWords(kind, head)}: give ${wanted}.`);
}

function kindWords(kind: FileKind | null, head: Uint8Array): string {
  if (kind) return kind.is;
  const text = textOf(head)?.trimStart();
  if (text === undefined) return 'of a kind that is not known here';
  if (text.startsWith('{') && text.includes('"asset"')) return 'a 3D model in glTF text';
  if (/^(#[^\n]*\n\s*)*(mtllib|o|v|g) /.test(text)) return 'a 3D model (OBJ)';
  if (text.startsWith('<svg') || (text.startsWith('<?xml') && text.includes('<svg')))
    return 'a drawing (SVG)';
  if (text.startsWith('<')) return 'a web page or XML';
  return text.startsWith('{') || text.startsWith('[') ? 'JSON text' : 'text';
}

/** Makes the folder and sees that it can be written to, before minutes are spent. @throws FileProblem. */
export function outputFolder(path: string, flag = '--out'): void {
  try {
    mkdirSync(path, { recursive: true });
    const probe = join(path, `.statuette-${process.pid}`);
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
  } catch (error) {
    throw new FileProblem(
      `${flag}: nothing can be written to ${path}: ${reasonOf(error)}. Name another folder.`,
    );
  }
}

/** The same for a file; its folder is made. @throws FileProblem. */
export function outputFile(path: string, inputs: readonly string[] = [], flag = '--out'): void {
  if (existsSync(path) && statSync(path).isDirectory()) {
    throw new FileProblem(`${flag}: ${path} is a folder. Name a file in it.`);
  }
  if (
    existsSync(path) &&
    inputs.some((input) => existsSync(input) && realpathSync(input) === realpathSync(path))
  ) {
    throw new FileProblem(`${flag}: ${path} is the input itself, which would be lost. Name another file.`);
  }
  outputFolder(dirname(resolve(path)), flag);
}

/**
 * The exit code for whatever a command threw, after saying it in one sentence.
 * With STATUETTE_DEBUG set the stack is printed too.
 */
export function explain(
  command: string,
  usage: string,
  error: unknown,
  say: (text: string) => void = (text) => process.stderr.write(text),
): 1 | 2 {
  if (process.env.STATUETTE_DEBUG && error instanceof Error) say(`${error.stack}\n`);
  if (error instanceof FileProblem) {
    say(`${error.message}\n`);
    return 1;
  }
  if (error instanceof UsageError) {
    say(`${error.message}\n\n${usage}`);
    return 2;
  }
  if (error instanceof StageError || error instanceof SurfaceError) say(`${error.message} ${error.fix}\n`);
  else if (/^E[A-Z]+$/.test(codeOf(error)) && (error as NodeJS.ErrnoException).path) {
    say(`${(error as NodeJS.ErrnoException).path} cannot be used: ${reasonOf(error)}.\n`);
  } else if (codeOf(error) === 'ENOSPC') say('The disk is full: free some space, and try again.\n');
  else say(`${command}: ${firstSentence(error)}\n`);
  return 1;
}

/** What a browser or a library says goes on with its log and its stack. */
function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^(page|locator|browserType)\.\w+: (Error: )?/, '').split('\n')[0];
}

/** Runs a command to its exit code; `main` gives null when the usage was asked for. */
export async function runCommand(
  command: string,
  usage: string,
  main: () => Promise<number | null>,
): Promise<void> {
  try {
    const code = await main();
    if (code === null) process.stdout.write(usage);
    process.exitCode = code ?? 0;
  } catch (error) {
    process.exitCode = explain(command, usage, error);
  }
}
