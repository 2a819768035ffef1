/** The tools of the photo, in the view itself: what a drag does, the brush, and undo. Small enough for a phone. */
import type { KeyboardEvent } from 'react';
import { useActions, useAppState } from '../app-context.tsx';
import { TabList } from '../kit/tab-list.tsx';
import styles from '../kit/tools.module.css';
import { UndoButtons } from './undo-buttons.tsx';

/** Brush of one step more or less than this. */
const SIZE_STEP = 1.25;
const HARDNESS_STEP = 0.25;
const SIZES_PX = { least: 3, most: 160 } as const;
const TOOL_OF_KEY = new Map([
  ['v', 'look'],
  ['j', 'joints'],
  ['p', 'paint'],
] as const);

/** Chooses a tool, and shows what it works on. */
function useToolChoice() {
  const overlays = useAppState((s) => s.overlays);
  const { setTool, toggleOverlay } = useActions();
  return (chosen: 'look' | 'joints' | 'paint') => {
    setTool(chosen);
    if (chosen === 'paint' && !overlays.matte) toggleOverlay('matte');
    if (chosen === 'joints' && !overlays.skeleton) toggleOverlay('skeleton');
  };
}

/** Keys of the tools while the photo or its tools have the focus: V, J, P; with the brush in hand X, [ and ], and both with Shift. */
export function usePhotoToolKey(): (event: KeyboardEvent) => boolean {
  const { tool, brush } = useAppState((s) => ({ tool: s.tool, brush: s.brush }));
  const { setBrush } = useActions();
  const choose = useToolChoice();
  return ({ key }) => {
    const chosen = TOOL_OF_KEY.get(key.toLowerCase() as 'v');
    if (chosen) choose(chosen);
    else if (tool !== 'paint') return false;
    else if (key.toLowerCase() === 'x') setBrush({ kind: brush.kind === 'add' ? 'remove' : 'add' });
    else if (key === '[' || key === ']') {
      const wanted = key === ']' ? brush.radiusPx * SIZE_STEP : brush.radiusPx / SIZE_STEP;
      setBrush({ radiusPx: Math.round(Math.max(SIZES_PX.least, Math.min(SIZES_PX.most, wanted))) });
    } else if (key === '{' || key === '}') {
      const wanted = brush.hardness + (key === '}' ? HARDNESS_STEP : -HARDNESS_STEP);
      setBrush({ hardness: Math.max(0, Math.min(1, wanted)) });
    } else return false;
    return true;
  };
}

export function PhotoTools() {
  const { tool, brush, busy } = useAppState((s) => ({
    tool: s.tool,
    brush: s.brush,
    busy: s.run.kind === 'running' || s.run.kind === 'cancelling',
  }));
  const { setBrush } = useActions();
  const choose = useToolChoice();
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
              min={SIZES_PX.least}
              max={SIZES_PX.most}
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
          onChoose={choose}
        />
        <UndoButtons />
      </div>
    </div>
  );
}
