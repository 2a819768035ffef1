/** The full-size maps: one, or two with a seam between them, blended, or as what they differ by; down to the pixel. */
import { useCallback, useMemo } from 'react';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { drawCrosshair, rightOf } from '../../scene/draw-picture.ts';
import { FOOT_ROOM, frameAround, fullFrame } from '../../scene/viewport.ts';
import type { MapChoice } from '../../store/view-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { EmptyView } from '../kit/empty-view.tsx';
import { HeatLegend, type Legend } from '../kit/legend.tsx';
import { type Paint, PicturePane } from '../kit/picture-pane.tsx';
import { Seam } from '../kit/seam.tsx';
import { useLook } from '../kit/use-look.ts';
import { useNarrow } from '../kit/use-media.ts';
import { mapName } from '../words.ts';
import { type MapLayer, useDifference, useMapLayer } from './map-layers.ts';
import styles from './maps-view.module.css';
import { useAssembling } from './use-assembling.ts';

/** In the place of a second map that is not wanted. */
const NO_MAP: MapChoice = { map: 'photo', side: 'front' };

const CANVAS = { width: CANVAS_SIZE, height: CANVAS_SIZE };

export default function MapsView() {
  const { maps, pointer, reports, explained, part } = useAppState((s) => ({
    explained: s.explained?.at ?? null,
    maps: s.maps,
    part: s.part,
    pointer: s.pointer,
    reports: s.partReports,
  }));
  const { probeAt, explain, setMaps, setPointer } = useActions();
  const { left, right, wipe, mode, blend } = maps;
  const differs = right !== null && mode === 'difference';
  const one = useMapLayer(left, differs);
  const other = useMapLayer(right ?? NO_MAP, differs);
  const [name, otherName] = [mapName(left, part), right ? mapName(right, part) : ''];
  const difference = useDifference(
    differs ? one.layer : null,
    differs ? other.layer : null,
    'What they differ by',
  );
  const assembling = useAssembling(left.map === 'coarseNormals' && left.side === 'front');
  const narrow = useNarrow();
  const frame = useMemo(
    () =>
      reports.length
        ? frameAround(
            reports.flatMap((r) => r.corners),
            CANVAS,
            0.03,
            narrow ? FOOT_ROOM : 0,
          )
        : fullFrame(CANVAS),
    [reports, narrow],
  );
  const [viewport, setViewport] = useLook(frame, CANVAS);
  const shown = difference && difference !== 'nothing' ? difference : null;

  const paint = useCallback<Paint>(
    (g, place, pane) => {
      if (differs) {
        // What is compared lies dark below, so that it is seen where on the body one is.
        g.globalAlpha = 0.16;
        one.draw?.(g, place);
        g.globalAlpha = 1;
        shown?.draw(g, place);
      } else {
        one.draw?.(g, place);
        assembling?.(g, place);
        if (right && other.draw) {
          g.save();
          if (mode === 'wipe') rightOf(g, wipe * pane.width, pane);
          else g.globalAlpha = blend;
          other.draw(g, place);
          g.restore();
        }
      }
      const pinned = explained && { x: explained.column + 0.5, y: explained.row + 0.5 };
      for (const at of [pointer, pinned]) {
        if (at) drawCrosshair(g, at.x * place.scale + place.offsetX, at.y * place.scale + place.offsetY);
      }
    },
    [differs, one.draw, other.draw, shown, right, mode, wipe, blend, pointer, explained, assembling],
  );

  if (one.kind === 'waiting' || one.kind === 'absent') return <EmptyView stage={one.stage} what={name} />;
  const label = !right
    ? name
    : mode === 'wipe'
      ? `${name} left, ${otherName} right of the seam`
      : mode === 'blend'
        ? `${name} and ${otherName}, blended`
        : `What ${name} and ${otherName} differ by`;
  const at = pointer ?? (explained && { x: explained.column, y: explained.row });
  const reading = readingOf(shown, one, right && mode === 'wipe' ? other : null);
  return (
    <PicturePane
      size={CANVAS}
      frame={frame}
      viewport={viewport}
      onViewport={setViewport}
      paint={paint}
      label={label}
      testId="map-canvas"
      onPick={(point) => void explain({ row: Math.floor(point.y), column: Math.floor(point.x) })}
      onPoint={(point) => {
        const row = point ? Math.floor(point.y) : -1;
        const column = point ? Math.floor(point.x) : -1;
        const inside = row >= 0 && column >= 0 && row < CANVAS_SIZE && column < CANVAS_SIZE;
        setPointer(inside ? point : null);
        void probeAt(inside ? { row, column } : null);
      }}
    >
      <span className={styles.left}>{name}</span>
      {right && <span className={styles.right}>{otherName}</span>}
      {right && mode === 'wipe' && (
        <Seam at={wipe} label="Seam between the two maps" onMove={(to) => setMaps({ wipe: to })} />
      )}
      {differs && !shown && (
        <p className={styles.note} role="status">
          {difference === 'nothing' ? 'These two share no pixel.' : 'Comparing…'}
        </p>
      )}
      {reading.legend && (
        <HeatLegend
          legend={reading.legend}
          here={at && reading.valueAt?.(Math.floor(at.x), Math.floor(at.y))}
        />
      )}
    </PicturePane>
  );
}

/** The legend of what is on screen: of the difference, else of the first map that has one. */
function readingOf(
  difference: { readonly legend: Legend; readonly valueAt: MapLayer['valueAt'] } | null,
  one: MapLayer,
  other: MapLayer | null,
): Pick<MapLayer, 'legend' | 'valueAt'> {
  if (difference) return difference;
  return one.legend || !other ? one : other;
}
