/**
 * A picture to look into: wheel or pinch zooms at the pointer, a drag moves, keys do both, double-click resets the view. With
 * a tool in hand the middle button, or the left one while Space is held, still moves the picture.
 * The viewport may be shared by several panes. What is drawn comes from the caller as layers, bottom first.
 */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import {
  type Frame,
  fitScale,
  homeViewport,
  type Placement,
  panBy,
  pictureFromPane,
  placePicture,
  type Size,
  type Viewport,
  zoomAt,
} from '../../scene/viewport.ts';
import styles from './picture-pane.module.css';
import { useSize } from './use-size.ts';

export type Paint = (g: CanvasRenderingContext2D, place: Placement, pane: Size) => void;

interface Props {
  /** Size of the picture's own grid, the unit of viewport and pointer. */
  readonly size: Size;
  readonly frame: Frame;
  /** Null: home, whatever the frame is. */
  readonly viewport: Viewport | null;
  onViewport(viewport: Viewport | null): void;
  /** Paints everything; a new function repaints. */
  readonly paint: Paint;
  readonly label: string;
  readonly caption?: ReactNode;
  readonly children?: ReactNode;
  /** Picture point under the pointer (px of `size`), null when it leaves. */
  onPoint?(point: { x: number; y: number } | null, place: Placement): void;
  /** Takes a press for itself, instead of moving the picture; it hears the pointer until that is let go. */
  onGrab?(point: { x: number; y: number }, place: Placement): Grab | null;
  readonly cursor?: string;
  /** Keys of the tools over the picture, heard before the picture's own. @returns whether it was one. */
  onToolKey?(event: KeyboardEvent): boolean;
  /** A click without a drag. */
  onPick?(point: { x: number; y: number }, place: Placement): void;
  readonly testId?: string;
}

/** What a press on the picture has taken hold of. */
export interface Grab {
  move(point: { x: number; y: number }, place: Placement): void;
  /** Let go where it was moved to last. */
  end(): void;
  /** Escape, a second finger: as if it had not been. */
  cancel(): void;
}

/** A pointer that moved less is a click, CSS px. */
const CLICK_REACH = 5;

