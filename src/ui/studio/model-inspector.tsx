/** Inspector of the figure: how it is shown, how tall it is, how fine its surface is, and what the run says about it. */
import { useEffect, useRef } from 'react';
import { ballPixels } from '../../scene/matcaps.ts';
import { EXPOSED, LAMP_LIT } from '../../scene/shading-facts.ts';
import { DEFAULT_HEIGHT_CM, LEAST_HEIGHT_CM, MOST_HEIGHT_CM } from '../../store/model-slice.ts';
import { BACKDROPS, MATCAPS, type Matcap, SHADINGS } from '../../store/model-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import fields from '../edit/fields.module.css';
import { NumberField } from '../edit/joint-fields.tsx';
import { LightBall } from '../kit/light-ball.tsx';
import { Hint, Readout, Section } from '../kit/readout.tsx';
import { TabList } from '../kit/tab-list.tsx';
import {
  BACKDROP_NAMES,
  formatBytes,
  formatCount,
  MATCAP_NAMES,
  machineName,
  packName,
  SHADING_NAMES,
} from '../words.ts';
import { MeshSizeChoice } from './mesh-size-choice.tsx';
import styles from './model-inspector.module.css';

const DEPTHS = ['8', '9', '10', '11'] as const;

const SHADING_HINTS = {
  colour: 'Colours of the photo in front; the back is coloured by a careful guess.',
  normals: 'Which way the surface faces: red right, green up, blue front.',
  clay: 'The shape alone, in one material under a lamp that you can move.',
  matcap: 'The shape alone, in a material with its own fixed light.',
  wireframe: 'The triangles. From afar the tone says how dense they are; closer they come apart.',
  points: 'The corners of the triangles, coloured like the figure.',
  seen: 'Which surface the photo shows, and which had to be guessed.',
  confidence:
    'How far each spot can be believed: most where the photo shows it, half where it is guessed beside a computed point, least where the surface was filled in between points.',
  parts: 'Which part network has most to say where. A click chooses the part, here and under Parts.',
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
        {shading === 'matcap' && <MatcapChoice />}
        {LAMP_LIT.includes(shading) && (
          <div className={styles.lamp}>
            <LightBall />
            <Hint>{SHADING_HINTS[shading]} It stays with you while the figure turns.</Hint>
          </div>
        )}
        {!LAMP_LIT.includes(shading) && <Hint>{SHADING_HINTS[shading]}</Hint>}
      </Section>
      <GroundSection />
      <HeightSection />
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

function Ball({ matcap }: { matcap: Matcap }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(ballPixels(matcap, BALL_PX), BALL_PX), 0, 0);
  }, [matcap]);
  return <canvas ref={canvas} width={BALL_PX} height={BALL_PX} />;
}
/** Twice its size on the page: sharp on dense screens. */
const BALL_PX = 64;

function MatcapChoice() {
  const matcap = useAppState((s) => s.matcap);
  const { setMatcap } = useActions();
  return (
    <TabList
      label="Material"
      classes={{ row: styles.balls, item: styles.ball }}
      chosen={matcap}
      items={MATCAPS.map((id) => ({
        id,
        testId: `matcap-${id}`,
        label: (
          <>
            <Ball matcap={id} />
            <span>{MATCAP_NAMES[id]}</span>
          </>
        ),
      }))}
      onChoose={setMatcap}
    />
  );
}

function GroundSection() {
  const { ground, shading } = useAppState((s) => ({ ground: s.ground, shading: s.shading }));
  const { setGround } = useActions();
  const stops = ground.exposure;
  return (
    <Section title="Background and light">
      <TabList
        label="Background"
        small
        chosen={ground.backdrop}
        items={BACKDROPS.map((id) => ({ id, label: BACKDROP_NAMES[id], testId: `backdrop-${id}` }))}
        onChoose={(backdrop) => setGround({ backdrop })}
      />
      {EXPOSED.includes(shading) && (
        <label className={styles.exposure}>
          <span>Exposure</span>
          <input
            type="range"
            min={-2}
            max={2}
            step={0.1}
            value={stops}
            aria-valuetext={`${stops.toFixed(1)} stops`}
            data-testid="exposure"
            onChange={(event) => setGround({ exposure: Number(event.currentTarget.value) })}
            onDoubleClick={() => setGround({ exposure: 0 })}
          />
          <output>{stops > 0 ? `+${stops.toFixed(1)}` : stops.toFixed(1).replace('-', '−')}</output>
        </label>
      )}
    </Section>
  );
}

function HeightSection() {
  const heightCm = useAppState((s) => s.input?.heightCm ?? null);
  const { setHeight } = useActions();
  return (
    <Section title="Height of the person" aside={heightCm === null ? 'not known' : undefined}>
      <div className={fields.fields}>
        <NumberField
          {...{
            label: 'Centimetres, from sole to crown',
            value: heightCm ?? DEFAULT_HEIGHT_CM,
            least: LEAST_HEIGHT_CM,
            most: MOST_HEIGHT_CM,
            testId: 'height-cm',
          }}
          onPut={(cm) => void setHeight(cm)}
        />
      </div>
      <Hint>Measures, the floor’s squares and saved files go by it; 170 cm until you say otherwise.</Hint>
    </Section>
  );
}
