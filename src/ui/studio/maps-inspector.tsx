/** Inspector of the maps: which map, what it is compared with and how, the values under the pointer, what the colours mean. */
import { PART_IDS, type PartId } from '../../geometry/body.ts';
import { COMPARE_MODES, MAP_IDS, type MapChoice, type ViewSlice } from '../../store/view-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import fields from '../edit/fields.module.css';
import { LightBall } from '../kit/light-ball.tsx';
import { Hint, Readout, Section, Toggle } from '../kit/readout.tsx';
import { TabList } from '../kit/tab-list.tsx';
import { COMPARE_NAMES, formatCount, formatVector, MAP_NAMES, PART_NAMES, SIDED_MAPS } from '../words.ts';
import styles from './maps-inspector.module.css';

const front = { side: 'front' } as const;

/** A part that lies on the chosen one, to be compared with it. */
const NEIGHBOURS: Readonly<Record<PartId, PartId>> = {
  head: 'upperBody',
  upperBody: 'head',
  leftUpperArm: 'leftForearm',
  leftForearm: 'leftUpperArm',
  rightUpperArm: 'rightForearm',
  rightForearm: 'rightUpperArm',
  leftThigh: 'leftShin',
  leftShin: 'leftThigh',
  rightThigh: 'rightShin',
  rightShin: 'rightThigh',
  leftFoot: 'leftShin',
  rightFoot: 'rightShin',
};

const COMPARE_HINTS = {
  wipe: 'Drag the seam, or move it by the arrow keys.',
  blend: 'Both at once; the slider says how much of the second.',
  difference: 'Normals by the angle between them, depths by their distance, all else by brightness.',
} as const;

export function MapsInspector() {
  const { left, right, mode, blend, probe, part } = useAppState((s) => ({
    left: s.maps.left,
    right: s.maps.right,
    mode: s.maps.mode,
    blend: s.maps.blend,
    part: s.part,
    probe: s.probe,
  }));
  const { setMaps } = useActions();
  const shown = [left, right].map((choice) => choice?.map);
  const normals = ['normals', 'coarseNormals', 'partNormals'].some((map) => shown.includes(map as never));
  const questions: readonly (readonly [id: string, words: string, maps: Partial<ViewSlice['maps']>])[] = [
    [
      'parts',
      'What the part network added',
      {
        left: { map: 'coarseNormals', ...front },
        right: { map: 'partNormals', ...front },
        mode: 'difference',
      },
    ],
    [
      'overlap',
      'Where two parts disagree',
      {
        left: { map: 'partNormals', ...front, part },
        right: { map: 'partNormals', ...front, part: NEIGHBOURS[part] },
        mode: 'difference',
      },
    ],
    [
      'depth',
      'What fine depth changed',
      { left: { map: 'coarseDepth', ...front }, right: { map: 'depth', ...front }, mode: 'difference' },
    ],
  ];
  return (
    <>
      <Section title="Map">
        <MapPicker name="left" choice={left} onChoose={(choice) => setMaps({ left: choice })} />
      </Section>
      {shown.includes('relit') && (
        <Section title="Light">
          <div className={styles.legend}>
            <LightBall />
            <Hint>Drag the light. It lights the merged normals, nothing else.</Hint>
          </div>
        </Section>
      )}
      <Section title="Compare">
        <Toggle
          label="With a second map"
          on={right !== null}
          onToggle={() => setMaps({ right: right ? null : { map: 'photo', side: 'front' } })}
        />
        {right && (
          <>
            <TabList
              label="How the two are put beside each other"
              small
              chosen={mode}
              items={COMPARE_MODES.map((id) => ({ id, label: COMPARE_NAMES[id], testId: `compare-${id}` }))}
              onChoose={(id) => setMaps({ mode: id })}
            />
            {mode === 'blend' && (
              <label className={styles.blend}>
                <span>First</span>
                <input
                  type="range"
                  min={0}
                  max={1}
                  step={0.01}
                  value={blend}
                  aria-label="Share of the second map"
                  aria-valuetext={`${Math.round(blend * 100)} %`}
                  data-testid="blend"
                  onChange={(event) => setMaps({ blend: Number(event.currentTarget.value) })}
                />
                <span>Second</span>
              </label>
            )}
            <Hint>{COMPARE_HINTS[mode]}</Hint>
            <MapPicker name="right" choice={right} onChoose={(choice) => setMaps({ right: choice })} />
          </>
        )}
        <ul className={styles.questions}>
          {questions.map(([id, words, maps]) => (
            <li key={id}>
              <button type="button" data-testid={`question-${id}`} onClick={() => setMaps(maps)}>
                {words}
              </button>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Under the pointer">
        {probe ? (
          <Readout
            rows={[
              ['Pixel', `${probe.at.column}, ${probe.at.row}`],
              ...(probe.values
                ? ([
                    ['Front normal', formatVector(probe.values.frontNormal)],
                    ['Back normal', formatVector(probe.values.backNormal)],
                    ['Front depth', `${formatCount(probe.values.frontDepthPx)} px`],
                    ['Thickness', `${formatCount(probe.values.backDepthPx - probe.values.frontDepthPx)} px`],
                  ] as const)
                : ([['Here', 'outside the figure']] as const)),
            ]}
          />
        ) : (
          <Hint>Point at the map. Scroll to zoom down to single pixels.</Hint>
        )}
      </Section>
      {normals && (
        <Section title="Normals">
          <div className={styles.legend}>
            <span className={styles.compass} aria-hidden="true" />
            <Hint>
              The colour says which way the surface faces, as the networks code it: red left, green up, blue
              to you.
            </Hint>
          </div>
        </Section>
      )}
    </>
  );
}

function MapPicker({
  name,
  choice,
  onChoose,
}: {
  name: string;
  choice: MapChoice;
  onChoose(c: MapChoice): void;
}) {
  const chosen = useAppState((s) => s.part);
  return (
    <>
      <TabList
        label={`Map, ${name}`}
        classes={{ row: styles.maps, item: styles.map }}
        chosen={choice.map}
        items={MAP_IDS.map((id) => ({ id, label: MAP_NAMES[id], testId: `map-${name}-${id}` }))}
        onChoose={(map) => onChoose({ ...choice, map })}
      />
      {choice.map === 'partNormals' && (
        <div className={fields.fields}>
          <label>
            Part
            <select
              value={choice.part ?? chosen}
              data-testid={`map-${name}-part`}
              onChange={(event) => onChoose({ ...choice, part: event.currentTarget.value as PartId })}
            >
              {PART_IDS.map((id) => (
                <option key={id} value={id}>
                  {PART_NAMES[id]}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      {SIDED_MAPS.includes(choice.map) && (
        <TabList
          label={`Side, ${name}`}
          small
          chosen={choice.side}
          items={[
            { id: 'front', label: 'Front', testId: `map-${name}-front` },
            { id: 'back', label: 'Back', testId: `map-${name}-back` },
          ]}
          onChoose={(side) => onChoose({ ...choice, side })}
        />
      )}
    </>
  );
}
