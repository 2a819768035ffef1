/** Several photos in work: each with its state, and how far they are all together. */
import { useEffect, useRef } from 'react';
import type { QueueItem } from '../../store/input-state.ts';
import { fractionOf } from '../../store/library-slice.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import styles from './queue-panel.module.css';

const ended = ({ state }: QueueItem) => state.kind !== 'waiting' && state.kind !== 'running';

function wordsOf({ state }: QueueItem, fraction: number): string {
  switch (state.kind) {
    case 'waiting':
      return 'waits';
    case 'running':
      return `${Math.round(fraction * 100)} %`;
    case 'done':
      return 'finished';
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      return `${state.error.message} ${state.error.fix}`;
  }
}

export function QueuePanel() {
  const { queue, fraction, note } = useAppState((s) => ({
    queue: s.queue,
    fraction: fractionOf(s),
    note: s.storageNote,
  }));
  const { goToFigure, openProject, removeFromQueue, clearQueue } = useActions();
  const panel = useRef<HTMLElement>(null);
  const left = queue.filter((item) => !ended(item)).length;
  const taken = left > 0 ? queue.length : 0;
  // Who gives several photos wants to see that they were taken: the list may begin below the window.
  useEffect(() => {
    if (taken > 0) panel.current?.scrollIntoView({ block: 'nearest' });
  }, [taken]);
  if (queue.length === 0) return null;
  const done = queue.length - left;
  const running = queue.find(({ state }) => state.kind === 'running');
  const overall = (done + (running ? fraction : 0)) / queue.length;
  const isOver = done === queue.length;
  return (
    <section ref={panel} className={styles.panel} aria-labelledby="queue-title" data-testid="queue">
      <header className={styles.head}>
        <h2 id="queue-title">
          {isOver ? `${queue.length} photos, all through` : `Photo ${done + 1} of ${queue.length}`}
        </h2>
        {isOver && (
          <button type="button" data-testid="queue-clear" onClick={clearQueue}>
            Clear
          </button>
        )}
      </header>
      <progress max={1} value={overall} aria-label="All photos, progress" data-testid="queue-progress" />
      {!isOver && !running && note && (
        <p className={styles.note}>
          The next photo waits: the figure before it could not be kept. Save it as a file first.
        </p>
      )}
      <ul className={styles.list}>
        {queue.map((item) => {
          const { id, name, state } = item;
          const project = state.kind === 'done' ? state.project : null;
          return (
            <li key={id} data-state={state.kind} data-testid="queue-item">
              <b title={name}>{name}</b>
              <span>{wordsOf(item, fraction)}</span>
              {state.kind === 'running' && (
                <button type="button" onClick={goToFigure}>
                  Watch
                </button>
              )}
              {project && (
                <button type="button" onClick={() => void openProject(project)}>
                  Open
                </button>
              )}
              {state.kind !== 'running' && (
                <button
                  type="button"
                  aria-label={`Take ${name} off the list`}
                  onClick={() => removeFromQueue(id)}
                >
                  <Icon name="close" size={14} />
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
