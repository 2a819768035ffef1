/** What the colours of a shading mean, in the view itself: on a phone the inspector is out of sight. */
import { CONFIDENCE_RAMP } from '../../scene/colour.ts';
import type { Shading } from '../../store/state.ts';
import styles from './shading-legend.module.css';

export function ShadingLegend({ shading }: { shading: Shading }) {
  if (shading === 'seen') {
    return (
      <p className={styles.legend} data-testid="shading-legend">
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
    <p className={styles.legend} data-kind="ramp" data-testid="shading-legend">
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
