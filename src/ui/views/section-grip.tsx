/** The grip of the section: beside the figure, dragged along the way the plane moves on screen; arrow keys do it too. */
import { type PointerEvent, type RefObject, useCallback, useImperativeHandle, useRef } from 'react';
import type { GripPlace } from '../../scene/section.tsx';
import type { SectionState } from '../../store/model-state.ts';
import { useActions } from '../app-context.tsx';
import { SECTION_NAMES } from '../words.ts';
import styles from './section-grip.module.css';

export interface GripHandle {
  place(place: GripPlace): void;
}

/** The plane moves to or from the eye when its way on screen is shorter than this, px: then a drag up moves it on. */
const LEAST_WAY_PX = 60;
/** Drag from one end to the other then, px. */
const UPRIGHT_WAY_PX = 300;

export function SectionGrip({
  section,
  handle,
}: {
  section: SectionState;
  handle: RefObject<GripHandle | null>;
}) {
  const { setSection } = useActions();
  const grip = useRef<HTMLDivElement>(null);
  const way = useRef<readonly [x: number, y: number]>([0, -UPRIGHT_WAY_PX]);
  const last = useRef<{ readonly x: number; readonly y: number; readonly at: number } | null>(null);
  const place = useCallback(({ x, y, wayX, wayY }: GripPlace) => {
    if (grip.current) {
      grip.current.style.transform = `translate(${x}px, ${y}px)`;
      grip.current.style.visibility = 'visible';
      grip.current.style.setProperty('--turn', `${Math.atan2(wayY, wayX)}rad`);
    }
    way.current = Math.hypot(wayX, wayY) < LEAST_WAY_PX ? [0, -UPRIGHT_WAY_PX] : [wayX, wayY];
  }, []);
  useImperativeHandle(handle, () => ({ place }), [place]);

  function move(event: PointerEvent) {
    const from = last.current;
    if (!from || !(event.buttons & 1)) return;
    const [x, y] = way.current;
    const along = ((event.clientX - from.x) * x + (event.clientY - from.y) * y) / (x * x + y * y);
    setSection({ at: from.at + along });
  }

  return (
    <div
      ref={grip}
      className={styles.grip}
      role="slider"
      tabIndex={0}
      aria-label={`Section, ${SECTION_NAMES[section.axis].toLowerCase()}`}
      aria-orientation={section.axis === 'x' ? 'horizontal' : 'vertical'}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(section.at * 100)}
      aria-valuetext={`${Math.round(section.at * 100)} % of the figure`}
      data-testid="section-grip"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        last.current = { x: event.clientX, y: event.clientY, at: section.at };
      }}
      onPointerMove={move}
      onPointerUp={() => {
        last.current = null;
      }}
      onKeyDown={(event) => {
        const to = {
          ArrowLeft: section.at - 0.01,
          ArrowDown: section.at - 0.01,
          ArrowRight: section.at + 0.01,
          ArrowUp: section.at + 0.01,
          PageDown: section.at - 0.1,
          PageUp: section.at + 0.1,
          Home: 0,
          End: 1,
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        setSection({ at: to });
      }}
    >
      <i />
    </div>
  );
}
