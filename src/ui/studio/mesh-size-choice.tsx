/** How many triangles the shown and saved mesh has: four sizes and what each is for. In the inspector and in the menu. */
import { isAlreadyThatSmall, MESH_SIZES, type MeshSize } from '../../store/mesh-size.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Hint } from '../kit/readout.tsx';
import { TabList } from '../kit/tab-list.tsx';
import { MESH_SIZE_NAMES, MESH_SIZE_SENTENCES, MESH_SIZE_USES } from '../words.ts';
import styles from './mesh-size-choice.module.css';

function useMeshSize() {
  return useAppState((s) => ({
    chosen: s.simplifying?.size ?? s.meshSize,
    making: s.simplifying !== null,
    surfaceTriangles: s.run.kind === 'done' ? s.run.report.triangles : 0,
  }));
}

function Label({ size }: { size: MeshSize }) {
  return (
    <>
      <b>{MESH_SIZE_NAMES[size]}</b>
      <small>{MESH_SIZE_USES[size]}</small>
    </>
  );
}

export function MeshSizeChoice() {
  const { chosen, making, surfaceTriangles } = useMeshSize();
  const { setMeshSize } = useActions();
  return (
    <div className={styles.choice} data-making={making}>
      <TabList
        label="Triangles of the mesh"
        classes={{ row: styles.row, item: styles.size }}
        chosen={chosen}
        items={MESH_SIZES.map((id) => ({ id, label: <Label size={id} />, testId: `mesh-size-${id}` }))}
        onChoose={(size) => void setMeshSize(size)}
      />
      <Hint>
        {isAlreadyThatSmall(chosen, surfaceTriangles)
          ? 'The surface has no more triangles than that, so it stays whole.'
          : MESH_SIZE_SENTENCES[chosen]}
      </Hint>
    </div>
  );
}

/** The same as items of a menu: the menu moves the focus. */
export function MeshSizeItems() {
  const { chosen, making } = useMeshSize();
  const { setMeshSize } = useActions();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of menu items, not of form fields
    <div className={styles.choice} data-making={making} role="group" aria-label="Triangles of the mesh">
      <div className={styles.row}>
        {MESH_SIZES.map((size) => (
          <button
            key={size}
            type="button"
            role="menuitemradio"
            aria-checked={size === chosen}
            tabIndex={-1}
            className={styles.size}
            data-testid={`save-size-${size}`}
            onClick={() => void setMeshSize(size)}
          >
            <Label size={size} />
          </button>
        ))}
      </div>
    </div>
  );
}
