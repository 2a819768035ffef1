/** What the colours of a picture mean: a ramp with its numbers, what is usual in it, the value under the pointer; or swatches. */
import type { ReactNode } from 'react';
import { CONFIDENCE_RAMP } from '../../scene/colour.ts';
import styles from './legend.module.css';

export interface Legend {
  readonly title: string;
  readonly ramp: RampName;
  /** At the ramp's low end, its middle and its high end. */
  readonly ends: RampEnds;
  /** One line more. */
  readonly note?: string;
}

type RampEnds = readonly [low: string, middle: string, high: string];
type RampName = keyof typeof GRADIENTS;
type Corner = 'top' | 'bottom';

const GRADIENTS = {
  heat: `linear-gradient(90deg, ${CONFIDENCE_RAMP.join()})`,
  grey: 'linear-gradient(90deg, #242424, #fff)',
} as const;

/** Of a heat map. */
export function HeatLegend({ legend, here }: { legend: Legend; here?: string | null }) {
  return (
    <div className={styles.legend} data-kind="ramp" data-corner="bottom" data-testid="heat-legend">
      <p className={styles.title}>
        <b>{legend.title}</b>
        {here && <output>{here}</output>}
      </p>
      <Ramp ramp={legend.ramp} ends={legend.ends} />
      {legend.note && <p className={styles.note}>{legend.note}</p>}
    </div>
  );
}

/** A ramp alone. */
export function RampLegend({
  corner,
  testId,
  ...ramp
}: {
  corner: Corner;
  testId: string;
  ramp: RampName;
  ends: RampEnds;
}) {
  return (
    <div className={styles.legend} data-kind="ramp" data-corner={corner} data-testid={testId}>
      <Ramp {...ramp} />
    </div>
  );
}

function Ramp({ ramp, ends }: { ramp: RampName; ends: RampEnds }) {
  return (
    <>
      <i className={styles.ramp} style={{ backgroundImage: GRADIENTS[ramp] }} />
      <p className={styles.ends}>
        {ends.map((end, i) => (
          <span key={i}>{end}</span>
        ))}
      </p>
    </>
  );
}

/** @param live read out when it changes. */
export function SwatchLegend({
  corner,
  testId,
  live = false,
  children,
}: {
  corner: Corner;
  testId: string;
  live?: boolean;
  children: ReactNode;
}) {
  return (
    <p
      className={styles.legend}
      data-kind="swatches"
      data-corner={corner}
      data-testid={testId}
      role={live ? 'status' : undefined}
    >
      {children}
    </p>
  );
}

/** @param tone of what the photo saw or not; `kind` of a body part. */
export function Swatch({
  tone,
  kind,
  children,
}: {
  tone?: 'seen' | 'guessed';
  kind?: string;
  children: ReactNode;
}) {
  return (
    <span className={styles.swatch} data-tone={tone} data-kind={kind}>
      {children}
    </span>
  );
}
