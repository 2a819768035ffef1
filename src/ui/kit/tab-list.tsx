/** A row of tabs or of exclusive choices: arrow keys move, one tab stop. */
import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import styles from './tab-list.module.css';

export interface TabItem<T extends string> {
  readonly id: T;
  readonly label: ReactNode;
  readonly testId?: string;
  readonly title?: string;
  /** For the style sheet of a caller that brings its own look. */
  readonly kind?: string;
}

interface Props<T extends string> {
  readonly label: string;
  readonly items: readonly TabItem<T>[];
  readonly chosen: T;
  onChoose(id: T): void;
  /** Id of the panel the tabs switch; absent: a radio group. */
  readonly panel?: string;
  readonly small?: boolean;
  /** A look of the caller's own instead of the segmented bar. */
  readonly classes?: { readonly row: string; readonly item: string };
}

export function TabList<T extends string>(props: Props<T>) {
  const { label, items, chosen, onChoose, panel, small, classes } = props;
  const row = useRef<HTMLDivElement>(null);
  const at = items.findIndex((item) => item.id === chosen);

  function move(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const edge = { Home: 0, End: items.length - 1 }[event.key];
    if (step === undefined && edge === undefined) return;
    event.preventDefault();
    const next = edge ?? (at + (step ?? 0) + items.length) % items.length;
    onChoose(items[next].id);
    row.current?.querySelectorAll('button')[next]?.focus();
  }

  const group = panel ? 'tablist' : 'radiogroup';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the role is tablist or radiogroup, both take keys
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a label
    <div
      ref={row}
      className={classes?.row ?? styles.row}
      data-small={small}
      role={group}
      aria-label={label}
      onKeyDown={move}
    >
      {items.map((item) => {
        const on = item.id === chosen;
        return (
          <button
            key={item.id}
            type="button"
            role={panel ? 'tab' : 'radio'}
            id={panel ? `tab-${item.id}` : undefined}
            aria-controls={panel}
            {...(panel ? { 'aria-selected': on } : { 'aria-checked': on })}
            tabIndex={on ? 0 : -1}
            className={classes?.item ?? styles.tab}
            title={item.title}
            data-kind={item.kind}
            data-testid={item.testId}
            onClick={() => onChoose(item.id)}
          >
            {item.label}
          </button>
        );
      })}
    </div>
  );
}
