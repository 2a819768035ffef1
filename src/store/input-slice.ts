/** What the person brought: a photo, perhaps its pose and its mask, from a drop, a paste, a choice or the samples. */
import { StageError } from '../base/errors.ts';
import { NO_EDITS } from '../geometry/figure-edits.ts';
import { jsonTextOf } from '../intake/keypoints/json-text.ts';
import type { SliceContext } from './context.ts';
import { baseName, checkUnnamed, photosOf, sortDrop } from './drop.ts';
import { figureOf } from './figure.ts';
import type { InputSlice, InputState } from './input-state.ts';
import { mattingOf } from './matting-slice.ts';
import { isProjectFile } from './project-file.ts';
import type { RunStarter } from './run-lifetime.ts';
import { SAMPLES_FOLDER } from './samples.ts';
import { weightsOf } from './weights.ts';

/** A photo that nothing was done to yet. */
export function newInput(
  { keeping }: SliceContext['deps'],
  given: Pick<InputState, 'fileName' | 'photo' | 'poseJson' | 'mask' | 'sampleId'>,
): InputState {
  const name = baseName(given.fileName);
  return {
    ...{ title: name, project: null, ofOtherTab: false, createdMs: keeping?.dateMs() ?? 0, edits: NO_EDITS },
    ...{ name, ...given },
  };
}

export function inputSlice({ deps, resources, set, get }: SliceContext, starter: RunStarter): InputSlice {
  /** The extras of the open photo with one of them changed; a new id for each file so that ownership stays simple. */
  async function runWith(change: { poseJson?: string | null; mask?: Blob | null }): Promise<void> {
    const { input } = figureOf(get());
    if (!input) return;
    const mask = change.mask === undefined ? input.mask : change.mask && resources.put('file', change.mask);
    await starter.start({
      ...input,
      ofOtherTab: false,
      mask,
      poseJson: change.poseJson === undefined ? input.poseJson : change.poseJson,
    });
  }

  return {
    pending: null,

    async openFiles(files) {
      if (files.length === 0) return;
      const matting = mattingOf(files);
      if (matting) {
        await get().openMatting(matting);
        return;
      }
      const projects = await projectFilesOf(files);
      for (const file of projects) await get().openProjectFile(file);
      if (projects.length > 0) return;
      const weights = weightsOf(files);
      if (weights) {
        await get().openWeights(weights.source, weights.name);
        return;
      }
      try {
        await checkUnnamed(files);
        if (photosOf(files).length > 1) {
          await get().openSeveral(files);
          return;
        }
        const { pending, page } = get();
        // On the first page a figure in work is not what files are meant for.
        const input = page === 'studio' ? figureOf(get()).input : null;
        const { photo, pose, mask } = sortDrop(files, input !== null || pending !== null);
        const poseJson = pose ? await jsonTextOf(pose) : null;
        if (photo) {
          const heldMask = resources.get(pending?.mask) ?? null;
          await get().openPhoto(photo, poseJson ?? pending?.poseJson ?? null, mask ?? heldMask);
        } else if (input) {
          await runWith({ ...(pose && { poseJson }), ...(mask && { mask }) });
        } else {
          set({
            problem: null,
            pending: {
              poseJson: poseJson ?? pending?.poseJson ?? null,
              poseName: pose?.name ?? pending?.poseName ?? '',
              mask: mask ? resources.put('file', mask) : (pending?.mask ?? null),
              maskName: mask?.name ?? pending?.maskName ?? '',
            },
          });
        }
      } catch (thrown) {
        get().showProblem(thrown, 'photo');
      }
    },

    async openPhoto(file, poseJson = null, mask = null, sampleId = null) {
      const { pending } = get();
      const input = newInput(deps, {
        fileName: file.name,
        photo: resources.put('file', file),
        poseJson,
        mask: mask ? resources.put('file', mask) : null,
        sampleId,
      });
      resources.release(pending?.mask);
      set({ pending: null, following: true, page: 'studio' });
      await starter.start(input);
    },

    async openSample(id) {
      const { samples } = get();
      const sample = samples.kind === 'ready' ? samples.list.find((s) => s.id === id) : undefined;
      if (!sample) return;
      try {
        const [photo, pose, mask] = await Promise.all(
          [sample.photo, sample.pose, sample.mask].map((name) =>
            name ? deps.fetchOwn(SAMPLES_FOLDER + name) : null,
          ),
        );
        if (!photo)
          throw new StageError('samples', 'E_INTERNAL', 'The sample has no photo.', { fix: 'Try another.' });
        const file = new File([photo], sample.photo, { type: photo.type });
        await get().openPhoto(file, pose ? await pose.text() : null, mask, id);
      } catch (thrown) {
        get().showProblem(thrown, 'samples');
      }
    },

    async addExtra(kind, file) {
      try {
        await runWith(kind === 'pose' ? { poseJson: await jsonTextOf(file) } : { mask: file });
      } catch (thrown) {
        get().showProblem(thrown, kind === 'pose' ? 'pose' : 'matte');
      }
    },

    async dropExtra(kind) {
      await runWith(kind === 'pose' ? { poseJson: null } : { mask: null });
    },

    async closePhoto() {
      set({ page: 'first' });
      await starter.clear();
    },
  };
}

async function projectFilesOf(files: readonly File[]): Promise<File[]> {
  const found: File[] = [];
  for (const file of files) if (await isProjectFile(file)) found.push(file);
  return found;
}
