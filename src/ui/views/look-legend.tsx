/** What the colours of a look mean, in the view itself: on a phone the inspector is out of sight. */
import { CONFIDENCE_RAMP } from '../../scene/colour.ts';
import type { Shading } from '../../store/state.ts';
import styles from './look-legend.module.css';

export function LookLegend({ shading }: { shading: Shading }) {
  if (shading === 'seen') {
    return (
      <p className={styles.legend} data-testid="look-legend">
        <span className={styles.swatch} data-tone="seen">
          seen in the photo
        </span>
        <span className={styles.swatch} data-tone="guessed">
          guessed
        </span>
      </p>
    );
  }
  if (shading !== 'confidence') return null;
  return (
    <p className={styles.legend} data-kind="ramp" data-testid="look-legend">
      <i
        className={styles.ramp}
        style={{ backgroundImage: `linear-gradient(90deg, ${CONFIDENCE_RAMP.join()})` }}
      />
      <span className={styles.ends}>
        <span>filled in</span>
        <span>guessed</span>
        <span>measured</span>
      </span>
    </p>
  );
}
