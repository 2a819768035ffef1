/** The measure on the figure: two ends, the line between them and its length. Follows the camera without React. */
import { type RefObject, useCallback, useImperativeHandle, useRef } from 'react';
import type { ScreenPoint } from '../../scene/screen-points.tsx';
import styles from './ruler.module.css';

export interface RulerHandle {
  place(points: readonly ScreenPoint[]): void;
}

export function Ruler({ words, handle }: { words: string | null; handle: RefObject<RulerHandle | null> }) {
  const svg = useRef<SVGSVGElement>(null);
  const label = useRef<HTMLOutputElement>(null);
  const place = useCallback((points: readonly ScreenPoint[]) => {
    const ends = svg.current?.querySelectorAll('circle') ?? [];
    for (const [i, end] of [...ends].entries()) {
      const at = points[Math.floor(i / 2)];
      end.style.display = at ? '' : 'none';
      if (at) end.setAttribute('cx', String(at[0]));
      if (at) end.setAttribute('cy', String(at[1]));
    }
    const [from, to] = points;
    for (const line of svg.current?.querySelectorAll('line') ?? []) {
      line.style.display = to ? '' : 'none';
      if (!to) continue;
      for (const [name, value] of Object.entries({ x1: from[0], y1: from[1], x2: to[0], y2: to[1] })) {
        line.setAttribute(name, String(value));
      }
    }
    if (label.current && to) {
      label.current.style.left = `${(from[0] + to[0]) / 2}px`;
      label.current.style.top = `${(from[1] + to[1]) / 2}px`;
    }
  }, []);
  useImperativeHandle(handle, () => ({ place }), [place]);
  return (
    <div className={styles.ruler}>
      <svg ref={svg} aria-hidden="true">
        <line className={styles.halo} style={{ display: 'none' }} />
        <line style={{ display: 'none' }} />
        {[0, 1].map((end) => (
          <g key={end}>
            <circle className={styles.halo} r={5} style={{ display: 'none' }} />
            <circle r={4} style={{ display: 'none' }} />
          </g>
        ))}
      </svg>
      <output ref={label} className={styles.label} hidden={words === null} data-testid="ruler-length">
        {words}
      </output>
    </div>
  );
}
