/**
 * While the part networks run: each part's normals fade into the coarse ones where their box lies, as they come. Drawn on the
 * page from the parts' own small pictures; the exact blend is the next stage's.
 */
import { useEffect, useRef, useState } from 'react';
import { PART_IDS, type PartId } from '../../geometry/body.ts';
import { canvasOf, drawOnCanvas } from '../../scene/draw-picture.ts';
import { cropSize } from '../../scene/part-frame.ts';
import type { Placement } from '../../scene/viewport.ts';
import { useAppState, usePixels } from '../app-context.tsx';
import { useReducedMotion } from '../kit/use-media.ts';

const FADE_MS = 600;
/** Between two steps of a fade: each draws a full canvas, and the networks may need the processor. */
const STEP_MS = { webgpu: 60, wasm: 200 } as const;

export type Assembling = ((g: CanvasRenderingContext2D, place: Placement) => void) | null;

/** @param active the coarse normals are what is looked at. @returns draws the parts that are there; null when none are. */
export function useAssembling(active: boolean): Assembling {
  const { running, came, reports, stepMs } = useAppState((s) => ({
    stepMs: STEP_MS[s.session.kind === 'ready' ? s.session.machine.backend : 'wasm'],
    running: s.stages.partNormals.state.kind === 'running' || s.stages.mergedNormals.state.kind === 'running',
    came: s.stages.partNormals.came,
    reports: s.partReports,
  }));
  const still = useReducedMotion();
  const shows = active && running;
  const isHere = (part: PartId) => shows && came.includes(part);
  // One hook for each part, always in the same order.
  const pictures = PART_IDS.map((part) => {
    // biome-ignore lint/correctness/useHookAtTopLevel: the list of parts never changes
    return usePixels(isHere(part) ? { kind: 'partNormals', part, side: 'front' } : null).value;
  });
  const since = useRef(new Map<PartId, number>());
  const [, repaint] = useState(0);
  const now = performance.now();
  for (const [i, part] of PART_IDS.entries()) {
    if (!pictures[i]) since.current.delete(part);
    else if (!since.current.has(part)) since.current.set(part, now);
  }
  const strength = (part: PartId) => {
    const from = since.current.get(part);
    if (from === undefined) return 0;
    return still ? 1 : Math.min(1, (performance.now() - from) / FADE_MS);
  };
  const fading = PART_IDS.some((part, i) => pictures[i] && strength(part) < 1);
  useEffect(() => {
    if (!fading) return;
    const timer = setTimeout(() => repaint((n) => n + 1), stepMs);
    return () => clearTimeout(timer);
  });
  if (!shows || pictures.every((picture) => !picture)) return null;
  return (g, place) => {
    for (const [i, part] of PART_IDS.entries()) {
      const picture = pictures[i];
      const report = reports.find((other) => other.part === part);
      if (!picture || !report) continue;
      g.globalAlpha = strength(part);
      drawOnCanvas(g, canvasOf(picture), report, cropSize(part), place);
      g.globalAlpha = 1;
    }
  };
}
