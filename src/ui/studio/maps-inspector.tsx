/** Inspector of the maps: which map left and right of the seam, the values under the pointer, what the colours mean. */
import type { MapChoice, MapId } from '../../store/state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Hint, Readout, Section, Toggle } from '../kit/readout.tsx';
import { TabList } from '../kit/tab-list.tsx';
import { formatCount, formatVector } from '../words.ts';
import styles from './maps-inspector.module.css';

const MAPS: readonly (readonly [id: MapId, name: string])[] = [
  ['normals', 'Normals'],
  ['depth', 'Depth'],
  ['coarseNormals', 'Coarse normals'],
  ['coarseDepth', 'Coarse depth'],
  ['photo', 'Photo'],
];

export function MapsInspector() {
  const { left, right, probe } = useAppState((s) => ({
    left: s.maps.left,
    right: s.maps.right,
    probe: s.probe,
  }));
  const { setMaps } = useActions();
  const normals = [left, right].some((m) => m?.map === 'normals' || m?.map === 'coarseNormals');
  const depth = [left, right].some((m) => m?.map === 'depth' || m?.map === 'coarseDepth');
  return (
    <>
      <Section title={right ? 'Left of the seam' : 'Map'}>
        <MapPicker name="left" choice={left} onChoose={(choice) => setMaps({ left: choice })} />
      </Section>
      <Section title="Right of the seam">
        <Toggle
          label="Compare with a second map"
          on={right !== null}
          onToggle={() => setMaps({ right: right ? null : { map: 'photo', side: 'front' } })}
        />
        {right && <MapPicker name="right" choice={right} onChoose={(choice) => setMaps({ right: choice })} />}
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
      {depth && (
        <Section title="Depth">
          <Hint>Bright is near, dark is far, in pixels of the 2048 canvas.</Hint>
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
  return (
    <>
      <TabList
        label={`Map, ${name}`}
        classes={{ row: styles.maps, item: styles.map }}
        chosen={choice.map}
        items={MAPS.map(([id, label]) => ({ id, label, testId: `map-${name}-${id}` }))}
        onChoose={(map) => onChoose({ ...choice, map })}
      />
      {choice.map !== 'photo' && (
        <TabList
          label={`Side, ${name}`}
          small
          chosen={choice.side}
          items={[
            { id: 'front', label: 'Front' },
            { id: 'back', label: 'Back' },
          ]}
          onChoose={(side) => onChoose({ ...choice, side })}
        />
      )}
    </>
  );
}
