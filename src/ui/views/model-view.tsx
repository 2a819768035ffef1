/** The finished figure to turn. three.js comes with this view, not before. */
import { lazy, Suspense, useState } from 'react';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { canvasFromCloud } from '../../geometry/camera.ts';
import { pointOutOfLens } from '../../geometry/framed-cloud.ts';
import { fileKey } from '../../store/save-slice.ts';
import { MOTION_NAMES } from '../../store/state.ts';
import { useActions, useAppState, useResource } from '../app-context.tsx';
import { EmptyView } from '../kit/empty-view.tsx';
import { useReducedMotion } from '../kit/use-media.ts';
import { SHADING_NAMES } from '../words.ts';
import styles from './model-view.module.css';
import { ShadingLegend } from './shading-legend.tsx';

const ModelScene = lazy(() => import('../../scene/model-scene.tsx').then((m) => ({ default: m.ModelScene })));

const MotionScene = lazy(() =>
  import('../../scene/motion-scene.tsx').then((m) => ({ default: m.MotionScene })),
);

/** Left and right are the person's own. */
const POSES = [
  ['front', 'Front'],
  ['side', 'Left'],
  ['back', 'Back'],
  ['right', 'Right'],
  ['top', 'Top'],
] as const;

export default function ModelView() {
  const { meshId, shading, turning, camera, lens, busy, motion, done } = useAppState((s) => ({
    // The figure before stays until there is more to see of the new one.
    meshId: s.preview ?? s.simplified[s.meshSize]?.mesh ?? s.mesh,
    shading: s.shading,
    turning: s.turning,
    camera: s.camera,
    lens: s.run.kind === 'done' ? s.run.report.lens : undefined,
    busy: s.run.kind === 'running' || s.run.kind === 'cancelling' || s.simplifying !== null,
    // Of another figure or size than the one on screen it is over.
    motion: s.motion.kind !== 'off' && s.motion.of === fileKey(s, 'rigged') ? s.motion : null,
    done: s.run.kind === 'done',
  }));
  const { moveCamera, setTurning, setMotion, explain } = useActions();
  const moving = useResource(motion?.kind === 'ready' ? motion.file : null);
  const [notes, setNotes] = useState<readonly string[]>([]);
  const mesh = useResource(meshId);
  const still = useReducedMotion();
  const [keys, setKeys] = useState<HTMLElement | null>(null);
  if (!mesh) return <EmptyView stage="surface" what="The figure" />;
  return (
    <div className={styles.view}>
      <div
        ref={setKeys}
        className={styles.canvas}
        data-testid="model-canvas"
        data-shading={shading}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys turn the figure
        tabIndex={0}
        role="img"
        aria-label={`The 3D figure, shown as ${SHADING_NAMES[shading].toLowerCase()}. Arrow keys turn it, plus and minus zoom.`}
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
              onPick={(point, vertex) => {
                const [column, row] = canvasFromCloud(pointOutOfLens(point, lens), CANVAS_SIZE).map(
                  Math.round,
                );
                const { seen, confidence } = mesh;
                void explain(
                  { row, column },
                  vertex === null ? null : { seen: seen[vertex], confidence: confidence[vertex] },
                );
              }}
            />
          )}
        </Suspense>
      </div>
      <ShadingLegend shading={shading} />
      {motion && (
        <p className={styles.notes} role="status" data-testid="motion-notes">
          {motion.kind === 'making' ? 'Finding the skeleton…' : notes.join(' ')}
        </p>
      )}
      {done && (
        <div className={styles.motions} role="toolbar" aria-label="Motion">
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
      <div className={styles.dock} data-raised={busy} role="toolbar" aria-label="Camera">
        {POSES.map(([pose, name]) => (
          <button key={pose} type="button" onClick={() => moveCamera(pose)} data-testid={`camera-${pose}`}>
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
        <button type="button" onClick={() => moveCamera('home')} data-testid="camera-home">
          Reset
        </button>
      </div>
    </div>
  );
}
