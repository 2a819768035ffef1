/** In the studio: photos that wait until this figure has been looked at. */
import { useActions, useAppState } from '../app-context.tsx';
import styles from './queue-line.module.css';

export function QueueLine() {
  const waiting = useAppState((s) => s.queue.filter(({ state }) => state.kind === 'waiting').length);
  const { goHome } = useActions();
  if (waiting === 0) return null;
  return (
    <p className={styles.line} data-testid="queue-line">
      <span>{waiting === 1 ? '1 photo waits' : `${waiting} photos wait`} while you look here.</span>
      <button type="button" onClick={goHome}>
        Go on with them
      </button>
    </p>
  );
}
