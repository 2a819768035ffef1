/**
 * Several photos, one after the other, each kept when it is finished. One that fails says why and the next is taken; while
 * a figure is being looked at the others wait, because the worker holds the maps of one photo.
 */
import { StageError } from '../base/errors.ts';
import { jsonTextOf } from '../intake/keypoints/json-text.ts';
import type { SliceContext } from './context.ts';
import { checkUnnamed, sortSeveral } from './drop.ts';
import { figureOf } from './figure.ts';
import { newInput } from './input-slice.ts';
import type { QueueItem, QueueSlice } from './input-state.ts';
import type { RunStarter } from './run-lifetime.ts';

export function queueSlice({ deps, resources, set, get }: SliceContext, starter: RunStarter): QueueSlice {
  let serial = 0;
  let working = false;

  const put = (id: number, state: QueueItem['state']) =>
    set(({ queue }) => ({ queue: queue.map((item) => (item.id === id ? { ...item, state } : item)) }));

  /** The queue's files are copies by reference: the figure has ids of its own, and frees them by itself. */
  const again = (id: QueueItem['photo']) => {
    const file = resources.get(id);
    return file && resources.put('file', file);
  };

  async function work(item: QueueItem): Promise<void> {
    const photo = again(item.photo);
    if (!photo) return put(item.id, { kind: 'cancelled' });
    const mask = item.mask ? (again(item.mask) ?? null) : null;
    put(item.id, { kind: 'running' });
    set({ following: true });
    const input = newInput(deps, {
      fileName: item.name,
      photo,
      mask,
      poseJson: item.poseJson,
      sampleId: null,
    });
    const outcome = await starter.start(input);
    switch (outcome.kind) {
      case 'done':
        return put(item.id, { kind: 'done', project: figureOf(get()).input?.project ?? null });
      case 'failed':
        // It is said beside its name, not over whatever is being looked at.
        set({ problem: null });
        return put(item.id, { kind: 'failed', error: outcome.error });
      case 'cancelled':
        return put(item.id, { kind: 'cancelled' });
      case 'superseded':
        // Something else was opened: it is taken up again later, from the stages that were finished.
        return put(item.id, { kind: 'waiting' });
    }
  }

  return {
    queue: [],

    async openSeveral(files) {
      try {
        await checkUnnamed(files);
        const added: QueueItem[] = [];
        for (const { photo, pose, mask } of sortSeveral(files)) {
          if (photo.size === 0) {
            const error = new StageError('photo', 'E_EMPTY_FILE', `“${photo.name}” is empty.`, {
              fix: 'Choose the file again from where it was saved.',
            });
            added.push({ ...itemOf(photo, null, null), state: { kind: 'failed', error: error.toData() } });
          } else {
            added.push(itemOf(photo, pose ? await jsonTextOf(pose) : null, mask));
          }
        }
        set(({ queue }) => ({ queue: [...queue, ...added], page: 'first', problem: null }));
        await get().continueQueue();
      } catch (thrown) {
        get().showProblem(thrown, 'photo');
      }
    },

    async continueQueue() {
      if (working) return;
      working = true;
      try {
        for (;;) {
          const { queue, page, storageNote } = get();
          const next = queue.find(({ state }) => state.kind === 'waiting');
          const { run, mesh, input } = figureOf(get());
          const isBusy = run.kind === 'running' || run.kind === 'cancelling';
          // What is looked at stays; what could not be kept must not be replaced unasked.
          const isUnkept =
            mesh !== null && input !== null && (storageNote !== null || input.project === null);
          if (!next || page === 'studio' || isBusy || (isUnkept && queue.some(isDone))) return;
          await work(next);
        }
      } finally {
        working = false;
      }
    },

    removeFromQueue(id) {
      const item = get().queue.find((other) => other.id === id);
      if (!item || item.state.kind === 'running') return;
      resources.release(item.photo);
      resources.release(item.mask);
      set(({ queue }) => ({ queue: queue.filter((other) => other.id !== id) }));
    },

    clearQueue() {
      for (const { id } of get().queue) get().removeFromQueue(id);
    },
  };

  function itemOf(photo: File, poseJson: string | null, mask: File | null): QueueItem {
    return {
      ...{ id: ++serial, name: photo.name, poseJson, state: { kind: 'waiting' } },
      photo: resources.put('file', photo),
      mask: mask && resources.put('file', mask),
    };
  }
}

const isDone = ({ state }: QueueItem) => state.kind === 'done';
