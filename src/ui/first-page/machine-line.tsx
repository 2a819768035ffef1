/** What will do the work, before anything starts: backend, precision, threads, pack; and an honest word on fallbacks. */
import { useAppState } from '../app-context.tsx';
import { machineName, packName } from '../words.ts';
import styles from './machine-line.module.css';

export function MachineLine() {
  const session = useAppState((s) => s.session);
  return (
    <footer className={styles.line} data-testid="machine-line" data-state={session.kind} aria-live="polite">
      {session.kind === 'starting' && (
        <span>
          <i className={styles.dot} data-tone="wait" />
          Looking at this machine…
        </span>
      )}
      {session.kind === 'failed' && (
        <span>
          <i className={styles.dot} data-tone="bad" />
          Not ready: {session.error.message}
        </span>
      )}
      {session.kind === 'ready' && (
        <>
          <span>
            <i className={styles.dot} data-tone={session.machine.backend === 'webgpu' ? 'good' : 'plain'} />
            <b>Ready:</b> {machineName(session.machine)}
            {session.machine.adapter && <em> · {session.machine.adapter}</em>}
          </span>
          {session.machine.backend === 'wasm' && (
            <span className={styles.reason}>{session.machine.reason}</span>
          )}
          {!session.machine.crossOriginIsolated && (
            <span className={styles.reason}>
              This page is not cross-origin isolated, so it works with one thread and takes longer.
            </span>
          )}
        </>
      )}
      <span>
        <b>Sent:</b> 0 bytes
      </span>
      {session.kind === 'ready' && (
        <span title={session.pack.trainingData}>
          <b>Pack:</b> {packName(session.pack)}, {session.pack.licence}
        </span>
      )}
    </footer>
  );
}
