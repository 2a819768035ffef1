/** Tells where points of the scene lie on screen with every frame, for what the page draws over it. */
import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useRef } from 'react';
import { Vector3 } from 'three';
import type { MeshPoint } from '../store/model-state.ts';

export type ScreenPoint = readonly [x: number, y: number];

export function ScreenPoints(props: {
  readonly points: readonly MeshPoint[];
  /** CSS px of the view. */
  onPlace(places: readonly ScreenPoint[]): void;
}) {
  const { points, onPlace } = props;
  const invalidate = useThree((state) => state.invalidate);
  const told = useRef('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: new points want a frame
  useEffect(() => {
    told.current = '';
    invalidate();
  }, [points, onPlace, invalidate]);
  useFrame(({ camera, size }) => {
    const places = points.map((point): ScreenPoint => {
      const at = new Vector3(...point).project(camera);
      return [((at.x + 1) / 2) * size.width, ((1 - at.y) / 2) * size.height];
    });
    const now = places.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join();
    if (now === told.current) return;
    told.current = now;
    onPlace(places);
  });
  return null;
}
