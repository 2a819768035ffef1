/** Inspector of the photo: what to show on it, the joint under the pointer, where pose and mask come from. */
import { useRef } from 'react';
import { KEYPOINT_IDS } from '../../geometry/body.ts';
import { useActions, useAppState, useResource } from '../app-context.tsx';
import { JointFields } from '../edit/joint-fields.tsx';
import { Hint, Readout, Section, Toggle } from '../kit/readout.tsx';
import styles from '../kit/setting-row.module.css';
import { keypointName, MATTE_SOURCE_NAMES } from '../words.ts';

export function PhotoInspector() {
  const { overlays, joint, keypointsId } = useAppState((s) => ({
    overlays: s.overlays,
    joint: s.joint,
    keypointsId: s.keypoints,
  }));
  const { toggleOverlay } = useActions();
  const keypoints = useResource(keypointsId);
  return (
    <>
      <Section title="Show">
        <div>
          <Toggle label="Cut-out" on={overlays.matte} onToggle={() => toggleOverlay('matte')} />
          <Toggle label="Skeleton" on={overlays.skeleton} onToggle={() => toggleOverlay('skeleton')} />
          <Toggle label="Part boxes" on={overlays.boxes} onToggle={() => toggleOverlay('boxes')} />
        </div>
      </Section>
      {keypoints && (
        <Section title="Under the pointer">
          {joint === null ? (
            <Hint>Point at a joint to read it. Left and right are the person’s own.</Hint>
          ) : (
            <Readout
              rows={[
                ['Joint', keypointName(KEYPOINT_IDS[joint])],
                ['Pixel', `${keypoints[joint * 3].toFixed(1)}, ${keypoints[joint * 3 + 1].toFixed(1)}`],
                ['Confidence', keypoints[joint * 3 + 2].toFixed(2)],
              ]}
            />
          )}
        </Section>
      )}
      <CutOutSource />
      <JointFields />
      <Section title="Brought along">
        <Extra kind="pose" />
        <Extra kind="mask" />
      </Section>
    </>
  );
}

/** Where the cut-out comes from, and one click to each other way. */
function CutOutSource() {
  const { state, hasMask } = useAppState((s) => ({
    state: s.stages.matte.state,
    hasMask: s.input?.mask != null,
  }));
  const { chooseMatte } = useActions();
  if (state.kind !== 'done' || hasMask) return null;
  const now: string = state.detail;
  const name = MATTE_SOURCE_NAMES[now as keyof typeof MATTE_SOURCE_NAMES] ?? now;
  const others = Object.entries(MATTE_SOURCE_NAMES).filter(([source]) => source !== now);
  return (
    <Section title="Cut out by">
      <div className={styles.row}>
        <span>
          {name}
          <small>Something missing or too much? Try another way.</small>
        </span>
      </div>
      <div className={styles.row}>
        {others.map(([source, words]) => (
          <button
            key={source}
            type="button"
            onClick={() => void chooseMatte(source as keyof typeof MATTE_SOURCE_NAMES)}
          >
            {words.replace(/^./, (first) => first.toUpperCase())}
          </button>
        ))}
      </div>
    </Section>
  );
}

const EXTRAS = {
  pose: { name: 'Pose', none: 'estimated here', some: 'from your file', accept: '.json,application/json' },
  mask: { name: 'Mask', none: 'found here', some: 'from your file', accept: 'image/*,.heic,.heif' },
} as const;

function Extra({ kind }: { kind: 'pose' | 'mask' }) {
  const has = useAppState((s) => (kind === 'pose' ? s.input?.poseJson : s.input?.mask) != null);
  const { addExtra, dropExtra } = useActions();
  const picker = useRef<HTMLInputElement>(null);
  const words = EXTRAS[kind];
  return (
    <div className={styles.row}>
      <span>
        {words.name} <small>{has ? words.some : words.none}</small>
      </span>
      {has && (
        <button type="button" onClick={() => void dropExtra(kind)} aria-label={`Remove the ${kind} file`}>
          Remove
        </button>
      )}
      <button type="button" onClick={() => picker.current?.click()}>
        {has ? 'Change' : kind === 'pose' ? 'Use keypoints JSON' : 'Use a mask'}
      </button>
      <input
        ref={picker}
        className="visually-hidden"
        type="file"
        accept={words.accept}
        tabIndex={-1}
        aria-label={`Choose a ${kind} file`}
        data-testid={`${kind}-input`}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file) void addExtra(kind, file);
        }}
      />
    </div>
  );
}
