/** A point that was clicked, in any view: where it is in the photo, who saw it, and each stage's value there; as text, too. */
import { useState } from 'react';
import type { PointReport } from '../../client/digitizer-api.ts';
import { DEFAULT_HEIGHT_CM } from '../../store/model-slice.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Hint, Readout, Section } from '../kit/readout.tsx';
import { formatVector, PART_NAMES } from '../words.ts';
import styles from './fields.module.css';

type Rows = readonly (readonly [name: string, value: string])[];

/** Azimuth to the person's left, and elevation, degrees. */
function angles([x, y, z]: readonly [number, number, number]): string {
  const degrees = (rad: number) => Math.round((rad * 180) / Math.PI);
  return `${degrees(Math.atan2(x, z))}° across, ${degrees(Math.asin(Math.max(-1, Math.min(1, y))))}° up`;
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

/** Typeset: a minus that is no hyphen, and does not end a line. */
const typeset = (value: string) => value.replace(/(^|[\s,])-(?=\d)/g, '$1\u2212');

function rowsOf(
  report: PointReport,
  vertex: { seen: number; confidence: number } | null,
  heightCm: number,
): Rows {
  const { photo, colour, matte, parts, coarse, merged, turnedDeg, depth } = report;
  const mmPerPx = report.mmPerPx === null ? null : (report.mmPerPx * heightCm) / DEFAULT_HEIGHT_CM;
  const mm = (px: number) =>
    mmPerPx === null ? `${Math.round(px)} px` : `${Math.round(px)} px, about ${Math.round(px * mmPerPx)} mm`;
  return [
    ['Pixel in the photo', photo ? photo.join(', ') : 'beside it'],
    ['Pixel on the canvas', `${report.column}, ${report.row}`],
    ['Colour', colour.join(', ')],
    ['Is the person', percent(matte)],
    ...parts.map(({ part, weight }): [string, string] => [PART_NAMES[part], `weight ${weight.toFixed(2)}`]),
    ...parts
      .slice(0, 2)
      .map(({ part, front }): [string, string] => [
        `Front normal, ${PART_NAMES[part].toLowerCase()}`,
        formatVector(front),
      ]),
    ...(coarse ? ([['Front normal, coarse', formatVector(coarse.front)]] as const) : []),
    ...(merged
      ? ([
          ['Front normal, merged', formatVector(merged.front)],
          ['It faces', angles(merged.front)],
          ['Back normal, merged', formatVector(merged.back)],
        ] as const)
      : []),
    ...(turnedDeg === null ? [] : ([['Turned from coarse', `${turnedDeg.toFixed(1)}°`]] as const)),
    ...(coarse && depth
      ? ([['Front, coarse, from the middle', mm(coarse.frontDepthPx - 1024)]] as const)
      : []),
    ...(depth
      ? ([
          ['Front, fine, from the middle', mm(depth.frontPx - 1024)],
          ['Thickness', mm(depth.backPx - depth.frontPx)],
        ] as const)
      : ([['Depth', 'outside the figure']] as const)),
    ...(vertex
      ? ([
          ['Seen in the photo', vertex.seen >= 128 ? 'yes' : 'guessed'],
          ['Confidence', percent(vertex.confidence / 255)],
        ] as const)
      : []),
  ];
}

export function ExplainSection() {
  const { explained, name, heightCm } = useAppState((s) => ({
    explained: s.explained,
    name: s.input?.fileName ?? '',
    heightCm: s.input?.heightCm ?? DEFAULT_HEIGHT_CM,
  }));
  const { explain } = useActions();
  const [copied, setCopied] = useState(false);
  if (!explained) return null;
  const { report, vertex, asked } = explained;
  const rows = report && rowsOf(report, vertex, heightCm);
  const text = rows && [name, ...rows.map(([key, value]) => `${key}: ${value}`)].join('\n');
  return (
    <Section title="This point">
      <div data-testid="explained">
        {rows ? (
          <Readout rows={rows.map(([name, value]) => [name, typeset(value)])} />
        ) : (
          <Hint>{asked ? 'Reading…' : 'The maps of this figure are not there: make them first.'}</Hint>
        )}
      </div>
      <div className={styles.buttons}>
        {text && (
          <button
            type="button"
            data-testid="explain-copy"
            onClick={() => {
              navigator.clipboard.writeText(text).then(
                () => setCopied(true),
                () => setCopied(false),
              );
            }}
          >
            {copied ? 'Copied' : 'Copy as text'}
          </button>
        )}
        <button type="button" onClick={() => void explain(null)}>
          Close
        </button>
      </div>
    </Section>
  );
}
