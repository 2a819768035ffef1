/** The one sentence about what went wrong, with what to do now. Nothing else on the page is taken away. */
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from './icons.tsx';
import styles from './problem-banner.module.css';

export function ProblemBanner() {
  const problem = useAppState((s) => s.problem);
  const sessionFailed = useAppState((s) => s.session.kind === 'failed');
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
          {sessionFailed && (
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
