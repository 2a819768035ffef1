/**
 * While a run goes on: one sentence at the foot of the view, read aloud when the stage changes, and a thin bar; above it
 * what of the photo will make the figure worse.
 */
import { STAGE_IDS, type StageId } from '../../digitizer/types.ts';
import type { Notice } from '../../store/run-state.ts';
import { remainingMs } from '../../store/run-times.ts';
import { useAppState } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import { STAGE_NAMES, STAGE_SENTENCES } from '../words.ts';
import styles from './progress-line.module.css';

/** Times of before are no promise: whole seconds, and words at the end. */
function timeLeft(ms: number): string {
  if (ms < 1500) return 'nearly there';
  return ms < 90_000 ? `about ${Math.round(ms / 1000)} s left` : `about ${Math.round(ms / 60_000)} min left`;
}

/** Between two stages, before the first and after the last. */
function waitingWords(cancelling: boolean, done: number): string {
  if (cancelling) return 'Stopping…';
  if (done === 0) return 'Getting ready…';
  return done === STAGE_IDS.length ? 'Finishing…' : 'On to the next step…';
}

export function ProgressLine() {
  const { run, stages, notices, times } = useAppState((s) => ({
    run: s.run,
    stages: s.stages,
    notices: s.notices,
    times: s.expectedTimes,
  }));
  const leftMs = run.kind === 'running' ? remainingMs(stages, times) : null;
  const at = STAGE_IDS.findIndex((id) => stages[id].state.kind === 'running');
  const busy = run.kind === 'running' || run.kind === 'cancelling';
  const stage = at >= 0 ? STAGE_IDS[at] : null;
  const state = stage && stages[stage].state;
  const done = STAGE_IDS.filter((id) => stages[id].state.kind === 'done').length;
  const fraction = (done + (state?.kind === 'running' ? state.fraction : 0)) / STAGE_IDS.length;
  const spoken =
    run.kind === 'done'
      ? 'The figure is ready.'
      : run.kind === 'cancelled'
        ? 'The run was cancelled.'
        : busy && stage
          ? `${STAGE_NAMES[stage]}, step ${at + 1} of ${STAGE_IDS.length}.`
          : '';
  return (
    <>
      <p className="visually-hidden" role="status">
        {spoken}
      </p>
      {busy && <Warnings notices={notices} />}
      {busy && (
        <div className={styles.line} aria-hidden="true">
          <i className={styles.bar} style={{ transform: `scaleX(${fraction})` }} />
          {stage && state?.kind === 'running' ? (
            <>
              <b>{STAGE_NAMES[stage]}</b>
              <span>{STAGE_SENTENCES[stage]}</span>
              <em>
                {state.note || `step ${at + 1} of ${STAGE_IDS.length}`}
                {leftMs !== null && <span data-testid="time-left"> · {timeLeft(leftMs)}</span>}
              </em>
            </>
          ) : (
            <span>{waitingWords(run.kind === 'cancelling', done)}</span>
          )}
        </div>
      )}
    </>
  );
}

/** Rows whose notices are about the photo itself; said after the pose, before the networks run. */
const OF_THE_PHOTO: readonly StageId[] = ['photo', 'pose'];

function Warnings({ notices }: { notices: readonly Notice[] }) {
  const words = notices.filter(({ stage }) => OF_THE_PHOTO.includes(stage));
  if (words.length === 0) return null;
  return (
    <div role="status">
      <ul className={styles.warnings}>
        {words.map(({ text }, i) => (
          <li key={i}>
            <Icon name="warn" size={14} /> {text}
          </li>
        ))}
      </ul>
    </div>
  );
}
