/** The full-size maps: one, or two with a seam to wipe between them; down to the pixel. */
import { useCallback, useMemo, useState } from 'react';
import type { PictureRequest } from '../../digitizer/types.ts';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { drawCrosshair, drawPicture, drawRightOf } from '../../scene/draw-picture.ts';
import { frameAround, fullFrame, type Viewport } from '../../scene/viewport.ts';
import { stageOfPicture } from '../../store/picture-slice.ts';
import type { MapChoice } from '../../store/state.ts';
import { useActions, useAppState, usePicture } from '../app-context.tsx';
import { EmptyView } from '../kit/empty-view.tsx';
import { type Paint, PicturePane } from '../kit/picture-pane.tsx';
import { Seam } from '../kit/seam.tsx';
import { mapName } from '../words.ts';
import styles from './maps-view.module.css';
import { useAssembling } from './use-assembling.ts';

const CANVAS = { width: CANVAS_SIZE, height: CANVAS_SIZE };

function requestOf({ map, side }: MapChoice): PictureRequest {
  switch (map) {
    case 'photo':
      return { kind: 'photo' };
    case 'normals':
      return { kind: 'mergedNormals', side };
    case 'depth':
      return { kind: 'depth', side };
    case 'coarseNormals':
      return { kind: 'coarseNormals', side };
    case 'coarseDepth':
      return { kind: 'coarseDepth', side };
  }
}

export default function MapsView() {
  const { maps, probe, reports, explained } = useAppState((s) => ({
    explained: s.explained?.at ?? null,
    maps: s.maps,
    probe: s.probe,
    reports: s.partReports,
  }));
  const { probeAt, explain, setMaps } = useActions();
  const [viewport, setViewport] = useState<Viewport | null>(null);
  const { left, right, wipe } = maps;
  const leftRequest = requestOf(left);
  const leftPicture = usePicture(leftRequest);
  const rightPicture = usePicture(right ? requestOf(right) : null);
  const assembling = useAssembling(left.map === 'coarseNormals' && left.side === 'front');
  const frame = useMemo(
    () =>
      reports.length
        ? frameAround(
            reports.flatMap((r) => r.corners),
            CANVAS,
            0.03,
          )
        : fullFrame(CANVAS),
    [reports],
  );

  const paint = useCallback<Paint>(
    (g, place, pane) => {
      if (leftPicture.value) drawPicture(g, leftPicture.value, CANVAS, place);
      assembling?.(g, place);
      if (right && rightPicture.value) {
        drawRightOf(g, rightPicture.value, CANVAS, place, wipe * pane.width, pane);
      }
      for (const at of [probe?.at, explained]) {
        if (!at) continue;
        drawCrosshair(
          g,
          (at.column + 0.5) * place.scale + place.offsetX,
          (at.row + 0.5) * place.scale + place.offsetY,
        );
      }
    },
    [leftPicture.value, rightPicture.value, right, wipe, probe, explained, assembling],
  );

  if (leftPicture.kind === 'waiting' || leftPicture.kind === 'absent') {
    return <EmptyView stage={stageOfPicture(leftRequest)} what={mapName(left)} />;
  }
  return (
    <PicturePane
      size={CANVAS}
      frame={frame}
      viewport={viewport}
      onViewport={setViewport}
      paint={paint}
      label={right ? `${mapName(left)} left, ${mapName(right)} right of the seam` : mapName(left)}
      testId="map-canvas"
      onPick={(point) => void explain({ row: Math.floor(point.y), column: Math.floor(point.x) })}
      onPoint={(point) => {
        const row = point ? Math.floor(point.y) : -1;
        const column = point ? Math.floor(point.x) : -1;
        const inside = row >= 0 && column >= 0 && row < CANVAS_SIZE && column < CANVAS_SIZE;
        void probeAt(inside ? { row, column } : null);
      }}
    >
      <span className={styles.left}>{mapName(left)}</span>
      {right && <span className={styles.right}>{mapName(right)}</span>}
      {right && <Seam at={wipe} label="Seam between the two maps" onMove={(at) => setMaps({ wipe: at })} />}
    </PicturePane>
  );
}
