/** What a view shows while its result does not exist yet: which stage makes it, and how far that is. */
import type { StageId } from '../../digitizer/types.ts';
import { useAppState } from '../app-context.tsx';
import { STAGE_NAMES, STAGE_SENTENCES } from '../words.ts';
import styles from './empty-view.module.css';

export function EmptyView({ stage, what }: { stage: StageId; what: string }) {
  const { state, run, restored } = useAppState((s) => ({
    state: s.stages[stage].state,
    run: s.run.kind,
    restored: s.restored,
  }));
  const busy = run === 'running' || run === 'cancelling';
  return (
    <div className={styles.empty}>
      <i className={styles.mark} data-busy={busy} aria-hidden="true" />
      <p className={styles.what}>{busy ? `${what} will appear here` : `${what} is not there`}</p>
      <p className={styles.why}>
        {busy
          ? `${STAGE_NAMES[stage]}: ${STAGE_SENTENCES[stage]}`
          : state.kind === 'failed'
            ? state.error.fix
            : restored
              ? 'The figure is kept, its maps are not: they are made again from the photo, with “Make its maps”.'
              : 'The run ended before this stage. Run it again to get it.'}
      </p>
    </div>
  );
}
