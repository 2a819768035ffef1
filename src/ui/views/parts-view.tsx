/** The twelve parts: boxes on the photo, and what one part looks like to its network, pane by linked pane. */
import { type ReactNode, useCallback, useMemo, useRef } from 'react';
import type { RgbaImage } from '../../base/images.ts';
import type { PartReport } from '../../digitizer/types.ts';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { type FigureEdits, NO_CHANGE, NO_EDITS } from '../../geometry/figure-edits.ts';
import { CONFIDENCE_RAMP } from '../../scene/colour.ts';
import { canvasOf, drawCrosshair, drawPicture } from '../../scene/draw-picture.ts';
import { boxHandleAt, draggedBox, drawBoxHandles, previewOf, withBox } from '../../scene/edit-preview.ts';
import { heatPicture } from '../../scene/layers.ts';
import { drawParts } from '../../scene/overlays.ts';
import { canvasFromCrop, cropFromCanvas, cropSize, partAt } from '../../scene/part-frame.ts';
import { canvasCoding, lightFromDisc, relight } from '../../scene/relight.ts';
import {
  columnsFor,
  type Frame,
  frameAround,
  fullFrame,
  type Placement,
  type Size,
  type Viewport,
} from '../../scene/viewport.ts';
import type { ShownState } from '../../store/figure.ts';
import {
  type Picture,
  useActions,
  useAppState,
  usePicture,
  usePixels,
  useResource,
} from '../app-context.tsx';
import { EmptyView } from '../kit/empty-view.tsx';
import { type Grab, type Paint, PicturePane } from '../kit/picture-pane.tsx';
import { useLook } from '../kit/use-look.ts';
import { useSize } from '../kit/use-size.ts';
import { PART_NAMES } from '../words.ts';
import styles from './parts-view.module.css';

const PANE_COUNT = 6;
const WEIGHT_ENDS = ['0', '1'] as const;
/** A drag begins here, pane px. */
const DRAG_REACH = 5;
const CANVAS = { width: CANVAS_SIZE, height: CANVAS_SIZE };

export default function PartsView() {
  const { part, side, reports } = useAppState((s) => ({
    part: s.part,
    side: s.side,
    reports: s.partReports,
  }));
  if (reports.length === 0) return <EmptyView stage="parts" what="The twelve parts" />;
  return (
    <div className={styles.view}>
      <PhotoWithParts part={part} reports={reports} />
      <PartPanes key={part} part={part} side={side} report={reports.find((other) => other.part === part)} />
    </div>
  );
}

/** Where the rings are drawn: under the pointer, and at the point that is explained; canvas px. */
function useRings(): readonly { readonly x: number; readonly y: number }[] {
  const { pointer, explained } = useAppState((s) => ({
    pointer: s.pointer,
    explained: s.explained?.at ?? null,
  }));
  return useMemo(() => {
    const pinned = explained && { x: explained.column + 0.5, y: explained.row + 0.5 };
    return [pointer, pinned].filter((at) => at !== null);
  }, [pointer, explained]);
}

function PhotoWithParts({
  part,
  reports: fitted,
}: Pick<ShownState, 'part'> & { reports: ShownState['partReports'] }) {
  const { selectPart, setPointer, explain } = useActions();
  const rings = useRings();
  const photo = usePicture({ kind: 'photo' });
  const frame = useMemo(
    () =>
      frameAround(
        fitted.flatMap((r) => r.corners),
        CANVAS,
        0.02,
      ),
    [fitted],
  );
  const [viewport, setViewport] = useLook(frame, CANVAS);
  const { found, mode, draft, edits } = useAppState((s) => ({
    found: s.keypoints,
    mode: s.options.mode,
    draft:
      s.draft ??
      (s.run.kind === 'running' && s.stages.parts.state.kind !== 'done' ? (s.input?.edits ?? null) : null),
    edits: s.input?.edits ?? NO_EDITS,
  }));
  const { setDraft, edit } = useActions();
  const keypoints = useResource(found);
  const reports = useMemo(
    () => (keypoints ? previewOf(keypoints, fitted, mode, draft).reports : fitted),
    [keypoints, fitted, mode, draft],
  );
  const report = reports.find((r) => r.part === part);

  function grab(point: { x: number; y: number }, place: Placement): Grab | null {
    const handle = report && boxHandleAt(report, place, point);
    // Inside the box a smaller one may lie: a press there chooses, a drag moves what is chosen.
    if (!handle) return null;
    const before = edits.boxes[part] ?? NO_CHANGE;
    let last: FigureEdits | null = null;
    let away = 0;
    return {
      move(to) {
        away = Math.max(away, Math.hypot(to.x - point.x, to.y - point.y) * place.scale);
        if (away < DRAG_REACH) return;
        last = withBox(edits, part, draggedBox(handle, before, report, point, to));
        setDraft(last);
      },
      end() {
        if (last) void edit(`${PART_NAMES[part]}: box changed`, () => last ?? edits);
        else if (handle === 'move') {
          const hit = partAt(reports, point.x, point.y);
          if (hit) selectPart(hit);
        }
      },
      cancel: () => setDraft(null),
    };
  }

  const paint = useCallback<Paint>(
    (g, place, pane) => {
      if (photo.value) drawPicture(g, photo.value, CANVAS, place);
      drawParts(g, reports, place, pane, { part, label: PART_NAMES[part] });
      if (report) drawBoxHandles(g, report, place);
      for (const { x, y } of rings) {
        drawCrosshair(g, x * place.scale + place.offsetX, y * place.scale + place.offsetY);
      }
    },
    [photo.value, reports, part, report, rings],
  );
  return (
    <div className={styles.photo}>
      <PicturePane
        size={CANVAS}
        frame={frame}
        viewport={viewport}
        onViewport={setViewport}
        paint={paint}
        label={`The photo with the boxes of the twelve parts, ${PART_NAMES[part]} chosen`}
        caption={
          <>
            <b>Photo</b> · choose a box, drag it
          </>
        }
        onGrab={grab}
        testId="parts-photo"
        onPick={(point) => {
          const hit = partAt(reports, point.x, point.y);
          if (hit === part) void explain({ row: Math.floor(point.y), column: Math.floor(point.x) });
          else if (hit) selectPart(hit);
        }}
        onPoint={setPointer}
      />
    </div>
  );
}

