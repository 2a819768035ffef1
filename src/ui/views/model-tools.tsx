/** The tools of the figure: measure, section, before and now, floor squares; and what the chosen ones need, above the figure. */
import type { MeshPoint, SectionState } from '../../store/model-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import { TabList } from '../kit/tab-list.tsx';
import styles from '../kit/tools.module.css';
import { formatLength, SECTION_NAMES } from '../words.ts';

/** Distance in the mesh's unit. */
export const lengthOf = ([a, b]: readonly MeshPoint[]) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

export function useModelTools() {
  const { measuring, section, comparing, grid, before } = useAppState((s) => ({
    measuring: s.measuring,
    section: s.section,
    comparing: s.comparing,
    grid: s.ground.grid,
    before: s.before,
  }));
  const { setMeasuring, setSection, setComparing, setGround } = useActions();
  return [
    {
      id: 'measure',
      icon: 'ruler',
      key: 'm',
      name: 'Measure between two points',
      on: measuring !== null,
      toggle: () => setMeasuring(measuring === null),
    },
    {
      id: 'section',
      icon: 'section',
      key: 'x',
      name: 'Cut the figure open',
      on: section !== null,
      toggle: () => setSection(section ? null : {}),
    },
    // There is nothing to compare before something was made again.
    ...(before
      ? [
          {
            id: 'compare',
            icon: 'compare',
            key: 'b',
            name: 'Compare with the figure before the last change',
            on: comparing,
            toggle: () => setComparing(!comparing),
          } as const,
        ]
      : []),
    {
      id: 'grid',
      icon: 'grid',
      key: 'g',
      name: 'Squares of 10 cm on the floor',
      on: grid,
      toggle: () => setGround({ grid: !grid }),
    },
  ] as const;
}

export function ModelTools() {
  const tools = useModelTools();
  return (
    <div
      className={styles.column}
      role="toolbar"
      aria-label="Tools of the figure"
      aria-orientation="vertical"
    >
      {tools.map(({ id, icon, key, name, on, toggle }) => (
        <button
          key={id}
          type="button"
          aria-pressed={on}
          aria-label={name}
          title={`${name} (${key.toUpperCase()})`}
          data-testid={`tool-${id}`}
          onClick={toggle}
        >
          <Icon name={icon} />
        </button>
      ))}
    </div>
  );
}

/** What the chosen tools need. */
export function ToolOptions({ mmPerUnit }: { mmPerUnit: number }) {
  const { measuring, section } = useAppState((s) => ({ measuring: s.measuring, section: s.section }));
  if (!measuring && !section) return null;
  return (
    <div className={styles.options}>
      {section && <SectionOptions section={section} />}
      {measuring && <MeasureOptions points={measuring} mmPerUnit={mmPerUnit} />}
    </div>
  );
}

function SectionOptions({ section }: { section: SectionState }) {
  const { setSection } = useActions();
  return (
    <div className={styles.row}>
      <TabList
        label="The section moves along"
        small
        chosen={section.axis}
        items={(['x', 'y', 'z'] as const).map((axis) => ({
          id: axis,
          label: SECTION_NAMES[axis],
          testId: `section-${axis}`,
        }))}
        onChoose={(axis) => setSection({ axis })}
      />
      <input
        type="range"
        min={0}
        max={1}
        step={0.005}
        value={section.at}
        aria-label="Place of the section"
        aria-valuetext={`${Math.round(section.at * 100)} % of the figure`}
        data-testid="section-at"
        onChange={(event) => setSection({ at: Number(event.currentTarget.value) })}
      />
      <button
        type="button"
        aria-pressed={section.flipped}
        data-testid="section-flip"
        onClick={() => setSection({ flipped: !section.flipped })}
      >
        Other half
      </button>
    </div>
  );
}

function MeasureOptions({ points, mmPerUnit }: { points: readonly MeshPoint[]; mmPerUnit: number }) {
  const { heightCm } = useAppState((s) => ({ heightCm: s.input?.heightCm ?? null }));
  const { setMeasuring } = useActions();
  const [from, to] = points;
  const part = (axis: 0 | 1 | 2) => `${((Math.abs(to[axis] - from[axis]) * mmPerUnit) / 10).toFixed(1)}`;
  return (
    <div className={styles.row}>
      <p role="status" data-testid="measure-words">
        {to ? (
          <>
            <b>{formatLength(lengthOf(points) * mmPerUnit)}</b>
            <span className={styles.more}>
              {' '}
              {part(0)} across, {part(1)} up, {part(2)} deep
            </span>
            {heightCm === null && <span className={styles.more}>, if 170 cm tall</span>}
          </>
        ) : from ? (
          'And where to?'
        ) : (
          'Measure from where? Click the figure.'
        )}
      </p>
      {points.length > 0 && (
        <button type="button" data-testid="measure-clear" onClick={() => setMeasuring(true)}>
          Clear
        </button>
      )}
    </div>
  );
}
