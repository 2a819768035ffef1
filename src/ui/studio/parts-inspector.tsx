/** Inspector of the parts: the twelve parts, which side is relit, the values under the pointer, the light. */
import { KIND_OF_PART, PART_IDS } from '../../geometry/body.ts';
import { cropFromCanvas, cropSize } from '../../scene/part-frame.ts';
import { angleDeg, COARSE_CODING, canvasCoding, normalAt, shareAt } from '../../scene/relight.ts';
import { useActions, useAppState, usePixels } from '../app-context.tsx';
import { BoxFields } from '../edit/box-fields.tsx';
import { LightBall } from '../kit/light-ball.tsx';
import { Hint, Readout, Section } from '../kit/readout.tsx';
import { TabList } from '../kit/tab-list.tsx';
import { formatVector, KIND_NAMES, PART_NAMES } from '../words.ts';
import styles from './parts-inspector.module.css';

export function PartsInspector() {
  const { part, side, reports } = useAppState((s) => ({
    part: s.part,
    side: s.side,
    reports: s.partReports,
  }));
  const { selectPart, selectSide } = useActions();
  return (
    <>
      <Section title="Parts" aside="joint confidence">
        <TabList
          label="Part"
          classes={{ row: styles.parts, item: styles.part }}
          chosen={part}
          onChoose={selectPart}
          items={PART_IDS.map((id) => {
            const report = reports.find((r) => r.part === id);
            return {
              id,
              kind: KIND_OF_PART[id],
              testId: `part-${id}`,
              title: KIND_NAMES[KIND_OF_PART[id]],
              label: (
                <>
                  <i />
                  <span>{PART_NAMES[id]}</span>
                  <s>{report ? (report.estimated ? 'guessed' : report.confidence.toFixed(2)) : ''}</s>
                </>
              ),
            };
          })}
        />
      </Section>
      <BoxFields />
      <Section title="Light">
        <div className={styles.light}>
          <LightBall />
          <div className={styles.side}>
            <TabList
              label="Side to relight"
              small
              chosen={side}
              items={[
                { id: 'front', label: 'Front' },
                { id: 'back', label: 'Back' },
              ]}
              onChoose={selectSide}
            />
            <Hint>Drag the light. It relights the predicted normals, nothing else.</Hint>
          </div>
        </div>
      </Section>
      <UnderPointer />
    </>
  );
}

function UnderPointer() {
  const { part, side, onCanvas, report } = useAppState((s) => ({
    part: s.part,
    side: s.side,
    onCanvas: s.pointer,
    report: s.partReports.find((r) => r.part === s.part),
  }));
  const coarse = usePixels({ kind: 'partCoarse', part }).value;
  const normals = usePixels({ kind: 'partNormals', part, side }).value;
  const weight = usePixels({ kind: 'partWeight', part }).value;
  const [x, y] = report && onCanvas ? cropFromCanvas(report, onCanvas.x, onCanvas.y) : [-1, -1];
  const { width, height } = cropSize(part);
  // Of a point beside the part's crop nothing is known here.
  const point = x >= 0 && y >= 0 && x < width && y < height ? { x, y } : null;
  const [column, row] = point ? [Math.floor(x), Math.floor(y)] : [-1, -1];
  const fine = normals && normalAt(normals, canvasCoding(side), column, row);
  const guide = coarse && normalAt(coarse, COARSE_CODING, column, row);
  const share = weight && shareAt(weight, column, row);
  return (
    <Section title="Under the pointer">
      {point ? (
        <Readout
          rows={[
            ['Pixel in the crop', `${column}, ${row}`],
            ['Pixel of the canvas', onCanvas ? `${Math.floor(onCanvas.x)}, ${Math.floor(onCanvas.y)}` : '–'],
            [side === 'front' ? 'Front normal' : 'Back normal', fine ? formatVector(fine) : '–'],
            [
              'Turned from coarse',
              fine && guide && side === 'front' ? `${angleDeg(fine, guide).toFixed(1)}°` : '–',
            ],
            ['Weight', share === null ? '–' : share.toFixed(2)],
          ]}
        />
      ) : (
        <Hint>Point into a pane: all show the same place. A click says all about it.</Hint>
      )}
      {report && !point && (
        <Readout
          rows={[
            ['Network', KIND_NAMES[KIND_OF_PART[part]]],
            ['Photo pixels per crop pixel', report.scale.toFixed(2)],
          ]}
        />
      )}
    </Section>
  );
}
