/**
 * Figures that are kept: one folder each (project-shelf.ts), described by its project.json (project-format.ts). Files are
 * written first, under new names, then project.json, then what it no longer names is removed: whenever the page is closed,
 * the folder is either as it was or as it became.
 */
import { contentKeySteps } from '../base/content-key.ts';
import { StageError } from '../base/errors.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import { pacedBy } from '../base/steps.ts';
import type { RunReport } from '../digitizer/types.ts';
import { meshBlob, meshFromBlob, sizesOf } from './mesh-bytes.ts';
import {
  badProject,
  filesOf,
  manifestOf,
  PROJECT_FILE,
  type ProjectDraft,
  type ProjectManifest,
  parseProject,
  type StoredFile,
} from './project-format.ts';
import type { ProjectShelf } from './project-shelf.ts';

export type ProjectKey = string;

/** One kept figure in a list. */
export type ProjectEntry =
  | {
      readonly kind: 'whole';
      readonly key: ProjectKey;
      readonly manifest: ProjectManifest;
      readonly bytes: number;
    }
  /** Of a newer version, or damaged: it is shown with the reason, and can be removed. */
  | { readonly kind: 'unreadable'; readonly key: ProjectKey; readonly error: StageError };

/** What a manifest's files are made of; null and absent files are left out of the manifest. */
export interface ProjectContent {
  readonly photo: Blob;
  readonly mask: Blob | null;
  readonly poseJson: string | null;
  readonly figure: { readonly mesh: SurfaceMesh; readonly report: RunReport } | null;
  readonly thumbnail: Blob | null;
}

export type ProjectFacts = Pick<
  ProjectDraft,
  | 'title'
  | 'name'
  | 'fileName'
  | 'sampleId'
  | 'createdMs'
  | 'savedMs'
  | 'options'
  | 'edits'
  | 'person'
  | 'matteSource'
  | 'heightCm'
  | 'stopped'
>;

/** A kept figure, opened. */
export interface OpenedProject extends ProjectContent {
  readonly manifest: ProjectManifest;
  /** Why the finished figure could not be read although its photo could; null when all is whole. */
  readonly lost: StageError | null;
}

const pace = pacedBy(new AbortController().signal, 'project');

export const keyOfBlob = async (blob: Blob): Promise<string> =>
  pace(contentKeySteps(new Uint8Array(await blob.arrayBuffer())));

const endingOf = (fileName: string, fallback: string) =>
  /\.([a-z0-9]{1,8})$/i.exec(fileName)?.[1].toLowerCase() ?? fallback;

/** Names a file by its content, so that a new one never takes the place of one that project.json still names. */
async function stored(blob: Blob, stem: string, ending: string): Promise<StoredFile> {
  const key = await keyOfBlob(blob);
  return { file: `${stem}-${key}.${ending}`, bytes: blob.size, key, type: blob.type };
}

/** The files of a project and what describes them: for a folder as for a project file. */
export async function describeProject(
  facts: ProjectFacts,
  content: ProjectContent,
): Promise<{ readonly manifest: ProjectManifest; readonly files: ReadonlyMap<string, Blob> }> {
  const files = new Map<string, Blob>();
  const add = async (blob: Blob | null, stem: string, ending: string) => {
    if (!blob) return null;
    const entry = await stored(blob, stem, ending);
    files.set(entry.file, blob);
    return entry;
  };
  const { photo, mask, poseJson, figure, thumbnail } = content;
  const photoFile = (await add(photo, 'photo', endingOf(facts.fileName, 'img'))) as StoredFile;
  const mesh = figure && (await add(meshBlob(figure.mesh), 'mesh', 'bin'));
  const manifest = manifestOf({
    ...facts,
    photo: photoFile,
    mask: await add(mask, 'mask', 'img'),
    pose: await add(
      poseJson === null ? null : new Blob([poseJson], { type: 'application/json' }),
      'pose',
      'json',
    ),
    figure: figure && mesh && { mesh, ...sizesOf(figure.mesh), report: figure.report },
    thumbnail: await add(thumbnail, 'thumbnail', 'webp'),
  });
  return { manifest, files };
}

/**
 * Reads what a manifest names.
 *
 * @param what names the project in sentences.
 * @throws StageError E_BAD_PROJECT when the photo is not whole; a figure that is not whole is left out and said in `lost`.
 */
export async function contentOf(
  manifest: ProjectManifest,
  read: (name: string) => Promise<Blob | null>,
  what: string,
): Promise<OpenedProject> {
  const whole = async (entry: StoredFile): Promise<Blob> => {
    const blob = await read(entry.file);
    const fix = 'Use an earlier copy of it, or make the figure from its photo again.';
    if (!blob) throw badProject(`${what} is damaged: ${entry.file} is missing.`, fix);
    if (blob.size !== entry.bytes || (await keyOfBlob(blob)) !== entry.key) {
      throw badProject(`${what} is damaged: ${entry.file} is not what was saved.`, fix);
    }
    return new Blob([blob], { type: entry.type });
  };
  const { figure, mask, pose, thumbnail } = manifest;
  let lost: StageError | null = null;
  /** What can be made again from the photo. */
  const optional = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (thrown) {
      lost ??= StageError.from('project', thrown);
      return null;
    }
  };
  const photo = await whole(manifest.photo);
  return {
    manifest,
    photo: new File([photo], manifest.fileName, { type: manifest.photo.type }),
    mask: mask && (await whole(mask)),
    poseJson: pose && (await (await whole(pose)).text()),
    figure:
      figure &&
      (await optional(async () => ({
        mesh: await meshFromBlob(await whole(figure.mesh), figure),
        report: figure.report,
      }))),
    thumbnail: thumbnail && (await whole(thumbnail).catch(() => null)),
    lost,
  };
}

