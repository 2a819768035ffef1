/**
 * Keeps every figure: when its run begins (photo and choices, so that closing the page loses nothing), when it is finished,
 * and when something about it changes. And what the first page does with kept figures: open, rename, delete, carry away.
 */
import { StageError } from '../base/errors.ts';
import { type RunReport, STAGE_IDS } from '../digitizer/types.ts';
import type { SliceContext } from './context.ts';
import { type FigureState, figureOf, NO_FIGURE, waitingStages, withFigure } from './figure.ts';
import type { InputState, LibrarySlice, ProjectCard } from './input-state.ts';
import {
  type OpenedProject,
  type ProjectContent,
  type ProjectEntry,
  type ProjectFacts,
  type ProjectKey,
  ProjectLibrary,
} from './library.ts';
import { readProjectFile, writeProjectFile } from './project-file.ts';
import { PROJECT_ENDING } from './project-format.ts';
import type { RunStarter, RunWatcher } from './run-lifetime.ts';
import type { StageEntry } from './run-state.ts';
import type { ViewId } from './view-state.ts';

export interface Library {
  readonly slice: LibrarySlice;
  readonly watcher: RunWatcher;
  /** Runs are started by what is made after it. */
  useStarter(starter: RunStarter): void;
  /** Writes down how tall the person is, with the kept figure. */
  keepHeight(key: ProjectKey, heightCm: number | null): Promise<void>;
  dispose(): void;
}

