/** What one map of the Maps view is made of: what it asks for, how it is drawn, what its colours mean, what it is compared by. */
import { useCallback, useMemo } from 'react';
import type { PlanarMap, RgbaImage } from '../../base/images.ts';
import type { Steps } from '../../base/steps.ts';
import type { PictureRequest, StageId } from '../../digitizer/types.ts';
import { CANVAS_SIZE, PART_IDS, type PartId } from '../../geometry/body.ts';
import { canvasOf, drawOnCanvas, drawPicture } from '../../scene/draw-picture.ts';
import {
  colourLayer,
  cropGrid,
  depthLayer,
  differenceSteps,
  type Field,
  fieldPictureSteps,
  type Layer,
  normalLayer,
  overlapSteps,
  percentiles,
  type Ramp,
  reliefSteps,
  roundUp,
  type Unit,
} from '../../scene/layers.ts';
import { cropSize } from '../../scene/part-frame.ts';
import {
  COARSE_CODING,
  canvasCoding,
  lightFromDisc,
  relight,
  relightSteps,
  thinned,
} from '../../scene/relight.ts';
import type { Placement } from '../../scene/viewport.ts';
import { stageOfPicture } from '../../store/picture-slice.ts';
import type { MapChoice } from '../../store/view-state.ts';
import { type Picture, useAppState, useFloatMap, usePicture, usePixels } from '../app-context.tsx';
import type { Legend } from '../kit/legend.tsx';
import { useComputed } from '../kit/use-computed.ts';
import { useFigureScale } from '../kit/use-scale.ts';

const CANVAS = { width: CANVAS_SIZE, height: CANVAS_SIZE };
/** While the light is dragged every so many pixels are lit; all of them once it rests. */
const QUICK_STEP = 4;
const RESTED_MS = 200;

export type DrawMap = (g: CanvasRenderingContext2D, place: Placement) => void;

export interface MapLayer {
  readonly kind: Picture<unknown>['kind'];
  readonly stage: StageId;
  readonly draw: DrawMap | null;
  /** What it is compared by; null while it is not there, and where it was not asked for. */
  readonly layer: Layer | null;
  readonly legend: Legend | null;
  /** Words for the value at a canvas pixel; null where it has none. */
  readonly valueAt: ((column: number, row: number) => string | null) | null;
}

/** The pictures that a map needs, by what is done with them. */
function requestsOf(choice: MapChoice, part: PartId, compared: boolean) {
  const { map, side } = choice;
  const own: PictureRequest =
    map === 'photo'
      ? { kind: 'photo' }
      : map === 'coarseNormals'
        ? { kind: 'coarseNormals', side }
        : map === 'partNormals'
          ? { kind: 'partNormals', part, side }
          : map === 'coarseDepth'
            ? { kind: 'coarseDepth', side }
            : map === 'depth' || map === 'thickness'
              ? { kind: 'depth', side }
              : map === 'overlap'
                ? { kind: 'partWeight', part: 'upperBody' }
                : { kind: 'mergedNormals', side };
  const drawn = map === 'photo' || map === 'coarseNormals' || map === 'normals';
  const deep = map === 'depth' || map === 'coarseDepth' || map === 'thickness';
  return {
    own,
    bitmap: drawn || deep ? own : null,
    pixels: map === 'partNormals' || map === 'relit' || (drawn && compared) ? own : null,
    floats: deep ? own : null,
  };
}

interface Shown {
  readonly picture: RgbaImage;
  readonly field: Field;
  readonly low: number;
  readonly high: number;
  readonly middle: number;
  readonly most: number;
}

/** A field with the range that it is drawn in. */
function* shownSteps(
  make: () => Steps<Field>,
  ramp: Ramp,
  range: (of: Field) => readonly [low: number, high: number] | null,
): Steps<Shown | null> {
  const field = yield* make();
  const ends = range(field);
  const usual = percentiles(field, [0.5, 0.95]);
  if (!ends || !usual) return null;
  const [low, high] = ends;
  const picture = yield* fieldPictureSteps(field, low, high, ramp);
  return { picture, field, low, high, middle: usual[0], most: usual[1] };
}

/** Least and most depth of the figure that is shown: without the few pixels that stick out. */
const DEPTH_RANGE = [0.02, 0.98] as const;

const signed = (value: number, digits = 0) =>
  `${value > 0 ? '+' : ''}${value.toFixed(digits).replace('-', '−')}`;

function wordsOf(value: number, unit: Unit, mmPerPx: number | null): string {
  if (unit === 'deg') return `${value.toFixed(1)}°`;
  if (unit === '%') return `${value.toFixed(0)} %`;
  return mmPerPx === null ? `${value.toFixed(0)} px` : `${(value * mmPerPx).toFixed(0)} mm`;
}

