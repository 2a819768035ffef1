/**
 * Full-size pictures of stages, fetched when something on screen wants them; those of a stage that has made more are
 * fetched again. A full canvas is 16 MiB, so only the most recent few stay; what is dropped is freed and asked for again.
 */

import type { PlanarMap, RgbaImage } from '../base/images.ts';
import type { DigitizerClient } from '../client/digitizer-client.ts';
import {
  type MapName,
  PICTURE_STAGES,
  type PictureKind,
  type PictureRequest,
  type StageId,
} from '../digitizer/types.ts';
import type { PartId } from '../geometry/body.ts';
import type { SliceContext } from './context.ts';
import { type FigureState, figureOf, withFigure } from './figure.ts';
import type { StageEntry } from './run-state.ts';
import type { AppState } from './state.ts';
import type { PictureForm, PictureSlice, PictureState } from './view-state.ts';

/** Pictures kept at once: eight full canvases and the sixty small crops of all parts fit. */
const KEPT_PICTURES = 72;
const KEPT_FULL = 8;

/** The stage that must be done before the picture is complete. */
export function stageOfPicture(request: PictureRequest): StageId {
  return PICTURE_STAGES[request.kind];
}

/** Can the picture be had, whole or in part? */
export function isThere(request: PictureRequest, { state, came }: StageEntry): boolean {
  return state.kind === 'done' || came.includes('part' in request ? request.part : 'canvas');
}

/** Pictures of a stage that has made more: what was absent is asked for again, what is shown stays until it is here. */
export function outdated(
  pictures: FigureState['pictures'],
  stage: StageId,
  part: PartId | null,
): FigureState['pictures'] {
  const changed: Record<string, PictureState> = {};
  for (const [key, picture] of Object.entries(pictures)) {
    const [kind, of] = key.slice(key.indexOf(':') + 1).split('/');
    const concerned = PICTURE_STAGES[kind as PictureKind] === stage && (part === null || of === part);
    if (!concerned) changed[key] = picture;
    else if (picture.kind === 'ready') changed[key] = { ...picture, outdated: true };
    else if (picture.kind === 'loading') changed[key] = picture;
  }
  return changed;
}

/** Pictures that are drawn from a float map, and which. */
const FLOAT_MAPS: Partial<Readonly<Record<PictureKind, MapName>>> = {
  depth: 'fine_depth',
  coarseDepth: 'coarse_depth',
};

export function pictureKey(request: PictureRequest, as: PictureForm): string {
  // A map holds both sides.
  if (as === 'map') return `${as}:${request.kind}`;
  const part = 'part' in request ? `/${request.part}` : '';
  const side = 'side' in request ? `/${request.side}` : '';
  return `${as}:${request.kind}${part}${side}`;
}

async function read(
  client: DigitizerClient,
  request: PictureRequest,
  as: PictureForm,
): Promise<ImageBitmap | RgbaImage | PlanarMap | null> {
  if (as === 'bitmap') return client.picture(request);
  if (as === 'pixels') return client.pixels(request);
  const { [request.kind]: name } = FLOAT_MAPS;
  return name ? client.map(name) : null;
}

export function pictureSlice({ resources, client, set, get }: SliceContext): PictureSlice {
  let probing = false;
  let wanted: AppState['probe'] | null = null;

  function put(key: string, picture: PictureState): void {
    set(
      withFigure(({ pictures }) => {
        const { [key]: _, ...others } = pictures;
        return { pictures: { ...others, [key]: picture } };
      }),
    );
  }

  /** Insertion order is age; part crops are small, everything else is a full canvas. */
  function trim(): void {
    const { pictures } = figureOf(get());
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
    set(withFigure(() => ({ pictures: kept })));
  }

  return {
    probe: null,

    async requestPicture(request, as) {
      const key = pictureKey(request, as);
      const { pictures, input } = figureOf(get());
      const shown = pictures[key];
      if (shown && !(shown.kind === 'ready' && shown.outdated)) return;
      const asked: PictureState = shown ? { ...shown, outdated: false } : { kind: 'loading' };
      put(key, asked);
      /** Another photo, or nobody waits for this answer: what is there under the key is of later. */
      const superseded = () => {
        const now = figureOf(get());
        const { [key]: there } = now.pictures;
        // A new name or height is the same figure still.
        const same = now.input?.photo === input?.photo && now.input?.edits === input?.edits;
        if (!same || !there) return true;
        return shown ? there.kind !== 'ready' || there.id !== shown.id : there !== asked;
      };
      try {
        const c = client();
        const value = await read(c, request, as);
        if (superseded()) {
          if (value && 'close' in value) value.close();
          return;
        }
        if (!value) put(key, { kind: 'absent' });
        else {
          const id =
            'close' in value
              ? resources.put('bitmap', value)
              : 'shape' in value
                ? resources.put('map', value)
                : resources.put('pixels', value);
          // More may have come while this was drawn.
          const there = figureOf(get()).pictures[key];
          put(key, { kind: 'ready', id, outdated: there?.kind === 'ready' && there.outdated });
        }
        if (shown) resources.release(shown.id);
        trim();
      } catch (thrown) {
        if (superseded()) return;
        if (shown) resources.release(shown.id);
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
        // A failed reading under the pointer is not shown: the run itself reports what is wrong.
        set({ probe: null });
      } finally {
        probing = false;
      }
    },
  };
}
