/** The stages of the run, top to bottom: picture, name, what came out, time. Choosing one opens it in the middle. */
import { useEffect, useRef } from 'react';
import { STAGE_IDS, type StageId } from '../../digitizer/types.ts';
import type { StageEntry } from '../../store/run-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { QueueLine } from '../keep/queue-line.tsx';
import { Bitmap } from '../kit/bitmap.tsx';
import { Icon } from '../kit/icons.tsx';
import { useNarrow } from '../kit/use-media.ts';
import { formatMs, STAGE_NAMES } from '../words.ts';
import { FoldButton, useFolded } from './folding.tsx';
import { RunClock } from './run-clock.tsx';
import styles from './stage-rail.module.css';

export function StageRail() {
  const { stages, chosen, run, restored } = useAppState((s) => ({
    stages: s.stages,
    chosen: s.stage,
    run: s.run,
    restored: s.restored,
  }));
  const { selectStage, cancel, rerun } = useActions();
  const busy = run.kind === 'running' || run.kind === 'cancelling';
  const folded = useFolded().rail;
  return (
    <nav className={styles.rail} aria-label="Stages" data-folded={folded}>
      <ol className={styles.list}>
        {STAGE_IDS.map((id) => (
          <StageRow
            key={id}
            id={id}
            entry={stages[id]}
            chosen={id === chosen}
            folded={folded}
            onChoose={() => selectStage(id)}
          />
        ))}
      </ol>
      <div className={styles.fold}>
        <FoldButton panel="rail" />
      </div>
      <QueueLine />
      <div className={styles.total}>
        <RunClock />
        {busy && (
          <button
            type="button"
            className={styles.action}
            data-testid="cancel"
            // Not disabled: focus would leave it.
            aria-disabled={run.kind === 'cancelling'}
            onClick={() => void cancel()}
          >
            {run.kind === 'cancelling' ? 'Stopping…' : 'Cancel'}
          </button>
        )}
        {run.kind === 'done' && restored && (
          <button type="button" className={styles.action} data-testid="rerun" onClick={() => void rerun()}>
            <Icon name="turn" size={14} /> Make its maps
          </button>
        )}
        {(run.kind === 'cancelled' || run.kind === 'failed') && (
          <button type="button" className={styles.action} data-testid="rerun" onClick={() => void rerun()}>
            <Icon name="turn" size={14} /> Run again
          </button>
        )}
      </div>
    </nav>
  );
}

interface RowProps {
  readonly id: StageId;
  readonly entry: StageEntry;
  readonly chosen: boolean;
  readonly folded: boolean;
  onChoose(): void;
}

function StageRow({ id, entry: { state, thumbnail }, chosen, folded, onChoose }: RowProps) {
  const row = useRef<HTMLButtonElement>(null);
  const running = state.kind === 'running';
  const narrow = useNarrow();
  // On a phone the rail is a strip: it follows the run, and whoever chooses a view.
  useEffect(() => {
    if ((running || chosen) && narrow) row.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [running, chosen, narrow]);
  return (
    <li>
      <button
        ref={row}
        type="button"
        className={styles.stage}
        aria-current={chosen ? 'true' : undefined}
        data-testid={`stage-${id}`}
        data-state={state.kind}
        title={folded ? STAGE_NAMES[id] : undefined}
        onClick={onChoose}
      >
        <span className={styles.thumb}>
          {thumbnail ? <Bitmap id={thumbnail} /> : <i />}
          {state.kind === 'failed' && (
            <span className={styles.failed}>
              <Icon name="warn" />
            </span>
          )}
        </span>
        <span className={styles.words}>
          <b>{STAGE_NAMES[id]}</b>
          <small>{detailOf(state)}</small>
        </span>
        <em>{state.kind === 'done' && (state.cached ? 'kept' : formatMs(state.elapsedMs))}</em>
        {state.kind === 'running' && (
          <progress
            className={styles.bar}
            max={1}
            value={state.fraction}
            aria-label={`${STAGE_NAMES[id]}, progress`}
          />
        )}
      </button>
    </li>
  );
}

function detailOf(state: StageEntry['state']): string {
  switch (state.kind) {
    case 'waiting':
      return '';
    case 'running':
      return state.note || 'working…';
    case 'done':
      return state.detail;
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      return 'stopped here';
  }
}
