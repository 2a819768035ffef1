/** The finished figure to turn. three.js comes with this view, not before. */
import { lazy, Suspense, useState } from 'react';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { canvasFromCloud } from '../../geometry/camera.ts';
import { useActions, useAppState, useResource } from '../app-context.tsx';
import { EmptyView } from '../kit/empty-view.tsx';
import { useReducedMotion } from '../kit/use-media.ts';
import { SHADING_NAMES } from '../words.ts';
import styles from './model-view.module.css';
import { ShadingLegend } from './shading-legend.tsx';

const ModelScene = lazy(() => import('../../scene/model-scene.tsx').then((m) => ({ default: m.ModelScene })));

/** Left and right are the person's own. */
const POSES = [
  ['front', 'Front'],
  ['side', 'Left'],
  ['back', 'Back'],
  ['right', 'Right'],
  ['top', 'Top'],
] as const;

export default function ModelView() {
  const { meshId, shading, turning, camera, busy } = useAppState((s) => ({
    // The figure before stays until there is more to see of the new one.
    meshId: s.preview ?? s.simplified[s.meshSize]?.mesh ?? s.mesh,
    shading: s.shading,
    turning: s.turning,
    camera: s.camera,
    busy: s.run.kind === 'running' || s.run.kind === 'cancelling' || s.simplifying !== null,
  }));
  const { moveCamera, setTurning, explain } = useActions();
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
          <ModelScene
            mesh={mesh}
            shading={shading}
            command={camera}
            turning={turning}
            still={still}
            keys={keys}
            onPick={(point, vertex) => {
              const [column, row] = canvasFromCloud(point, CANVAS_SIZE).map(Math.round);
              const { seen, confidence } = mesh;
              void explain(
                { row, column },
                vertex === null ? null : { seen: seen[vertex], confidence: confidence[vertex] },
              );
            }}
          />
        </Suspense>
      </div>
      <ShadingLegend shading={shading} />
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
