/** What will do the work, before anything starts: backend, precision, threads, pack; and an honest word on fallbacks. */
import type { MachineReport } from '../../digitizer/types.ts';
import { useAppState } from '../app-context.tsx';
import { machineName, packName } from '../words.ts';
import styles from './machine-line.module.css';

/** What is missing here and what it costs, in whole sentences; empty on a machine that has everything. */
function fallbackSentences(machine: MachineReport): string[] {
  const sentences: string[] = [];
  if (machine.backend === 'wasm')
    sentences.push(`${machine.reason.replace(/\.$/, '')}. A photo takes longer this way.`);
  if (!machine.crossOriginIsolated && !/isolated/.test(machine.reason)) {
    sentences.push('This page is not cross-origin isolated, so it works with one thread and takes longer.');
  }
  return sentences;
}

export function MachineLine() {
  const { session, openingWeights, percent } = useAppState(({ session, openingWeights, packProgress }) => ({
    session,
    openingWeights,
    percent: packProgress === null ? '' : ` ${Math.floor(packProgress * 100)} %`,
  }));
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
        <span>
          <i className={styles.dot} data-tone={session.machine.backend === 'webgpu' ? 'good' : 'plain'} />
          <b>Ready:</b> {machineName(session.machine)}
          {session.machine.adapter && <em> · {session.machine.adapter}</em>}
        </span>
      )}
      <span>Nothing is sent</span>
      {openingWeights && (
        <span>
          <i className={styles.dot} data-tone="wait" />
          Opening {openingWeights}…{/* A screen reader hears the name once, not every percent. */}
          <span aria-hidden="true">{percent}</span>
        </span>
      )}
      {session.kind === 'ready' && (
        <span title={session.pack.trainingData}>
          <b>Pack:</b> {packName(session.pack)}, {session.pack.licence}
        </span>
      )}
      {session.kind === 'ready' &&
        fallbackSentences(session.machine).map((sentence) => (
          <span key={sentence} className={styles.reason}>
            {sentence}
          </span>
        ))}
      {/* Written by the build (cli/third-party-notices.ts). */}
      <a className={styles.licences} href="third-party-notices.txt" target="_blank" rel="noopener">
        Licences
      </a>
    </footer>
  );
}
