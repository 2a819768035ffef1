/** While a smaller mesh is made: one sentence at the foot of the view, how long it takes so far, and a way out. */
import { useActions, useAppState } from '../app-context.tsx';
import { formatCount, MESH_SIZE_NAMES } from '../words.ts';
import styles from './progress-line.module.css';
import { Ticking } from './run-clock.tsx';

export function SimplifyLine() {
  const { simplifying, meshSize, count } = useAppState((s) => ({
    simplifying: s.simplifying,
    meshSize: s.meshSize,
    count: s.simplified[s.meshSize]?.report.triangles ?? null,
  }));
  const { cancelSimplify } = useActions();
  const spoken = simplifying
    ? `Making a mesh of ${MESH_SIZE_NAMES[simplifying.size]} triangles.`
    : meshSize !== 'full' && count !== null
      ? `The mesh has ${formatCount(count)} triangles.`
      : '';
  return (
    <>
      <p className="visually-hidden" role="status">
        {spoken}
      </p>
      {simplifying && (
        <div className={styles.line} data-testid="simplify-line">
          <i className={styles.waiting} />
          <b>Making {MESH_SIZE_NAMES[simplifying.size]} triangles</b>
          <span>The mesh before stays until the new one is ready.</span>
          <em>
            <Ticking startedAtMs={simplifying.startedAtMs} />
          </em>
          <button
            type="button"
            className={styles.cancel}
            data-testid="cancel-simplify"
            onClick={() => void cancelSimplify()}
          >
            Cancel
          </button>
        </div>
      )}
    </>
  );
}
