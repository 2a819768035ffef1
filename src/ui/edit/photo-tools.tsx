/** The tools of the photo, in the view itself: what a drag does, the brush, and undo. Small enough for a phone. */
import { useActions, useAppState } from '../app-context.tsx';
import { TabList } from '../kit/tab-list.tsx';
import styles from '../kit/tools.module.css';
import { UndoButtons } from './undo-buttons.tsx';

export function PhotoTools() {
  const { tool, brush, busy, overlays } = useAppState((s) => ({
    tool: s.tool,
    brush: s.brush,
    busy: s.run.kind === 'running' || s.run.kind === 'cancelling',
    overlays: s.overlays,
  }));
  const { setTool, setBrush, toggleOverlay } = useActions();
  return (
    <div
      className={styles.dock}
      data-raised={busy}
      role="toolbar"
      aria-label="Correct the photo’s joints and outline"
    >
      {tool === 'paint' && (
        <div className={styles.row}>
          <TabList
            label="The brush"
            small
            chosen={brush.kind}
            items={[
              { id: 'add', label: 'Add', testId: 'brush-add' },
              { id: 'remove', label: 'Remove', testId: 'brush-remove' },
            ]}
            onChoose={(kind) => setBrush({ kind })}
          />
          <label className={styles.slider}>
            Size
            <input
              type="range"
              min={3}
              max={160}
              value={brush.radiusPx}
              data-testid="brush-size"
              onChange={(event) => setBrush({ radiusPx: Number(event.currentTarget.value) })}
            />
          </label>
          <label className={styles.slider}>
            Hardness
            <input
              type="range"
              min={0}
              max={1}
              step={0.05}
              value={brush.hardness}
              onChange={(event) => setBrush({ hardness: Number(event.currentTarget.value) })}
            />
          </label>
          <button
            type="button"
            aria-pressed={brush.edgeAware}
            title="Stops where the colour of the photo changes"
            data-testid="brush-edges"
            onClick={() => setBrush({ edgeAware: !brush.edgeAware })}
          >
            Keep to edges
          </button>
        </div>
      )}
      <div className={styles.row}>
        <TabList
          label="What a drag on the photo does"
          small
          chosen={tool}
          items={[
            { id: 'look', label: 'Look', testId: 'tool-look' },
            { id: 'joints', label: 'Move joints', testId: 'tool-joints' },
            { id: 'paint', label: 'Paint outline', testId: 'tool-paint' },
          ]}
          onChoose={(chosen) => {
            setTool(chosen);
            if (chosen === 'paint' && !overlays.matte) toggleOverlay('matte');
            if (chosen === 'joints' && !overlays.skeleton) toggleOverlay('skeleton');
          }}
        />
        <UndoButtons />
      </div>
    </div>
  );
}