const valueIn = ({ values }: Field, column: number, row: number): number | null => {
  const value = values[row * CANVAS_SIZE + column];
  return value === undefined || Number.isNaN(value) ? null : value;
};

const drawRgba =
  (image: RgbaImage): DrawMap =>
  (g, place) =>
    drawPicture(g, canvasOf(image), CANVAS, place);

function useRelit(pixels: RgbaImage | null, side: 'front' | 'back'): RgbaImage | null {
  const light = useAppState((s) => s.light);
  const small = useMemo(() => pixels && thinned(pixels, QUICK_STEP), [pixels]);
  const quick = useMemo(
    () => small && relight(small, canvasCoding(side), lightFromDisc(light.x, light.y)),
    [small, side, light],
  );
  const make = useMemo(
    () => pixels && (() => relightSteps(pixels, canvasCoding(side), lightFromDisc(light.x, light.y))),
    [pixels, side, light],
  );
  return useComputed(make, RESTED_MS) ?? quick;
}

function useOverlap(wanted: boolean) {
  const reports = useAppState((s) => s.partReports);
  // One hook for each part, always in the same order.
  const pictures = PART_IDS.map((part) => {
    // biome-ignore lint/correctness/useHookAtTopLevel: the list of parts never changes
    return usePixels(wanted ? { kind: 'partWeight', part } : null);
  });
  const settled = wanted && pictures.every(({ kind }) => kind === 'ready' || kind === 'absent');
  const images = pictures.map(({ value }) => value);
  const [first] = images;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the pictures are the ones that are settled
  const make = useMemo(() => {
    if (!settled) return null;
    const weights = PART_IDS.flatMap((part, i) => {
      const image = images[i];
      const report = reports.find((other) => other.part === part);
      return image && report ? [{ image, grid: cropGrid(report.corners, cropSize(part)) }] : [];
    });
    return () =>
      shownSteps(
        () => overlapSteps(weights),
        'heat',
        () => [0, 4],
      );
  }, [settled, first, reports]);
  return useComputed(make);
}

/** Depth, or thickness, in the colours of its legend. */
function useDeep(choice: MapChoice, floats: PlanarMap | null): Shown | null {
  const { map, side } = choice;
  const make = useMemo(() => {
    if (!floats) return null;
    const thick = map === 'thickness';
    const steps = () =>
      thick
        ? differenceSteps(depthLayer(floats, 'front'), depthLayer(floats, 'back'))
        : reliefSteps(depthLayer(floats, side) as Layer & { kind: 'depth' });
    return () =>
      shownSteps(steps, thick ? 'heat' : 'grey', (field) => {
        const ends = percentiles(field, DEPTH_RANGE);
        return ends && (thick ? [0, ends[1]] : [ends[0], ends[1]]);
      });
  }, [floats, map, side]);
  return useComputed(make);
}

/** @param compared its numbers are wanted, too. */
export function useMapLayer(choice: MapChoice, compared: boolean): MapLayer {
  const { map, side } = choice;
  const { chosen, reports } = useAppState((s) => ({ chosen: s.part, reports: s.partReports }));
  const part = choice.part ?? chosen;
  const requests = requestsOf(choice, part, compared);
  const bitmap = usePicture(requests.bitmap);
  const pixels = usePixels(requests.pixels);
  const floats = useFloatMap(requests.floats);
  const relit = useRelit(map === 'relit' ? pixels.value : null, side);
  const overlap = useOverlap(map === 'overlap');
  const deep = useDeep(choice, floats.value);
  const scale = useFigureScale();
  const mmPerPx = scale?.mmPerPx ?? null;
  const report = reports.find((other) => other.part === part);
  const stage = stageOfPicture(requests.own);

  const draw = useMemo((): DrawMap | null => {
    const field = map === 'overlap' ? overlap : deep;
    if (field) return drawRgba(field.picture);
    // Thickness needs both sides as numbers; a depth that is still made is drawn as it comes.
    if (map === 'overlap' || map === 'thickness') return null;
    if (map === 'relit') return relit && drawRgba(relit);
    const { value } = pixels;
    if (map === 'partNormals') {
      if (!value || !report) return null;
      return (g, place) => drawOnCanvas(g, canvasOf(value), report, cropSize(report.part), place);
    }
    const { value: drawn } = bitmap;
    return drawn && ((g, place) => drawPicture(g, drawn, CANVAS, place));
  }, [map, overlap, deep, relit, pixels, bitmap, report]);

  const layer = useMemo((): Layer | null => {
    if (!compared) return null;
    if (map === 'depth' || map === 'coarseDepth') return floats.value && depthLayer(floats.value, side);
    if (map === 'relit') return relit && colourLayer(relit);
    if (map === 'overlap' || map === 'thickness') {
      const field = map === 'overlap' ? overlap : deep;
      return field && colourLayer(field.picture);
    }
    if (!pixels.value) return null;
    if (map === 'photo') return colourLayer(pixels.value);
    if (map === 'partNormals') {
      return report
        ? normalLayer(pixels.value, canvasCoding(side), cropGrid(report.corners, cropSize(part)))
        : null;
    }
    return normalLayer(pixels.value, map === 'normals' ? canvasCoding(side) : { ...COARSE_CODING, side });
  }, [compared, map, side, part, floats.value, pixels.value, relit, overlap, deep, report]);

  const { legend, valueAt } = useMemo(
    () => readingOf(map, deep, overlap, mmPerPx),
    [map, deep, overlap, mmPerPx],
  );
  const first = map === 'overlap' ? null : requests.pixels ? pixels : bitmap;
  const kind = draw ? 'ready' : (first?.kind ?? 'loading');
  return { kind, stage, draw, layer, legend, valueAt };
}

