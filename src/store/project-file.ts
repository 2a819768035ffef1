/**
 * A figure as one file to carry elsewhere: `.statuette`, a zip of project.json and the files it names. Written with
 * project.json first, so that the head of the file tells what it is whatever its name.
 */
import { unzipSync } from 'fflate';
import { StageError } from '../base/errors.ts';
import { zipToBlob } from '../export/zip.ts';
import {
  contentOf,
  describeProject,
  type OpenedProject,
  type ProjectContent,
  type ProjectFacts,
} from './library.ts';
import { badProject, filesOf, PROJECT_ENDING, PROJECT_FILE, parseProject } from './project-format.ts';

/** A project's photo and mesh together; what says it is larger is no project of ours. */
const MOST_BYTES = 2 ** 30;
const HEAD_BYTES = 30 + PROJECT_FILE.length;

export async function writeProjectFile(facts: ProjectFacts, content: ProjectContent): Promise<Blob> {
  const { manifest, files } = await describeProject(facts, content);
  async function* entries() {
    yield { name: PROJECT_FILE, bytes: new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`) };
    for (const [name, blob] of files) yield { name, bytes: new Uint8Array(await blob.arrayBuffer()) };
  }
  return new Blob([await zipToBlob(entries())], { type: 'application/zip' });
}

/** By its ending, or by its first bytes: some programs rename what is a zip. */
export async function isProjectFile(file: File): Promise<boolean> {
  if (file.name.toLowerCase().endsWith(PROJECT_ENDING)) return true;
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  if (head[0] !== 0x50 || head[1] !== 0x4b || head[2] !== 3 || head[3] !== 4) return false;
  return new TextDecoder('latin1').decode(head.subarray(30)) === PROJECT_FILE;
}

/** @throws StageError E_EMPTY_FILE, E_BAD_PROJECT: no project, of a newer version, or damaged. */
export async function readProjectFile(file: File): Promise<OpenedProject> {
  const what = `“${file.name}”`;
  if (file.size === 0) {
    throw new StageError('project', 'E_EMPTY_FILE', `${what} is empty.`, {
      fix: 'Choose the file again from where it was saved.',
    });
  }
  const files = await unpack(file, what);
  const head = files.get(PROJECT_FILE);
  if (!head)
    throw badProject(`${what} is no Statuette project.`, 'Choose a file that was saved as “Project” here.');
  const manifest = parseProject(new TextDecoder().decode(head), what);
  const named = new Set(filesOf(manifest).map((entry) => entry.file));
  return contentOf(
    manifest,
    async (name) => {
      const bytes = named.has(name) ? files.get(name) : undefined;
      return bytes ? new Blob([bytes]) : null;
    },
    what,
  );
}

/** Entries by name, whatever folder a program put them in when it packed them again. */
async function unpack(file: File, what: string): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let total = 0;
  try {
    const entries = unzipSync(new Uint8Array(await file.arrayBuffer()), {
      filter: ({ name, originalSize }) => {
        if (name.endsWith('/') || name.startsWith('__MACOSX/')) return false;
        total += originalSize;
        if (total > MOST_BYTES) throw new RangeError('larger than any project');
        return true;
      },
    });
    for (const [path, bytes] of Object.entries(entries)) {
      files.set(path.slice(path.lastIndexOf('/') + 1), bytes as Uint8Array<ArrayBuffer>);
    }
  } catch (cause) {
    throw badProject(
      `${what} is damaged or no Statuette project: it cannot be unpacked.`,
      'Copy it again from where it was saved; part of it may not have arrived.',
      cause,
    );
  }
  return files;
}