export function PicturePane(props: Props) {
  const { size, frame, viewport, onViewport, paint, label, caption, children, onPoint, onPick, testId } =
    props;
  const { onGrab, cursor, onToolKey } = props;
  const grabbed = useRef<{ readonly pointer: number; readonly grab: Grab } | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const pane = useSize(canvas);
  const [dragging, setDragging] = useState(false);
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const travelled = useRef(0);
  const [spaceHeld, setSpaceHeld] = useState(false);
  const { centreX, centreY, zoom } = viewport ?? homeViewport(frame);
  const seen = { centreX, centreY, zoom };
  // Two fingers move within one frame: the second goes on from where the first has brought the picture.
  const latest = useRef(seen);
  latest.current = seen;
  const moveTo = (next: Viewport) => {
    latest.current = next;
    onViewport(next);
  };

  useEffect(() => {
    const element = canvas.current;
    const g = element?.getContext('2d');
    if (!element || !g || pane.width === 0) return;
    const density = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(pane.width * density);
    const height = Math.round(pane.height * density);
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
    }
    g.setTransform(density, 0, 0, density, 0, 0);
    g.clearRect(0, 0, pane.width, pane.height);
    const place = placePicture({ centreX, centreY, zoom }, frame, pane);
    // Past three screen pixels a picture pixel, the pixels themselves are what the person wants to see.
    g.imageSmoothingEnabled = place.scale * density < 3;
    g.imageSmoothingQuality = 'medium';
    paint(g, place, pane);
  }, [pane, paint, frame, centreX, centreY, zoom]);

  // React's wheel listeners are passive; zooming must keep the page from scrolling.
  const zoomRef = useRef<(x: number, y: number, factor: number) => void>(() => {});
  zoomRef.current = (x, y, factor) => onViewport(zoomAt(seen, frame, pane, x, y, factor));
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const step = event.deltaMode === 1 ? event.deltaY * 18 : event.deltaY;
      zoomRef.current(event.clientX - box.left, event.clientY - box.top, Math.exp(-step * 0.0016));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  const inPane = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const pictured = (at: { x: number; y: number }) => {
    const place = placePicture(seen, frame, pane);
    return [pictureFromPane(place, at.x, at.y), place] as const;
  };

  function letGo(how: 'end' | 'cancel'): boolean {
    const held = grabbed.current;
    grabbed.current = null;
    held?.grab[how]();
    return held !== null;
  }

  function down(event: PointerEvent<HTMLCanvasElement>) {
    if (event.button > 1) return;
    const moves = event.button === 1 || spaceHeld;
    // The middle button would scroll the page by itself.
    if (event.button === 1) event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, inPane(event));
    travelled.current = moves || pointers.current.size > 1 ? CLICK_REACH + 1 : 0;
    if (pointers.current.size > 1) letGo('cancel');
    else if (!moves) {
      const grab = onGrab?.(...pictured(inPane(event)));
      if (grab) grabbed.current = { pointer: event.pointerId, grab };
    }
    setDragging(true);
  }

  function move(event: PointerEvent<HTMLCanvasElement>) {
    const at = inPane(event);
    const before = pointers.current.get(event.pointerId);
    if (!before) {
      onPoint?.(...pictured(at));
      return;
    }
    pointers.current.set(event.pointerId, at);
    if (grabbed.current?.pointer === event.pointerId) {
      grabbed.current.grab.move(...pictured(at));
      return;
    }
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const spread =
        Math.hypot(at.x - other.x, at.y - other.y) / Math.hypot(before.x - other.x, before.y - other.y);
      const [x, y] = [(at.x + other.x) / 2, (at.y + other.y) / 2];
      const zoomed = zoomAt(latest.current, frame, pane, x, y, spread || 1);
      moveTo(panBy(zoomed, frame, pane, (at.x - before.x) / 2, (at.y - before.y) / 2, size));
    } else {
      travelled.current += Math.abs(at.x - before.x) + Math.abs(at.y - before.y);
      if (travelled.current > CLICK_REACH || event.pointerType === 'mouse') {
        moveTo(panBy(latest.current, frame, pane, at.x - before.x, at.y - before.y, size));
      }
    }
  }

  function up(event: PointerEvent<HTMLCanvasElement>) {
    const wasDown = pointers.current.delete(event.pointerId);
    if (pointers.current.size === 0) setDragging(false);
    if (grabbed.current?.pointer === event.pointerId) {
      letGo(event.type === 'pointercancel' ? 'cancel' : 'end');
      return;
    }
    if (!wasDown || travelled.current > CLICK_REACH || event.type === 'pointercancel') return;
    const [point, place] = pictured(inPane(event));
    onPoint?.(point, place);
    onPick?.(point, place);
  }

  function key(event: KeyboardEvent) {
    if (event.key === ' ') {
      // The page would scroll.
      event.preventDefault();
      setSpaceHeld(true);
      return;
    }
    if (event.key === 'Escape' && letGo('cancel')) return;
    if (event.key === 'Enter' && onPick) {
      event.preventDefault();
      const [point, place] = pictured({ x: pane.width / 2, y: pane.height / 2 });
      onPoint?.(point, place);
      onPick(point, place);
      return;
    }
    const step = 48;
    const zoomBy = (factor: number) => zoomAt(seen, frame, pane, pane.width / 2, pane.height / 2, factor);
    const moves = new Map<string, () => Viewport | null>([
      ['ArrowLeft', () => panBy(seen, frame, pane, step, 0, size)],
      ['ArrowRight', () => panBy(seen, frame, pane, -step, 0, size)],
      ['ArrowUp', () => panBy(seen, frame, pane, 0, step, size)],
      ['ArrowDown', () => panBy(seen, frame, pane, 0, -step, size)],
      ['+', () => zoomBy(1.25)],
      ['=', () => zoomBy(1.25)],
      ['-', () => zoomBy(0.8)],
      ['0', () => null],
    ]);
    const change = moves.get(event.key);
    if (!change || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onViewport(change());
  }

  const percent = pane.width ? Math.round(fitScale(frame, pane) * seen.zoom * 100) : 0;
  return (
    <figure
      className={styles.pane}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !onToolKey?.(event)) return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <canvas
        ref={canvas}
        className={styles.canvas}
        data-dragging={dragging}
        data-picks={onPick !== undefined}
        style={cursor && !spaceHeld ? { cursor } : undefined}
        tabIndex={0}
        role="img"
        aria-label={`${label}. Arrow keys move, plus and minus zoom, 0 shows all${onPick ? ', Enter picks the middle' : ''}.`}
        data-testid={testId}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onPointerLeave={(event) => onPoint?.(null, pictured(inPane(event))[1])}
        onDoubleClick={() => onViewport(null)}
        onKeyDown={key}
        onKeyUp={(event) => event.key === ' ' && setSpaceHeld(false)}
        onBlur={() => setSpaceHeld(false)}
      />
      {caption && <figcaption className={styles.caption}>{caption}</figcaption>}
      {viewport && seen.zoom !== 1 && <span className={styles.zoom}>{percent} %</span>}
      {children}
    </figure>
  );
}
