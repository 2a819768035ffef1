/** Inspector of the figure: how it is shown, how fine its surface is, and what the run says about it. */
import { SHADINGS } from '../../store/state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Hint, Readout, Section } from '../kit/readout.tsx';
import { TabList } from '../kit/tab-list.tsx';
import { formatBytes, formatCount, machineName, packName, SHADING_NAMES } from '../words.ts';
import { MeshSizeChoice } from './mesh-size-choice.tsx';
import styles from './model-inspector.module.css';

const DEPTHS = ['8', '9', '10', '11'] as const;

const SHADING_HINTS = {
  colour: 'Colours of the photo in front; the back is coloured by a careful guess.',
  normals: 'Which way the surface faces: red right, green up, blue front.',
  clay: 'The shape alone, in one material under a studio lamp.',
  wireframe: 'The triangles. Zoom in to tell them apart.',
  seen: 'Which surface the photo shows, and which had to be guessed.',
  confidence:
    'How far each spot can be believed: most where the photo shows it, half where it is guessed beside a computed point, least where the surface was filled in between points.',
} as const;

export function ModelInspector() {
  const { shading, options, run, busy, fewer } = useAppState((s) => ({
    fewer: s.simplified[s.meshSize]?.report ?? null,
    shading: s.shading,
    options: s.options,
    run: s.run,
    busy: s.run.kind === 'running' || s.run.kind === 'cancelling',
  }));
  const { setShading, setOptions } = useActions();
  const report = run.kind === 'done' ? run.report : null;
  const shown = report && (fewer ?? report);
  return (
    <>
      <Section title="Show as">
        <TabList
          label="Show the figure as"
          classes={{ row: styles.shadings, item: styles.shading }}
          chosen={shading}
          items={SHADINGS.map((id) => ({ id, label: SHADING_NAMES[id], testId: `shading-${id}` }))}
          onChoose={setShading}
        />
        <Hint>{SHADING_HINTS[shading]}</Hint>
      </Section>
      <Section title="Surface detail" aside={`depth ${options.surfaceDepth}`}>
        <TabList
          label="Surface detail, octree depth"
          small
          chosen={String(options.surfaceDepth) as (typeof DEPTHS)[number]}
          items={[
            { id: '8', label: 'Coarse' },
            { id: '9', label: 'Normal' },
            { id: '10', label: 'Fine' },
            { id: '11', label: 'Finest' },
          ]}
          onChoose={(id) => {
            if (!busy) void setOptions({ surfaceDepth: Number(id) });
          }}
        />
        <Hint>Only the surface is made again. Each step finer takes more time and memory.</Hint>
      </Section>
      {report && shown && (
        <>
          <Section title="Triangles" aside="shown and saved">
            <MeshSizeChoice />
          </Section>
          <Section title="Figure">
            <Readout
              rows={[
                [
                  'Triangles',
                  shown === report
                    ? formatCount(report.triangles)
                    : `${formatCount(shown.triangles)} of ${formatCount(report.triangles)}`,
                ],
                ['Vertices', formatCount(shown.vertices)],
                ['Points', formatCount(report.points)],
                [
                  'Surface',
                  shown.boundaryEdges === 0 && shown.nonManifoldEdges === 0
                    ? 'closed'
                    : `${formatCount(shown.boundaryEdges + shown.nonManifoldEdges)} open or bad edges`,
                ],
                ['Pieces', formatCount(shown.components)],
              ]}
            />
          </Section>
          <Section title="Made with">
            <Readout
              rows={[
                ['Machine', machineName(report.machine)],
                ['Pack', packName(report.pack)],
                ['Tiles', `${report.tiles.run} of ${report.tiles.total}, ${report.tileSizePx} px`],
                ...(report.peakDeviceBytes > 0
                  ? ([['Image maps, most', formatBytes(report.peakDeviceBytes)]] as const)
                  : []),
              ]}
            />
            {report.machine.backend === 'wasm' && <Hint>{report.machine.reason}.</Hint>}
          </Section>
        </>
      )}
    </>
  );
}
