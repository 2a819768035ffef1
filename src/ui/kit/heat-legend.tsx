/** What the colours of a heat map mean: its scale with numbers, what is usual in it, and the value under the pointer. */
import { CONFIDENCE_RAMP } from '../../scene/colour.ts';
import styles from './heat-legend.module.css';

export interface Legend {
  readonly title: string;
  readonly ramp: 'heat' | 'grey';
  /** At the ramp's low end, its middle and its high end. */
  readonly ends: readonly [low: string, middle: string, high: string];
  /** One line more. */
  readonly note?: string;
}

const GRADIENTS = {
  heat: `linear-gradient(90deg, ${CONFIDENCE_RAMP.join()})`,
  grey: 'linear-gradient(90deg, #242424, #fff)',
} as const;

export function HeatLegend({ legend, here }: { legend: Legend; here?: string | null }) {
  return (
    <div className={styles.legend} data-testid="heat-legend">
      <p className={styles.title}>
        <b>{legend.title}</b>
        {here && <output>{here}</output>}
      </p>
      <i className={styles.ramp} style={{ backgroundImage: GRADIENTS[legend.ramp] }} />
      <p className={styles.ends}>
        {legend.ends.map((end, i) => (
          <span key={i}>{end}</span>
        ))}
      </p>
      {legend.note && <p className={styles.note}>{legend.note}</p>}
    </div>
  );
}
