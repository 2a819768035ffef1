/** How large the person is: millimetres of a unit of the mesh and of a pixel of the canvas, by the height that was given. */
import { useMemo } from 'react';
import { extentOf } from '../../digitizer/figure-scale.ts';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { CLOUD_DIVISOR, focalPx } from '../../geometry/camera.ts';
import { DEFAULT_HEIGHT_CM } from '../../store/model-slice.ts';
import { useAppState, useResource } from '../app-context.tsx';

export interface FigureScale {
  readonly mmPerUnit: number;
  /** Across, and along the ray, where the figure stands. */
  readonly mmPerPx: number;
}

/** @returns null before there is a figure. */
export function useFigureScale(): FigureScale | null {
  const { meshId, heightCm, whole } = useAppState((s) => ({
    meshId: s.mesh,
    heightCm: s.input?.heightCm ?? DEFAULT_HEIGHT_CM,
    whole: s.run.kind === 'done' ? (s.run.report.wholeHeight ?? null) : null,
  }));
  const mesh = useResource(meshId);
  const tall = useMemo(() => {
    if (!mesh || mesh.positions.length === 0) return 0;
    const [low, high] = extentOf(mesh.positions);
    return high - low;
  }, [mesh]);
  return useMemo(() => {
    const height = whole ?? tall;
    if (!(height > 0)) return null;
    const mmPerUnit = (heightCm * 10) / height;
    return { mmPerUnit, mmPerPx: mmPerUnit / (focalPx(CANVAS_SIZE) * CLOUD_DIVISOR) };
  }, [whole, tall, heightCm]);
}
