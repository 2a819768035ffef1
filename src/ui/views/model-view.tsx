/** The finished figure to turn, cut, measure and compare. three.js comes with this view, not before. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { canvasFromCloud, cloudFromCanvas } from '../../geometry/camera.ts';
import { pointOutOfLens, pointThroughLens } from '../../geometry/framed-cloud.ts';
import type { CanvasCamera } from '../../geometry/framing.ts';
import type { CameraMemory } from '../../scene/figure-controls.tsx';
import type { Picked } from '../../scene/figure-picking.tsx';
import type { ScreenPoint } from '../../scene/screen-points.tsx';
import type { GripPlace } from '../../scene/section.tsx';
import { type MeshPoint, MOTION_NAMES } from '../../store/model-state.ts';
import { fileKey } from '../../store/save-slice.ts';
import { useActions, useAppState, useResource } from '../app-context.tsx';
import { EmptyView } from '../kit/empty-view.tsx';
import { Seam } from '../kit/seam.tsx';
import { useReducedMotion } from '../kit/use-media.ts';
import { useFigureScale } from '../kit/use-scale.ts';
import { useTheme } from '../kit/use-theme.ts';
import { formatLength, SHADING_NAMES } from '../words.ts';
import { lengthOf, ModelTools, ToolOptions, useModelTools } from './model-tools.tsx';
import styles from './model-view.module.css';
import { Ruler, type RulerHandle } from './ruler.tsx';
import { type GripHandle, SectionGrip } from './section-grip.tsx';
import { ShadingLegend } from './shading-legend.tsx';
import { usePartColours } from './use-part-colours.ts';

const ModelScene = lazy(() => import('../../scene/model-scene.tsx').then((m) => ({ default: m.ModelScene })));

const MotionScene = lazy(() =>
  import('../../scene/motion-scene.tsx').then((m) => ({ default: m.MotionScene })),
);

/** Outlives the view: who comes back from another one finds the figure as it was left. */
const CAMERA: { current: CameraMemory | null } = { current: null };

/** Left and right are the person's own. */
const POSES = [
  ['photo', 'Photo', 'As the photo has it (0)'],
  ['front', 'Front', undefined],
  ['side', 'Left', 'From the person’s left'],
  ['back', 'Back', undefined],
  ['right', 'Right', 'From the person’s right'],
  ['top', 'Top', undefined],
] as const;

/** Keys of the tools, while the figure has the focus. */
function useToolKeys(element: HTMLElement | null): void {
  const tools = useModelTools();
  const { moveCamera } = useActions();
  const now = useRef({ tools, moveCamera });
  now.current = { tools, moveCamera };
  useEffect(() => {
    if (!element) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target !== element) return;
      if (event.key === '0') now.current.moveCamera('photo');
      now.current.tools.find(({ key }) => key === event.key.toLowerCase())?.toggle();
    };
    element.addEventListener('keydown', onKey);
    return () => element.removeEventListener('keydown', onKey);
  }, [element]);
}

/** The point that is explained, on the figure: where it was clicked, or where the depth of its pixel puts it. */
function usePinned(lens: CanvasCamera | undefined): MeshPoint | null {
  const explained = useAppState((s) => s.explained);
  return useMemo(() => {
    if (!explained) return null;
    const { at, point, report } = explained;
    if (point || !report?.depth) return point;
    const seen = cloudFromCanvas(at.column, at.row, report.depth.frontPx, CANVAS_SIZE);
    return lens ? pointThroughLens(seen, lens) : seen;
  }, [explained, lens]);
}

