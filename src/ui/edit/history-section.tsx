/** What was changed on this photo, oldest first; choosing a step goes to it, back or forth. */
import { useActions, useAppState } from '../app-context.tsx';
import { Section } from '../kit/readout.tsx';
import styles from './history-section.module.css';
import { UndoButtons } from './undo-buttons.tsx';

export function HistorySection() {
  const history = useAppState((s) => s.history);
  const { goToStep } = useActions();
  const steps = [...history.done, ...history.undone.toReversed()];
  if (steps.length === 0) return null;
  const at = history.done.length;
  return (
    <Section title="Changes" aside={<UndoButtons />}>
      <ol className={styles.list} data-testid="history">
        <li>
          <button
            type="button"
            aria-current={at === 0 ? 'step' : undefined}
            onClick={() => void goToStep(null)}
          >
            As it was
          </button>
        </li>
        {steps.map(({ id, label }, i) => (
          <li key={id}>
            <button
              type="button"
              data-undone={i >= at}
              aria-current={i === at - 1 ? 'step' : undefined}
              onClick={() => void goToStep(id)}
            >
              {label}
            </button>
          </li>
        ))}
      </ol>
    </Section>
  );
}
