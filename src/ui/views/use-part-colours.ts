/** The figure coloured by its parts, the chosen one lit: from the parts' weights where the maps are there, else from their boxes. */
import { useMemo } from 'react';
import type { RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import { PART_IDS, type PartId } from '../../geometry/body.ts';
import type { CanvasCamera } from '../../geometry/framing.ts';
import { partColours, vertexPartsSteps } from '../../scene/vertex-parts.ts';
import { useAppState, usePixels } from '../app-context.tsx';
import { useComputed } from '../kit/use-computed.ts';

/** @param mesh null: nobody wants to see it. @returns null until it is worked out. */
export function usePartColours(
  mesh: SurfaceMesh | null,
  lens: CanvasCamera | undefined,
): Uint16Array<ArrayBuffer> | null {
  const { part, reports } = useAppState((s) => ({ part: s.part, reports: s.partReports }));
  // One hook for each part, always in the same order.
  const pictures = PART_IDS.map((id) => {
    // biome-ignore lint/correctness/useHookAtTopLevel: the list of parts never changes
    return usePixels(mesh && reports.length > 0 ? { kind: 'partWeight', part: id } : null);
  });
  const settled = pictures.every(({ kind }) => kind === 'ready' || kind === 'absent');
  const images = pictures.map(({ value }) => value);
  const [first] = images;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the pictures are the ones that are settled
  const make = useMemo(() => {
    if (!mesh || !settled || reports.length === 0) return null;
    const weights: Partial<Record<PartId, RgbaImage>> = {};
    for (const [i, id] of PART_IDS.entries()) if (images[i]) weights[id] = images[i];
    return () => vertexPartsSteps(mesh, reports, weights, lens);
  }, [mesh, settled, first, reports, lens]);
  const parts = useComputed(make);
  return useMemo(() => parts && partColours(parts, part), [parts, part]);
}