export default function ModelView() {
  const { meshId, wholeId, beforeId, shading, turning, camera, lens, busy, motion, done } = useAppState(
    (s) => ({
      // The figure before stays until there is more to see of the new one.
      meshId: s.preview ?? s.simplified[s.meshSize]?.mesh ?? s.mesh,
      wholeId: s.mesh,
      beforeId: s.comparing && !s.preview ? s.before : null,
      shading: s.shading,
      turning: s.turning,
      camera: s.camera,
      lens: s.run.kind === 'done' ? s.run.report.lens : undefined,
      busy: s.run.kind === 'running' || s.run.kind === 'cancelling' || s.simplifying !== null,
      // Of another figure or size than the one on screen it is over.
      motion: s.motion.kind !== 'off' && s.motion.of === fileKey(s, 'rigged') ? s.motion : null,
      done: s.run.kind === 'done',
    }),
  );
  const { matcap, light, ground, section, measuring, seam } = useAppState((s) => ({
    matcap: s.matcap,
    light: s.light,
    ground: s.ground,
    section: s.section,
    measuring: s.measuring,
    seam: s.seam,
  }));
  const { moveCamera, setTurning, setMotion, explain, measurePoint, setSeam } = useActions();
  const moving = useResource(motion?.kind === 'ready' ? motion.file : null);
  const [notes, setNotes] = useState<readonly string[]>([]);
  const before = useResource(beforeId);
  // Two runs are compared whole.
  const mesh = useResource(before ? wholeId : meshId);
  const still = useReducedMotion();
  const theme = useTheme();
  const [keys, setKeys] = useState<HTMLElement | null>(null);
  const mmPerUnit = useFigureScale()?.mmPerUnit ?? 1000;
  const ruler = useRef<RulerHandle>(null);
  const grip = useRef<GripHandle>(null);
  useToolKeys(keys);

  const pinned = usePinned(lens);
  const marks = useMemo(() => [...(measuring ?? []), ...(pinned ? [pinned] : [])], [measuring, pinned]);
  const ends = measuring?.length ?? 0;
  const pin = useRef<HTMLElement>(null);
  const onMarks = useCallback(
    (places: readonly ScreenPoint[]) => {
      ruler.current?.place(places.slice(0, ends));
      const at = places[ends];
      if (!pin.current) return;
      pin.current.style.visibility = at ? 'visible' : 'hidden';
      if (at) pin.current.style.transform = `translate(${at[0]}px, ${at[1]}px)`;
    },
    [ends],
  );
  const onGrip = useCallback((place: GripPlace) => grip.current?.place(place), []);
  const onPick = useCallback(
    ({ point, vertex }: Picked) => {
      if (measuring) {
        measurePoint(point);
        return;
      }
      const [column, row] = canvasFromCloud(pointOutOfLens(point, lens), CANVAS_SIZE).map(Math.round);
      const read =
        vertex === null || !mesh ? null : { seen: mesh.seen[vertex], confidence: mesh.confidence[vertex] };
      void explain({ row, column }, read, point);
    },
    [measuring, measurePoint, explain, lens, mesh],
  );
  const colours = usePartColours(shading === 'parts' && mesh ? mesh : null, lens);
  const photo = useMemo(() => ({ lens }), [lens]);
  const gridInk = (ground.backdrop === 'studio' ? theme === 'light' : ground.backdrop !== 'black')
    ? 'dark'
    : 'light';
  const grid = useMemo(
    () => (ground.grid ? ({ ink: gridInk, mmPerUnit } as const) : null),
    [ground.grid, gridInk, mmPerUnit],
  );
  const halves = useMemo(() => (before ? { mesh: before, seam } : null), [before, seam]);

  if (!mesh) return <EmptyView stage="surface" what="The figure" />;
  const atRest = !(moving && motion);
  return (
    <div className={styles.view} data-backdrop={ground.backdrop}>
      <div
        ref={setKeys}
        className={styles.canvas}
        data-testid="model-canvas"
        data-shading={shading}
        data-measuring={measuring !== null}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys turn the figure
        tabIndex={0}
        role="img"
        aria-label={`The 3D figure, shown as ${SHADING_NAMES[shading].toLowerCase()}. Arrow keys turn it, plus and minus zoom, Enter ${measuring ? 'measures' : 'explains'} the point in the middle.`}
      >
        <Suspense fallback={null}>
          {moving && motion ? (
            <MotionScene
              file={moving}
              motion={motion.name}
              command={camera}
              turning={turning}
              still={still}
              keys={keys}
              onNotes={setNotes}
            />
          ) : (
            <ModelScene
              mesh={mesh}
              shading={shading}
              command={camera}
              turning={turning}
              still={still}
              keys={keys}
              matcap={matcap}
              partColours={colours}
              light={light}
              exposure={ground.exposure}
              grid={grid}
              section={section}
              onGrip={onGrip}
              marks={marks}
              onMarks={onMarks}
              photo={photo}
              memory={CAMERA}
              before={halves}
              measuring={measuring !== null}
              onPick={onPick}
            />
          )}
        </Suspense>
      </div>
      {atRest && pinned && <i ref={pin} className={styles.pin} data-testid="pin" />}
      {atRest && measuring && (
        <Ruler
          handle={ruler}
          words={measuring.length === 2 ? formatLength(lengthOf(measuring) * mmPerUnit) : null}
        />
      )}
      {atRest && section && <SectionGrip section={section} handle={grip} />}
      {atRest && before && (
        <>
          <span className={styles.before}>Before</span>
          <span className={styles.now}>Now</span>
          <Seam at={seam} label="Seam between the figure before and now" onMove={setSeam} />
        </>
      )}
      {atRest && <ShadingLegend shading={shading} />}
      {atRest && (
        <>
          <ToolOptions mmPerUnit={mmPerUnit} />
          <ModelTools />
        </>
      )}
      {motion && (
        <p className={styles.notes} role="status" data-testid="motion-notes">
          {motion.kind === 'making' ? 'Finding the skeleton…' : notes.join(' ')}
        </p>
      )}
      <div className={styles.docks} data-raised={busy}>
        <div className={styles.dock} role="toolbar" aria-label="Camera">
          {POSES.map(([pose, name, title]) => (
            <button
              key={pose}
              type="button"
              title={title}
              onClick={() => moveCamera(pose)}
              data-testid={`camera-${pose}`}
            >
              {name}
            </button>
          ))}
          <button
            type="button"
            aria-pressed={turning}
            onClick={() => setTurning(!turning)}
            data-testid="camera-turntable"
          >
            Turntable
          </button>
        </div>
        {done && (
          <div className={styles.dock} role="toolbar" aria-label="Motion">
            {MOTION_NAMES.map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={motion?.name === name}
                data-testid={`motion-${name}`}
                onClick={() => void setMotion(motion?.name === name ? null : name)}
              >
                {name[0].toUpperCase() + name.slice(1)}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