function PartPanes({
  part,
  side,
  report,
}: Pick<ShownState, 'part' | 'side'> & { report: PartReport | undefined }) {
  const light = useAppState((s) => s.light);
  const { setPointer, explain } = useActions();
  const grid = useRef<HTMLDivElement>(null);
  const room = useSize(grid);
  const size: Size = cropSize(part);
  const columns = columnsFor(size, room, PANE_COUNT);
  const frame: Frame = useMemo(() => fullFrame(size), [size]);
  const [viewport, setViewport] = useLook(frame, size, report);
  const onCanvas = useRings();
  const rings = useMemo(
    () =>
      onCanvas.flatMap(({ x, y }) => {
        if (!report) return [];
        const [cx, cy] = cropFromCanvas(report, x, y);
        return [{ x: cx, y: cy }];
      }),
    [onCanvas, report],
  );
  const crop = usePixels({ kind: 'partCrop', part });
  const coarse = usePixels({ kind: 'partCoarse', part });
  const front = usePixels({ kind: 'partNormals', part, side: 'front' });
  const back = usePixels({ kind: 'partNormals', part, side: 'back' });
  const weight = usePixels({ kind: 'partWeight', part });
  const chosen = side === 'front' ? front.value : back.value;
  const relit = useMemo<Picture<RgbaImage>>(() => {
    if (!chosen) return { kind: 'waiting', value: null };
    return {
      kind: 'ready',
      value: relight(chosen, canvasCoding(side), lightFromDisc(light.x, light.y)),
    };
  }, [chosen, side, light]);

  const shares = useMemo(() => weight.value && heatPicture(weight.value), [weight.value]);
  const heat: Picture<RgbaImage> = shares ? { kind: 'ready', value: shares } : weight;

  const panes: readonly (readonly [name: string, words: string, Picture<RgbaImage>])[] = [
    ['Crop', `${size.height} × ${size.width}`, crop],
    ['Coarse normal', 'the guide', coarse],
    ['Relit', `from the ${side} normal`, relit],
    ['Front normal', 'predicted', front],
    ['Back normal', 'predicted', back],
    ['Weight', 'share in the merge', heat],
  ];
  return (
    <div ref={grid} className={styles.grid} data-columns={columns}>
      {panes.map(([name, words, picture]) => (
        <LinkedPane
          key={name}
          picture={picture}
          size={size}
          frame={frame}
          viewport={viewport}
          onViewport={setViewport}
          rings={rings}
          onPoint={(point) => {
            if (!point || !report) return setPointer(null);
            const [x, y] = canvasFromCrop(report, point.x, point.y);
            setPointer({ x, y });
          }}
          onPick={(point) => {
            if (!report) return;
            const [x, y] = canvasFromCrop(report, point.x, point.y);
            void explain({ row: Math.floor(y), column: Math.floor(x) });
          }}
          legend={name === 'Weight' && heat.value ? WEIGHT_ENDS : null}
          testId={`pane-${name.toLowerCase().replace(' ', '-')}`}
          label={`${PART_NAMES[part]}, ${name}`}
          caption={
            <>
              <b>{name}</b>
              <span className={styles.words}> · {words}</span>
            </>
          }
        />
      ))}
    </div>
  );
}

interface PaneProps {
  readonly picture: Picture<RgbaImage>;
  readonly size: Size;
  readonly frame: Frame;
  readonly viewport: Viewport | null;
  onViewport(viewport: Viewport | null): void;
  /** Crop px. */
  readonly rings: readonly { readonly x: number; readonly y: number }[];
  readonly legend: readonly [low: string, high: string] | null;
  readonly testId: string;
  onPick(point: { x: number; y: number }): void;
  onPoint(point: { x: number; y: number } | null): void;
  readonly label: string;
  readonly caption: ReactNode;
}

function LinkedPane({ picture, rings, legend, onPoint, onPick, ...pane }: PaneProps) {
  const { size } = pane;
  const paint = useCallback<Paint>(
    (g, place) => {
      if (picture.value) drawPicture(g, canvasOf(picture.value), size, place);
      for (const { x, y } of picture.value ? rings : []) {
        drawCrosshair(g, x * place.scale + place.offsetX, y * place.scale + place.offsetY);
      }
    },
    [picture.value, size, rings],
  );
  return (
    <PicturePane
      {...pane}
      paint={paint}
      onPick={onPick}
      onPoint={(point) =>
        onPoint(
          point && point.x >= 0 && point.y >= 0 && point.x < size.width && point.y < size.height
            ? point
            : null,
        )
      }
    >
      {legend && (
        <span className={styles.scale} aria-hidden="true">
          {legend[0]}
          <i style={{ backgroundImage: `linear-gradient(90deg, ${CONFIDENCE_RAMP.join()})` }} />
          {legend[1]}
        </span>
      )}
      {!picture.value && (
        <span className={styles.waiting} data-kind={picture.kind}>
          {picture.kind === 'absent' ? 'not there' : ''}
        </span>
      )}
    </PicturePane>
  );
}
