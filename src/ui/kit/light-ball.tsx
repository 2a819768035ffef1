/** A ball with a spot on it: dragging the spot moves the light. Arrow keys do it too. */
import type { KeyboardEvent, PointerEvent } from 'react';
import { useActions, useAppState } from '../app-context.tsx';
import styles from './light-ball.module.css';

export function LightBall() {
  const light = useAppState((s) => s.light);
  const { setLight } = useActions();

  function toPointer(event: PointerEvent<HTMLDivElement>) {
    const box = event.currentTarget.getBoundingClientRect();
    setLight(
      ((event.clientX - box.left) / box.width) * 2 - 1,
      1 - ((event.clientY - box.top) / box.height) * 2,
    );
  }

  function key(event: KeyboardEvent) {
    const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[
      event.key
    ];
    if (!step) return;
    event.preventDefault();
    setLight(light.x + step[0], light.y + step[1]);
  }

  return (
    <div
      className={styles.ball}
      style={{ '--x': `${(light.x + 1) * 50}%`, '--y': `${(1 - light.y) * 50}%` } as React.CSSProperties}
      role="slider"
      tabIndex={0}
      aria-label="Light direction"
      aria-valuemin={-100}
      aria-valuemax={100}
      aria-valuenow={Math.round(light.x * 100)}
      aria-valuetext={`${Math.round(light.x * 100)} right, ${Math.round(light.y * 100)} up`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        toPointer(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons & 1) toPointer(event);
      }}
      onKeyDown={key}
    >
      <i />
    </div>
  );
}
