/** Joints by name and number: for those who do not drag, and for exact work. Left and right can be exchanged here. */
import { useEffect, useState } from 'react';
import { CANVAS_SIZE, KEYPOINT_IDS, type KeypointId } from '../../geometry/body.ts';
import { withJoint } from '../../scene/edit-preview.ts';
import { useActions, useAppState, useResource } from '../app-context.tsx';
import { Hint, Section } from '../kit/readout.tsx';
import { keypointName } from '../words.ts';
import styles from './fields.module.css';

export const capital = (text: string) => text[0].toUpperCase() + text.slice(1);

export function JointFields() {
  const { keypointsId, moved, swapped } = useAppState((s) => ({
    keypointsId: s.keypoints,
    moved: s.input?.edits.joints,
    swapped: s.input?.edits.sidesSwapped ?? false,
  }));
  const keypoints = useResource(keypointsId);
  const { edit, setJoint } = useActions();
  const [joint, setChosen] = useState<KeypointId>('leftWrist');
  if (!keypoints) return null;
  const at = KEYPOINT_IDS.indexOf(joint) * 3;
  const [x, y] = [keypoints[at], keypoints[at + 1]];
  const put = (to: readonly [number, number]) =>
    void edit(
      `${capital(keypointName(joint))} moved`,
      (edits) => withJoint(edits, joint, ...to),
      `joint ${joint}`,
    );
  return (
    <Section title="Correct the joints">
      <div className={styles.fields}>
        <label>
          Joint
          <select
            value={joint}
            data-testid="joint-choice"
            onChange={(event) => {
              const id = event.currentTarget.value as KeypointId;
              setChosen(id);
              setJoint(KEYPOINT_IDS.indexOf(id));
            }}
          >
            {KEYPOINT_IDS.map((id) => (
              <option key={id} value={id}>
                {capital(keypointName(id))}
                {moved?.[id] ? ' (moved)' : ''}
              </option>
            ))}
          </select>
        </label>
        <NumberField
          label="x"
          value={x}
          least={1}
          most={CANVAS_SIZE - 1}
          onPut={(value) => put([value, y])}
        />
        <NumberField
          label="y"
          value={y}
          least={1}
          most={CANVAS_SIZE - 1}
          onPut={(value) => put([x, value])}
        />
      </div>
      <div className={styles.buttons}>
        <button
          type="button"
          data-testid="swap-sides"
          aria-pressed={swapped}
          onClick={() =>
            void edit('Left and right exchanged', (edits) => ({
              ...edits,
              sidesSwapped: !edits.sidesSwapped,
            }))
          }
        >
          Exchange left and right
        </button>
        {moved?.[joint] && (
          <button
            type="button"
            onClick={() =>
              void edit(`${capital(keypointName(joint))} as found`, (edits) => {
                const { [joint]: _, ...joints } = edits.joints;
                return { ...edits, joints };
              })
            }
          >
            As found
          </button>
        )}
      </div>
      <Hint>Or choose “Move joints” under the photo and drag them; the part’s box follows.</Hint>
    </Section>
  );
}

interface NumberProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step?: number;
  readonly testId?: string;
  onPut(value: number): void;
}

/** A number that is put when it is done: by Enter, by leaving the field, or by its arrows. */
export function NumberField({ label, value, least, most, step = 1, testId, onPut }: NumberProps) {
  const shown = String(Math.round(value * 10) / 10);
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown]);
  const put = (wanted: string) => {
    const number = Number(wanted);
    if (wanted.trim() === '' || !Number.isFinite(number)) setText(shown);
    else if (wanted !== shown) onPut(Math.max(least, Math.min(most, number)));
  };
  return (
    <label>
      {label}
      <input
        type="number"
        value={text}
        min={least}
        max={most}
        step={step}
        data-testid={testId}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => put(text)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') put(text);
          if (event.key === 'Escape') setText(shown);
        }}
      />
    </label>
  );
}
