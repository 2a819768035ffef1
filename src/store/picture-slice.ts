/**
 * Full-size pictures of finished stages, fetched when something on screen wants them and kept until the next run.
 * A full canvas is 16 MiB, so only the most recent few stay; what is dropped is freed and asked for again.
 */
import type { PictureRequest, StageId } from '../digitizer/types.ts';
import type { SliceContext } from './context.ts';
import type { AppState, PictureSlice, PictureState } from './state.ts';

/** Pictures kept at once: eight full canvases and the sixty small crops of all parts fit. */
const KEPT_PICTURES = 72;
const KEPT_FULL = 8;

const STAGE_OF_PICTURE: Readonly<Record<PictureRequest['kind'], StageId>> = {
  photo: 'photo',
  matte: 'matte',
  cutout: 'matte',
  coarseNormals: 'coarse',
  coarseDepth: 'coarse',
  partCrop: 'partNormals',
  partCoarse: 'partNormals',
  partNormals: 'partNormals',
  partWeight: 'mergedNormals',
  mergedNormals: 'mergedNormals',
  depth: 'fineDepth',
};

/** The stage that must be done before the picture exists. */
export function stageOfPicture(request: PictureRequest): StageId {
  return STAGE_OF_PICTURE[request.kind];
}

export function pictureKey(request: PictureRequest, as: 'bitmap' | 'pixels'): string {
  const part = 'part' in request ? `/${request.part}` : '';
  const side = 'side' in request ? `/${request.side}` : '';
  return `${as}:${request.kind}${part}${side}`;
}

export function pictureSlice({ resources, client, set, get }: SliceContext): PictureSlice {
  let probing = false;
  let wanted: AppState['probe'] | null = null;

  function put(key: string, picture: PictureState): void {
    set(({ pictures }) => {
      const { [key]: _, ...others } = pictures;
      return { pictures: { ...others, [key]: picture } };
    });
  }

  /** Insertion order is age; part crops are small, everything else is a full canvas. */
  function trim(): void {
    const { pictures } = get();
    const ready = Object.entries(pictures).filter(([, p]) => p.kind === 'ready');
    const full = ready.filter(([key]) => !key.includes(':part'));
    const old = new Set([
      ...ready.slice(0, Math.max(0, ready.length - KEPT_PICTURES)),
      ...full.slice(0, Math.max(0, full.length - KEPT_FULL)),
    ]);
    if (old.size === 0) return;
    const kept = { ...pictures };
    for (const [key, picture] of old) {
      if (picture.kind === 'ready') resources.release(picture.id);
      delete kept[key];
    }
    set({ pictures: kept });
  }

  return {
    pictures: {},
    probe: null,

    async requestPicture(request, as) {
      const key = pictureKey(request, as);
      const { pictures, input } = get();
      if (pictures[key]) return;
      const loading: PictureState = { kind: 'loading' };
      put(key, loading);
      try {
        const c = client();
        const value = as === 'bitmap' ? await c.picture(request) : await c.pixels(request);
        const { input: inputNow, pictures: now } = get();
        if (inputNow !== input || now[key] !== loading) {
          if (value && 'close' in value) value.close();
          return;
        }
        if (!value) put(key, { kind: 'absent' });
        else if ('close' in value) put(key, { kind: 'ready', id: resources.put('bitmap', value) });
        else put(key, { kind: 'ready', id: resources.put('pixels', value) });
        trim();
      } catch (thrown) {
        put(key, { kind: 'absent' });
        get().showProblem(thrown, stageOfPicture(request));
      }
    },

    /** One question at a time; while it is out, only the newest point waits. */
    async probeAt(point) {
      if (!point) {
        wanted = null;
        set({ probe: null });
        return;
      }
      wanted = { at: point, values: null };
      if (probing) return;
      probing = true;
      try {
        while (wanted) {
          const { at }: NonNullable<AppState['probe']> = wanted;
          wanted = null;
          const values = await client().probe(at.row, at.column);
          set({ probe: { at, values } });
        }
      } catch {
        // Values under the pointer are a courtesy: the run itself reports what is wrong.
        set({ probe: null });
      } finally {
        probing = false;
      }
    },
  };
}
