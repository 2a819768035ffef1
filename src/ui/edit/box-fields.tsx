/** The chosen part's box by numbers; the part hidden, or exchanged with the one on the other side. */

import { CANVAS_SIZE } from '../../geometry/body.ts';
import { type BoxChange, LIMBS, limbParts, NO_CHANGE } from '../../geometry/figure-edits.ts';
import { withBox } from '../../scene/edit-preview.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Hint, Section } from '../kit/readout.tsx';
import { PART_NAMES } from '../words.ts';
import styles from './fields.module.css';
import { NumberField } from './joint-fields.tsx';

const DEGREES = 180 / Math.PI;

export function BoxFields() {
  const { part, edits } = useAppState((s) => ({ part: s.part, edits: s.input?.edits ?? null }));
  const { edit } = useActions();
  if (!edits) return null;
  const name = PART_NAMES[part];
  const change = edits.boxes[part] ?? NO_CHANGE;
  const put = (to: Partial<BoxChange>) =>
    void edit(
      `${name}: box changed`,
      (now) => withBox(now, part, { ...(now.boxes[part] ?? NO_CHANGE), ...to }),
      `box ${part}`,
    );
  const hidden = edits.hidden.includes(part);
  const limb = LIMBS.find((id) => limbParts(id).includes(part));
  const swapped = limb !== undefined && edits.swappedLimbs.includes(limb);
  return (
    <Section title={`Correct: ${name}`}>
      <div className={styles.fields}>
        <NumberField
          {...{
            label: 'Right, px',
            value: change.dx,
            least: -CANVAS_SIZE,
            most: CANVAS_SIZE,
            testId: 'box-x',
          }}
          onPut={(dx) => put({ dx })}
        />
        <NumberField
          {...{ label: 'Down, px', value: change.dy, least: -CANVAS_SIZE, most: CANVAS_SIZE }}
          onPut={(dy) => put({ dy })}
        />
        <NumberField
          {...{ label: 'Turned, °', value: change.turnRad * DEGREES, least: -180, most: 180 }}
          onPut={(degrees) => put({ turnRad: degrees / DEGREES })}
        />
        <NumberField
          {...{ label: 'Size, %', value: change.scale * 100, least: 30, most: 300, step: 5 }}
          onPut={(percent) => put({ scale: percent / 100 })}
        />
      </div>
      <div className={styles.buttons}>
        <button
          type="button"
          aria-pressed={hidden}
          data-testid="part-hide"
          onClick={() =>
            void edit(hidden ? `${name} shown` : `${name} hidden`, (now) => ({
              ...now,
              hidden: hidden ? now.hidden.filter((id) => id !== part) : [...now.hidden, part],
            }))
          }
        >
          {hidden ? 'Show the part' : 'Hide the part'}
        </button>
        {limb && (
          <button
            type="button"
            aria-pressed={swapped}
            data-testid="part-swap"
            onClick={() =>
              void edit(`${name}: left and right exchanged`, (now) => ({
                ...now,
                swappedLimbs: swapped
                  ? now.swappedLimbs.filter((id) => id !== limb)
                  : [...now.swappedLimbs, limb],
              }))
            }
          >
            Exchange with the other side
          </button>
        )}
        {edits.boxes[part] && (
          <button
            type="button"
            onClick={() => void edit(`${name}: box as fitted`, (now) => withBox(now, part, NO_CHANGE))}
          >
            As fitted
          </button>
        )}
      </div>
      <Hint>Or drag the chosen box on the photo; its corners scale it, the round handle turns it.</Hint>
    </Section>
  );
}