export function librarySlice(context: SliceContext): Library {
  const { deps, resources, client, set, get } = context;
  const { keeping } = deps;
  const library = keeping ? new ProjectLibrary(keeping.shelf) : null;
  let starter: RunStarter | null = null;
  /** Figures that this tab has open. */
  const held = new Map<ProjectKey, Promise<(() => void) | null>>();
  /** Those whose folder is written. */
  const written = new Set<ProjectKey>();
  /** Finished ones must not be taken for unfinished when they run again. */
  const finished = new Set<ProjectKey>();

  function holdOnly(key: ProjectKey | null): void {
    for (const [other, release] of held) {
      if (other === key) continue;
      held.delete(other);
      void release.then((end) => end?.());
    }
    if (key && library && !held.has(key))
      held.set(
        key,
        library.hold(key).catch(() => () => {}),
      );
  }

  function factsOf(input: InputState, stopped: ProjectFacts['stopped']): ProjectFacts {
    const { title, name, fileName, sampleId, createdMs, edits, person, matteSource, heightCm } = input;
    const { mode, surfaceDepth } = get().options;
    const savedMs = keeping?.dateMs() ?? 0;
    return {
      title,
      name,
      fileName,
      sampleId,
      createdMs,
      savedMs,
      options: { mode, surfaceDepth },
      edits,
      ...(person && { person }),
      ...(matteSource && { matteSource }),
      ...(heightCm && { heightCm }),
      stopped,
    };
  }

  async function contentOfInput(
    input: InputState,
    figure: ProjectContent['figure'],
    thumbnail: Blob | null,
  ): Promise<ProjectContent> {
    const photo = resources.get(input.photo);
    if (!photo) throw new Error('the photo was closed before it was kept');
    return { photo, mask: resources.get(input.mask) ?? null, poseJson: input.poseJson, figure, thumbnail };
  }

  async function relist(): Promise<void> {
    await get().loadProjects();
  }

  /** Keeping must never cost the figure that is open: what goes wrong is said, once. */
  async function tell(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      if (get().storageNote !== null) set({ storageNote: null });
      return true;
    } catch (thrown) {
      const { message, fix } = StageError.from('storage', thrown);
      const note = `${message} ${fix}`;
      if (get().storageNote !== note) {
        set({ storageNote: note });
        if (!get().problem) get().showProblem(thrown, 'storage');
      }
      return false;
    }
  }

  const watcher: RunWatcher = {
    begins(given) {
      if (!library || given.ofOtherTab) {
        holdOnly(null);
        return given;
      }
      const input = { ...given, project: given.project ?? library.newKey() };
      const { project } = input;
      holdOnly(project);
      if (finished.has(project)) return input;
      const facts = factsOf(input, null);
      // The blobs are taken now: the figure may be another one when its turn comes.
      const content = contentOfInput(input, null, null);
      void tell(async () => {
        await library.keep(project, facts, await content);
        written.add(project);
        await relist();
      });
      return input;
    },

    ended({ input, mesh, run }) {
      if (!library || !input?.project || run.kind !== 'done') return;
      const { project } = input;
      const shown = resources.get(mesh);
      if (!shown) return;
      finished.add(project);
      const facts = factsOf(input, null);
      const { report } = run;
      const content = (async () => {
        const thumbnail = (await keeping?.portrait(shown).catch(() => null)) ?? null;
        return contentOfInput(input, { mesh: shown, report }, thumbnail);
      })();
      void tell(async () => {
        await library.keep(project, facts, await content);
        written.add(project);
        await relist();
      });
    },

    stopped({ project }, error) {
      if (!library || !project || finished.has(project) || error.code === 'E_CANCELLED') return;
      void tell(async () => {
        if (error.stage === 'photo') {
          await library.remove(project);
          written.delete(project);
        } else if (written.has(project)) {
          await library.change(project, { stopped: { message: error.message, fix: error.fix } });
        }
        await relist();
      });
    },
  };

  async function cardOf(entry: ProjectEntry): Promise<ProjectCard> {
    const { key } = entry;
    if (entry.kind === 'unreadable') {
      const { message, fix } = entry.error;
      return {
        ...{ key, title: 'A figure', savedMs: 0, bytes: 0, thumbnail: null },
        state: 'unreadable',
        why: { message, fix },
      };
    }
    const { manifest, bytes } = entry;
    const picture = await library?.thumbnail(key, manifest).catch(() => null);
    const bitmap = picture && (await keeping?.bitmapOf(picture).catch(() => null));
    return {
      ...{ key, title: manifest.title, savedMs: manifest.savedMs, bytes, why: manifest.stopped },
      thumbnail: bitmap ? resources.put('bitmap', bitmap) : null,
      state: manifest.figure ? 'finished' : 'unfinished',
    };
  }

  /** A figure as it comes from storage: to be turned at once, its maps on request. */
  function restoredFigure(opened: OpenedProject, input: InputState): FigureState {
    const { figure } = opened;
    if (!figure) return { ...NO_FIGURE, input };
    const stages = { ...waitingStages() };
    const detail = `${figure.report.triangles.toLocaleString('en')} triangles`;
    const done: StageEntry['state'] = { kind: 'done', elapsedMs: 0, detail, cached: true };
    stages.surface = { ...stages.surface, state: done };
    return {
      ...NO_FIGURE,
      ...{ input, stages, restored: true, run: { kind: 'done', report: figure.report } },
      mesh: resources.put('mesh', figure.mesh),
    };
  }

  function inputOf(opened: OpenedProject, project: ProjectKey | null, ofOtherTab: boolean): InputState {
    const { manifest, photo, mask, poseJson } = opened;
    const { title, name, fileName, sampleId, createdMs, edits, person, matteSource, heightCm } = manifest;
    return {
      ...(person && { person }),
      ...(matteSource && { matteSource }),
      ...(heightCm && { heightCm }),
      ...{ title, name, fileName, sampleId, createdMs, edits, project, ofOtherTab, poseJson },
      photo: resources.put('file', photo),
      mask: mask && resources.put('file', mask),
    };
  }

  async function show(
    opened: OpenedProject,
    key: ProjectKey | null,
    ofOtherTab: boolean,
    view: ViewId,
  ): Promise<void> {
    const input = inputOf(opened, key, ofOtherTab);
    const { manifest, lost, figure } = opened;
    if (key) {
      written.add(key);
      if (figure) finished.add(key);
      else finished.delete(key);
    }
    set(({ options }) => ({
      page: 'studio',
      options: { ...options, ...manifest.options },
      meshSize: 'full',
    }));
    await starter?.restore(restoredFigure(opened, input));
    if (lost) get().showProblem(lost, 'project');
    if (!figure) {
      // Resumes: the stages that were finished before are taken from storage.
      set({ following: true, view: 'photo', stage: 'photo' });
      void starter?.start(input);
      return;
    }
    const { mesh, report } = figure;
    void adopt(input, structuredClone(mesh), report).then(() => {
      if (view !== 'model' && figureOf(get()).input === input) get().setView(view);
    });
  }

  /** The worker can then save the mesh and make smaller ones. */
  async function adopt(
    input: InputState,
    mesh: NonNullable<ProjectContent['figure']>['mesh'],
    report: RunReport,
  ) {
    if (!(await get().startSession())) return;
    if (figureOf(get()).input !== input) return;
    await client().adopt(mesh, report);
  }

  /** Made with the weights that are open now? Others would give another figure. */
  function samePack(report: RunReport): boolean {
    const { session } = get();
    if (session.kind !== 'ready') return false;
    const { id, name, version, sizeBytes } = session.pack;
    const made = report.pack;
    return made.id === id && made.name === name && made.version === version && made.sizeBytes === sizeBytes;
  }

  const stopListening = library?.onChange(() => void relist());
  let listing = 0;

  const slice: LibrarySlice = {
    page: 'first',
    projects: null,
    storageNote: null,
    space: null,
    deleted: [],
    savingProject: null,

    async loadProjects() {
      if (!library) return;
      const mine = ++listing;
      try {
        const entries = await library.list();
        if (mine !== listing) return;
        const cards = await Promise.all(entries.map(cardOf));
        const space = await library.space();
        const old = get().projects ?? [];
        const hidden = new Set(get().deleted.map(({ key }) => key));
        const projects = cards.filter(({ key }) => !hidden.has(key));
        for (const card of cards) if (hidden.has(card.key)) resources.release(card.thumbnail);
        if (mine !== listing) {
          for (const { thumbnail } of projects) resources.release(thumbnail);
          return;
        }
        set({ projects, space });
        for (const { thumbnail } of old) resources.release(thumbnail);
      } catch (thrown) {
        const { message, fix } = StageError.from('storage', thrown);
        set({ projects: [], storageNote: `${message} ${fix}` });
      }
    },

    goHome() {
      set({ page: 'first', problem: null, sheetOpen: false });
      void get().continueQueue();
    },

    goToFigure() {
      if (figureOf(get()).input) set({ page: 'studio' });
    },

    async openProject(key, view = 'model') {
      const { input } = figureOf(get());
      if (input?.project === key) {
        set({ page: 'studio' });
        if (figureOf(get()).run.kind === 'done' && get().view !== view) get().setView(view);
        return true;
      }
      if (!library) return false;
      try {
        const release = await library.hold(key);
        const opened = await library.open(key).catch((thrown: unknown) => {
          release?.();
          throw thrown;
        });
        holdOnly(null);
        if (release) held.set(key, Promise.resolve(release));
        await show(opened, release ? key : null, release === null, view);
        if (!release) {
          const text =
            'This figure is open in another tab, where it is kept. What you change here becomes a copy of its own.';
          set(withFigure(({ notices }) => ({ notices: [...notices, { stage: 'photo', text }] })));
        }
        return true;
      } catch (thrown) {
        get().showProblem(thrown, 'project');
        void relist();
        return false;
      }
    },

    async openProjectFile(file) {
      try {
        const opened = await readProjectFile(file);
        const { manifest, photo, mask, poseJson, figure, thumbnail } = opened;
        let key: ProjectKey | null = null;
        if (library) {
          const fresh = library.newKey();
          const facts = { ...factsIn(manifest), savedMs: keeping?.dateMs() ?? 0 };
          const isKept = await tell(() =>
            library.keep(fresh, facts, { photo, mask, poseJson, figure, thumbnail }),
          );
          if (isKept) key = fresh;
          holdOnly(key);
        }
        await show(opened, key, false, 'model');
        await relist();
      } catch (thrown) {
        get().showProblem(thrown, 'project');
      }
    },

    async renameProject(key, title) {
      const trimmed = title.trim().slice(0, 200);
      if (!trimmed || !library) return;
      set(({ projects }) => ({
        projects: projects?.map((card) => (card.key === key ? { ...card, title: trimmed } : card)) ?? null,
      }));
      if (figureOf(get()).input?.project === key) {
        set(withFigure(({ input }) => ({ input: input && { ...input, title: trimmed } })));
      }
      await tell(() => library.change(key, { title: trimmed }));
    },

    async deleteProject(key) {
      const card = get().projects?.find((other) => other.key === key);
      if (!library || !card) return;
      const isOpenHere = figureOf(get()).input?.project === key;
      if (!isOpenHere) {
        const release = await library.hold(key);
        if (!release) {
          const why = `“${card.title}” is open in another tab.`;
          get().showProblem(
            new StageError('project', 'E_STORAGE', why, { fix: 'Close it there first, then delete it.' }),
            'project',
          );
          return;
        }
        release();
      }
      set(({ projects, deleted }) => ({
        projects: projects?.filter((other) => other.key !== key) ?? null,
        deleted: [...deleted, card],
      }));
    },

    undoDelete(key) {
      const card = get().deleted.find((other) => other.key === key);
      if (!card) return;
      set(({ projects, deleted }) => ({
        deleted: deleted.filter((other) => other.key !== key),
        projects: [...(projects ?? []), card].sort((a, b) => b.savedMs - a.savedMs),
      }));
    },

    async finishDeleting() {
      const { deleted } = get();
      if (!library || deleted.length === 0) return;
      set({ deleted: [] });
      for (const { key, thumbnail } of deleted) {
        resources.release(thumbnail);
        if (figureOf(get()).input?.project === key) {
          holdOnly(null);
          await starter?.clear();
        }
        await tell(() => library.remove(key));
      }
      await relist();
    },

    async saveProject(key) {
      if (get().savingProject) return;
      set({ savingProject: key });
      try {
        const { input, mesh, run } = figureOf(get());
        if (key === 'open') {
          if (!input) return;
          const shown = resources.get(mesh);
          const figure = shown && run.kind === 'done' ? { mesh: shown, report: run.report } : null;
          const thumbnail = shown ? ((await keeping?.portrait(shown).catch(() => null)) ?? null) : null;
          const content = await contentOfInput(input, figure, thumbnail);
          deps.saveFile(
            await writeProjectFile(factsOf(input, null), content),
            `${input.title}${PROJECT_ENDING}`,
          );
        } else if (library) {
          const opened = await library.open(key);
          const { manifest } = opened;
          deps.saveFile(
            await writeProjectFile(factsIn(manifest), opened),
            `${manifest.title}${PROJECT_ENDING}`,
          );
        }
      } catch (thrown) {
        get().showProblem(thrown, 'project');
      } finally {
        set({ savingProject: null });
      }
    },

    async wake() {
      const { input, restored, run } = figureOf(get());
      if (!input || !restored || run.kind !== 'done') return;
      if (!(await get().startSession())) return;
      if (figureOf(get()).input !== input || figureOf(get()).run !== run) return;
      if (!samePack(run.report)) {
        const { name, version } = run.report.pack;
        const text = `This figure was made with the weights “${name} ${version}”. Others are open now: with them it becomes another one, so its maps are not made by themselves.`;
        set(
          withFigure(({ notices }) =>
            notices.some((n) => n.text === text) ? {} : { notices: [...notices, { stage: 'photo', text }] },
          ),
        );
        return;
      }
      await starter?.start(input);
    },
  };

  return {
    slice,
    watcher,
    async keepHeight(key, heightCm) {
      // One that is not written yet has it when it is.
      if (library && written.has(key)) {
        await tell(() => library.change(key, { heightCm: heightCm ?? undefined }));
      }
    },
    useStarter(given) {
      starter = given;
    },
    dispose() {
      stopListening?.();
      holdOnly(null);
    },
  };
}

function factsIn(manifest: OpenedProject['manifest']): ProjectFacts {
  const { title, name, fileName, sampleId, createdMs, savedMs, options, edits, stopped } = manifest;
  const { person, matteSource, heightCm } = manifest;
  return {
    ...{ title, name, fileName, sampleId, createdMs, savedMs, options, edits, stopped },
    ...(person && { person }),
    ...(matteSource && { matteSource }),
    ...(heightCm && { heightCm }),
  };
}

/** Fraction of a run that is done, 0..1: every stage counts the same. */
export function fractionOf({ stages, run }: FigureState): number {
  if (run.kind === 'done') return 1;
  let sum = 0;
  for (const id of STAGE_IDS) {
    const { state } = stages[id];
    sum += state.kind === 'done' ? 1 : state.kind === 'running' ? state.fraction : 0;
  }
  return sum / STAGE_IDS.length;
}
