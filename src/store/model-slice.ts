/** How the figure is looked at: shading, camera, ground, section, measure, the figure before; and how tall the person is. */
import type { SliceContext } from './context.ts';
import { figureOf, withFigure } from './figure.ts';
import type { ModelSlice, SectionState } from './model-state.ts';

/** Centimetres that a person of unknown height is taken to have, as in the files (export/placement.ts). */
export const DEFAULT_HEIGHT_CM = 170;
/** Heights that people have, cm. */
export const LEAST_HEIGHT_CM = 30;
export const MOST_HEIGHT_CM = 260;

/** Through the middle of the body, open to where the photo was taken from. */
const FIRST_SECTION: SectionState = { axis: 'z', at: 0.5, flipped: false };

const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** @param keep writes the height down with the kept figure. */
export function modelSlice(
  { set, get }: SliceContext,
  keep: (project: string, heightCm: number | null) => Promise<unknown>,
): ModelSlice {
  return {
    shading: 'colour',
    turning: false,
    camera: { pose: 'home', serial: 0 },
    matcap: 'porcelain',
    ground: { backdrop: 'studio', exposure: 0, grid: false },
    section: null,
    measuring: null,
    comparing: false,
    seam: 0.5,
    setShading: (shading) => set({ shading }),
    setTurning: (turning) => set({ turning }),
    moveCamera: (pose) =>
      set(({ camera }) => ({ camera: { pose, serial: camera.serial + 1 }, turning: false })),
    setMatcap: (matcap) => set({ matcap }),
    setGround: (change) => set(({ ground }) => ({ ground: { ...ground, ...change } })),
    setSection: (change) =>
      set(({ section }) => {
        if (!change) return { section: null };
        const next = { ...(section ?? FIRST_SECTION), ...change };
        return { section: { ...next, at: within(next.at, 0, 1) } };
      }),
    setMeasuring: (on) => set({ measuring: on ? [] : null }),
    measurePoint: (point) =>
      set(({ measuring }) => ({
        measuring: measuring && (measuring.length === 1 ? [measuring[0], point] : [point]),
      })),
    setComparing: (comparing) => set({ comparing }),
    setSeam: (seam) => set({ seam: within(seam, 0, 1) }),

    async setHeight(heightCm) {
      const { input } = figureOf(get());
      if (!input) return;
      const height = heightCm === null ? null : within(heightCm, LEAST_HEIGHT_CM, MOST_HEIGHT_CM);
      const { heightCm: _, ...rest } = input;
      set(withFigure(() => ({ input: height === null ? rest : { ...rest, heightCm: height } })));
      if (input.project !== null && !input.ofOtherTab) await keep(input.project, height);
    },
  };
}
