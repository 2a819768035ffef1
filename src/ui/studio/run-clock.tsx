/** How long the run takes or took; ticks by itself while it goes on. */
import { useEffect, useState } from 'react';
import { useAppState } from '../app-context.tsx';
import { formatMs } from '../words.ts';
import styles from './run-clock.module.css';

export function Ticking({ startedAtMs }: { startedAtMs: number }) {
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 200);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, nowMs - startedAtMs) / 1000;
  return <b>{seconds < 60 ? `${seconds.toFixed(1)} s` : formatMs(seconds * 1000)}</b>;
}

export function RunClock() {
  const run = useAppState((s) => s.run);
  switch (run.kind) {
    case 'idle':
      return null;
    case 'running':
    case 'cancelling':
      return (
        <span className={styles.clock}>
          <span>Running</span> <Ticking startedAtMs={run.startedAtMs} />
        </span>
      );
    case 'cancelled':
      return <span className={styles.clock}>Cancelled</span>;
    case 'failed':
      return <span className={styles.clock}>Stopped</span>;
    case 'done':
      return (
        <span className={styles.clock} data-wide="true" data-testid="run-total">
          <span>Whole run</span> <b>{formatMs(run.report.totalMs)}</b>
        </span>
      );
  }
}