/** Legend and values of a map that is drawn from numbers. */
function readingOf(
  map: MapChoice['map'],
  deep: Shown | null,
  overlap: Shown | null,
  mmPerPx: number | null,
): Pick<MapLayer, 'legend' | 'valueAt'> {
  const inUnit = (px: number) => px * (mmPerPx ?? 1);
  const unit = mmPerPx === null ? 'px' : 'mm';
  if (overlap) {
    return {
      legend: {
        title: 'Parts that have a say',
        ramp: 'heat',
        ends: ['none', '2', '4'],
        note: 'Where several do, they are blended by their weights.',
      },
      valueAt: (column, row) => {
        const count = valueIn(overlap.field, column, row);
        return count === null ? null : `here ${count}`;
      },
    };
  }
  if (!deep) return { legend: null, valueAt: null };
  const { low, high, middle, field } = deep;
  if (map === 'thickness') {
    return {
      legend: {
        title: 'Thickness, front to back',
        ramp: 'heat',
        ends: ['0', '', `${inUnit(high).toFixed(0)} ${unit}`],
        note: `half of it under ${inUnit(middle).toFixed(0)} ${unit}`,
      },
      valueAt: (column, row) => {
        const value = valueIn(field, column, row);
        return value === null ? null : `here ${inUnit(value).toFixed(0)} ${unit}`;
      },
    };
  }
  return {
    legend: {
      title: 'Before the middle plane',
      ramp: 'grey',
      ends: [`${signed(inUnit(low))} ${unit}`, 'far · near', `${signed(inUnit(high))} ${unit}`],
    },
    valueAt: (column, row) => {
      const value = valueIn(field, column, row);
      return value === null ? null : `here ${signed(inUnit(value))} ${unit}`;
    },
  };
}

export interface Difference {
  readonly draw: DrawMap;
  readonly legend: Legend;
  readonly valueAt: (column: number, row: number) => string | null;
}

/** What two layers differ by, drawn as heat. @returns null while it is worked out; `nothing` where they share no pixel. */
export function useDifference(
  a: Layer | null,
  b: Layer | null,
  title: string,
): Difference | 'nothing' | null {
  const mmPerPx = useFigureScale()?.mmPerPx ?? null;
  const rangeOf = useCallback(
    (field: Field): readonly [number, number] | null => {
      const most = percentiles(field, [0.95])?.[0];
      if (most === undefined) return null;
      const factor = field.unit === 'px' ? (mmPerPx ?? 1) : 1;
      return [0, roundUp(Math.max(1, most * factor)) / factor];
    },
    [mmPerPx],
  );
  const make = useMemo(
    () =>
      a &&
      b &&
      (() =>
        (function* () {
          return { shown: yield* shownSteps(() => differenceSteps(a, b), 'heat', rangeOf) };
        })()),
    [a, b, rangeOf],
  );
  const made = useComputed(make);
  return useMemo(() => {
    if (!made) return null;
    const { shown } = made;
    if (!shown) return 'nothing';
    const { field, high, middle, most, picture } = shown;
    const words = (value: number) => wordsOf(value, field.unit, mmPerPx);
    const end = (value: number) => words(value).replace(/\.0(?=°)/, '');
    return {
      draw: drawRgba(picture),
      legend: {
        title,
        ramp: 'heat',
        ends: [end(0), end(high / 2), `${end(high)} and more`],
        note: `half of it under ${words(middle)}, 95 % under ${words(most)}`,
      },
      valueAt: (column: number, row: number) => {
        const value = valueIn(field, column, row);
        return value === null ? null : `here ${words(value)}`;
      },
    };
  }, [made, mmPerPx, title]);
}
