/** The handle of a seam between two pictures that lie on each other: drag it, or move it by arrow keys. */
import { useRef } from 'react';
import styles from './seam.module.css';

export function Seam(props: {
  /** Share of the width, 0..1. */
  readonly at: number;
  readonly label: string;
  onMove(at: number): void;
}) {
  const { at, label, onMove } = props;
  const line = useRef<HTMLDivElement>(null);
  const move = (to: number) => onMove(Math.min(1, Math.max(0, to)));
  return (
    <div
      ref={line}
      className={styles.seam}
      style={{ left: `${at * 100}%` }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(at * 100)}
      data-testid="seam"
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const box = line.current?.parentElement?.getBoundingClientRect();
        if (box && event.buttons & 1) move((event.clientX - box.left) / box.width);
      }}
      onKeyDown={(event) => {
        const to = {
          ArrowLeft: at - 0.02,
          ArrowRight: at + 0.02,
          Home: 0,
          End: 1,
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        move(to);
      }}
    >
      <i />
    </div>
  );
}
