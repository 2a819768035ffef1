/**
 * The figure on the first page can be turned: 24 pictures of what this page made of one of its samples.
 * The first picture comes with the page, the others when there is time; a drag or the arrow keys turn it.
 */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import styles from './hero-figure.module.css';

const FRAMES = 24;
const COLUMNS = 6;
const ROWS = FRAMES / COLUMNS;
const SHEET = 'hero/turntable.webp';
/** A drag across the figure's own width is about half a turn, px per frame. */
const PX_PER_FRAME = 14;

export function HeroFigure() {
  const [frame, setFrame] = useState(0);
  const [sheetReady, setSheetReady] = useState(false);
  const drag = useRef<{ x: number; frame: number } | null>(null);

  useEffect(() => {
    const sheet = new Image();
    const timer = setTimeout(() => {
      sheet.src = SHEET;
      sheet.decode().then(
        () => setSheetReady(true),
        () => {},
      );
    }, 600);
    return () => {
      clearTimeout(timer);
      sheet.src = '';
    };
  }, []);

  const turnTo = (to: number) => setFrame(((Math.round(to) % FRAMES) + FRAMES) % FRAMES);

  function move(event: PointerEvent) {
    if (drag.current) turnTo(drag.current.frame - (event.clientX - drag.current.x) / PX_PER_FRAME);
  }

  function key(event: KeyboardEvent) {
    const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    turnTo(frame + step);
  }

  const showSheet = sheetReady && frame !== 0;
  return (
    <figure className={styles.figure}>
      <div
        className={styles.stand}
        role="slider"
        tabIndex={0}
        aria-label="Turn the figure"
        aria-valuemin={0}
        aria-valuemax={345}
        aria-valuenow={frame * (360 / FRAMES)}
        aria-valuetext={`${frame * (360 / FRAMES)} degrees`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.clientX, frame };
        }}
        onPointerMove={move}
        onPointerUp={() => {
          drag.current = null;
        }}
        onPointerCancel={() => {
          drag.current = null;
        }}
        onKeyDown={key}
      >
        <img
          src="hero/front.webp"
          width={296}
          height={720}
          alt=""
          draggable={false}
          style={{ visibility: showSheet ? 'hidden' : undefined }}
        />
        {sheetReady && (
          <span
            className={styles.sheet}
            style={{
              backgroundImage: `url(${SHEET})`,
              backgroundPosition: `${((frame % COLUMNS) / (COLUMNS - 1)) * 100}% ${(Math.floor(frame / COLUMNS) / (ROWS - 1)) * 100}%`,
              visibility: showSheet ? undefined : 'hidden',
            }}
          />
        )}
      </div>
      <figcaption className={styles.caption}>
        <span aria-hidden="true">‹ drag to turn ›</span>
        <small>Made by this page from one of its samples</small>
      </figcaption>
    </figure>
  );
}
