/** One look for all pictures of the canvas: what is zoomed or moved in one pane is in every other, in this view and the next. */
import { useCallback, useMemo } from 'react';
import type { PartReport } from '../../digitizer/types.ts';
import { onCanvasOf } from '../../scene/part-frame.ts';
import {
  type Frame,
  lookOfViewport,
  type Size,
  type Viewport,
  viewportOfLook,
} from '../../scene/viewport.ts';
import { useActions, useAppState } from '../app-context.tsx';

/** @param report of the part whose crop the picture is; left out: it is the canvas. */
export function useLook(
  frame: Frame,
  picture: Size,
  report?: PartReport,
): readonly [viewport: Viewport | null, setViewport: (viewport: Viewport | null) => void] {
  const look = useAppState((s) => s.look);
  const { setLook } = useActions();
  const place = useMemo(() => onCanvasOf(report), [report]);
  const setViewport = useCallback(
    (viewport: Viewport | null) => setLook(lookOfViewport(viewport, frame, place)),
    [setLook, frame, place],
  );
  return [viewportOfLook(look, frame, picture, place), setViewport];
}
