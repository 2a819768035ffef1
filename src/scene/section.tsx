/** The section in the scene: the cut faces, the plane's frame, and where on screen the grip that drags it lies. */
import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useMemo } from 'react';
import { BufferGeometry, Color, LineBasicMaterial, LineLoop, type Vector3 } from 'three';
import type { SectionState } from '../store/model-state.ts';
import type { FigureBounds } from './figure-geometry.ts';
import { AXIS_VECTORS, frameCorners } from './section-plane.ts';

/** Where the grip lies, CSS px of the view, and how it has to move for the plane to go through all of the figure. */
export interface GripPlace {
  readonly x: number;
  readonly y: number;
  readonly wayX: number;
  readonly wayY: number;
}

interface Props {
  readonly section: SectionState;
  readonly bounds: FigureBounds;
  onGrip?(place: GripPlace): void;
}

/** Room that the grip keeps from the view's edge, px: half its own size. */
const GRIP_INSET = 26;

export function SectionFrame({ section, bounds, onGrip }: Props) {
  const invalidate = useThree((state) => state.invalidate);
  const corners = useMemo(() => frameCorners(section, bounds), [section, bounds]);
  const loop = useMemo(() => {
    const material = new LineBasicMaterial({ color: new Color('#e2a47c'), transparent: true, opacity: 0.75 });
    material.toneMapped = false;
    return new LineLoop(new BufferGeometry(), material);
  }, []);
  useEffect(() => {
    loop.geometry.setFromPoints([...corners]);
    loop.geometry.computeBoundingSphere();
    invalidate();
  }, [loop, corners, invalidate]);
  useEffect(
    () => () => {
      loop.geometry.dispose();
      loop.material.dispose();
    },
    [loop],
  );

  useFrame(({ camera, size }) => {
    if (!onGrip) return;
    const onScreen = (point: Vector3) => {
      const at = point.clone().project(camera);
      return { x: ((at.x + 1) / 2) * size.width, y: ((1 - at.y) / 2) * size.height };
    };
    // At the frame's side that is farthest to the right: beside the figure, not on it.
    const middles = corners.map((corner, i) => onScreen(corner.clone().lerp(corners[(i + 1) % 4], 0.5)));
    const [grip] = middles.sort((a, b) => b.x - a.x);
    const centre = corners[0].clone().lerp(corners[2], 0.5);
    const whole = bounds.size[section.axis];
    const step = AXIS_VECTORS[section.axis].clone().multiplyScalar(whole / 2);
    const [from, to] = [onScreen(centre.clone().sub(step)), onScreen(centre.clone().add(step))];
    const within = (value: number, most: number) => Math.min(most - GRIP_INSET, Math.max(GRIP_INSET, value));
    onGrip({
      x: within(grip.x, size.width),
      y: within(grip.y, size.height),
      wayX: to.x - from.x,
      wayY: to.y - from.y,
    });
  });
  return <primitive object={loop} dispose={null} />;
}
