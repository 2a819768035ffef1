/** What the colours of a shading mean, in the view itself: on a phone the inspector is out of sight. */

import { KIND_OF_PART } from '../../geometry/body.ts';
import { CONFIDENCE_RAMP } from '../../scene/colour.ts';
import type { Shading } from '../../store/model-state.ts';
import { useAppState } from '../app-context.tsx';
import { PART_NAMES } from '../words.ts';
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
  if (shading === 'parts') return <ChosenPart />;
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

function ChosenPart() {
  const part = useAppState((s) => s.part);
  return (
    <p className={styles.legend} role="status" data-testid="shading-legend">
      <span className={styles.swatch} data-kind={KIND_OF_PART[part]}>
        {PART_NAMES[part]}
      </span>
    </p>
  );
}
