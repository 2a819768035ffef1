/** Undo and redo, with the names of what they would do. */
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import styles from './undo-buttons.module.css';

export function UndoButtons() {
  const history = useAppState((s) => s.history);
  const { undo, redo } = useActions();
  const [back, again] = [history.done.at(-1), history.undone.at(-1)];
  return (
    <span className={styles.pair}>
      <button
        type="button"
        aria-disabled={!back}
        aria-label={back ? `Undo: ${back.label}` : 'Nothing to undo'}
        title={back ? `Undo: ${back.label} (Ctrl+Z)` : 'Nothing to undo'}
        data-testid="undo"
        onClick={() => void undo()}
      >
        <Icon name="undo" />
      </button>
      <button
        type="button"
        aria-disabled={!again}
        aria-label={again ? `Redo: ${again.label}` : 'Nothing to redo'}
        title={again ? `Redo: ${again.label} (Ctrl+Shift+Z)` : 'Nothing to redo'}
        data-testid="redo"
        onClick={() => void redo()}
      >
        <Icon name="redo" />
      </button>
    </span>
  );
}
