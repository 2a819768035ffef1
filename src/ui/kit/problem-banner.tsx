/** The one sentence about what went wrong, with what to do now. Nothing else on the page is taken away. */
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from './icons.tsx';
import styles from './problem-banner.module.css';

export function ProblemBanner() {
  const problem = useAppState((s) => s.problem);
  // What the browser lacks it lacks the next time, too.
  const canTryAgain = useAppState(
    ({ session }) => session.kind === 'failed' && session.error.code !== 'E_UNSUPPORTED',
  );
  const { dismissProblem, startSession } = useActions();
  return (
    <div className={styles.place} role="alert">
      {problem && (
        <div className={styles.banner} data-testid="error-banner" data-code={problem.code}>
          <span className={styles.sign}>
            <Icon name="warn" />
          </span>
          <div className={styles.words}>
            <p className={styles.what}>{problem.message}</p>
            <p className={styles.fix} data-testid="error-fix">
              {problem.fix}
            </p>
          </div>
          {canTryAgain && (
            <button type="button" className={styles.again} onClick={() => void startSession()}>
              Try again
            </button>
          )}
          <button
            type="button"
            className={styles.close}
            onClick={dismissProblem}
            aria-label="Close this message"
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