export class ProjectLibrary {
  readonly #shelf: ProjectShelf;
  /** Writes to storage, one after the other: what is asked for last is there last. */
  readonly #queue = new SerialQueue();

  constructor(shelf: ProjectShelf) {
    this.#shelf = shelf;
  }

  newKey(): ProjectKey {
    return crypto.randomUUID();
  }

  /** Newest first. Folders without project.json were cut off before their photo was whole: they go, if nobody fills them. */
  list(): Promise<ProjectEntry[]> {
    return this.#queue.add(async () => {
      const entries: ProjectEntry[] = [];
      for (const key of await this.#shelf.keys()) {
        const entry = await this.#entry(key);
        if (entry) entries.push(entry);
        else await this.#removeCutOff(key);
      }
      const savedMs = (entry: ProjectEntry) => (entry.kind === 'whole' ? entry.manifest.savedMs : 0);
      return entries.sort((a, b) => savedMs(b) - savedMs(a));
    });
  }

  async #removeCutOff(key: ProjectKey): Promise<void> {
    const release = await this.#shelf.hold(key);
    if (!release) return;
    await this.#shelf.remove(key);
    release();
  }

  async #entry(key: ProjectKey): Promise<ProjectEntry | null> {
    const file = await this.#shelf.read(key, PROJECT_FILE);
    if (!file) return null;
    try {
      const manifest = parseProject(await file.text(), 'This figure');
      const bytes = filesOf(manifest).reduce((sum, entry) => sum + entry.bytes, file.size);
      return { kind: 'whole', key, manifest, bytes };
    } catch (thrown) {
      return { kind: 'unreadable', key, error: StageError.from('project', thrown) };
    }
  }

  /** Writes a figure into its folder, in the place of what was there. @throws StageError E_STORAGE; the old one stays. */
  keep(key: ProjectKey, facts: ProjectFacts, content: ProjectContent): Promise<ProjectManifest> {
    return this.#queue.add(async () => {
      const { manifest, files } = await describeProject(facts, content);
      const there = new Set(await this.#shelf.names(key));
      try {
        for (const [name, blob] of files) if (!there.has(name)) await this.#shelf.write(key, name, blob);
        await this.#writeManifest(key, manifest);
      } catch (thrown) {
        // What was written for nothing would fill the storage further.
        for (const name of files.keys())
          if (!there.has(name)) await this.#shelf.remove(key, name).catch(() => {});
        if (!there.has(PROJECT_FILE)) await this.#shelf.remove(key).catch(() => {});
        throw thrown;
      }
      for (const name of there) {
        if (name !== PROJECT_FILE && !files.has(name)) await this.#shelf.remove(key, name).catch(() => {});
      }
      this.#shelf.changed();
      return manifest;
    });
  }

  #writeManifest(key: ProjectKey, manifest: ProjectManifest): Promise<void> {
    const text = `${JSON.stringify(manifest, null, 1)}\n`;
    return this.#shelf.write(key, PROJECT_FILE, new Blob([text], { type: 'application/json' }));
  }

  /** Changes what is said about a figure; its files stay. @throws StageError E_BAD_PROJECT when it is gone. */
  change(key: ProjectKey, change: Partial<ProjectFacts>): Promise<void> {
    return this.#queue.add(async () => {
      const entry = await this.#entry(key);
      if (entry?.kind !== 'whole') throw entry?.error ?? gone();
      await this.#writeManifest(key, { ...entry.manifest, ...change });
      this.#shelf.changed();
    });
  }

  /** @throws StageError E_BAD_PROJECT. */
  open(key: ProjectKey): Promise<OpenedProject> {
    return this.#queue.add(async () => {
      const entry = await this.#entry(key);
      if (entry?.kind !== 'whole') throw entry?.error ?? gone();
      const { manifest } = entry;
      return contentOf(manifest, (name) => this.#shelf.read(key, name), `The figure “${manifest.title}”`);
    });
  }

  thumbnail(key: ProjectKey, { thumbnail }: ProjectManifest): Promise<Blob | null> {
    return thumbnail ? this.#shelf.read(key, thumbnail.file) : Promise.resolve(null);
  }

  remove(key: ProjectKey): Promise<void> {
    return this.#queue.add(async () => {
      await this.#shelf.remove(key);
      this.#shelf.changed();
    });
  }

  hold(key: ProjectKey): Promise<(() => void) | null> {
    return this.#shelf.hold(key);
  }

  space() {
    return this.#shelf.space();
  }

  onChange(listener: () => void): () => void {
    return this.#shelf.onChange(listener);
  }
}

function gone(): StageError {
  return badProject('This figure is no longer in this browser.', 'It was deleted, perhaps in another tab.');
}
