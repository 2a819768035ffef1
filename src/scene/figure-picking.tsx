/**
 * Points of the figure: under a click, or in the middle of the view by Enter. A double-click, or F, wants to look at the
 * point from near. What a section has taken away is not hit; the cut itself is.
 */
import { useThree } from '@react-three/fiber';
import { useEffect, useMemo } from 'react';
import {
  type BufferGeometry,
  DoubleSide,
  Mesh,
  MeshBasicMaterial,
  type Plane,
  Raycaster,
  Vector2,
} from 'three';
import type { MeshPoint } from '../store/model-state.ts';
import { onPlane } from './section-plane.ts';

/** A press that moved less than this is a click, px. */
const CLICK_REACH = 4;

export interface Picked {
  readonly point: MeshPoint;
  /** A vertex beside it; null on a cut. */
  readonly vertex: number | null;
}

interface Props {
  readonly geometry: BufferGeometry;
  readonly plane: Plane | null;
  /** Element whose Enter key picks, and whose F key looks closer. */
  readonly keys: HTMLElement | null;
  onPick?(picked: Picked): void;
  /** Left out: two clicks are two clicks. */
  onApproach?(point: MeshPoint): void;
}

export function FigurePicking({ geometry, plane, keys, onPick, onApproach }: Props) {
  const camera = useThree((state) => state.camera);
  const canvas = useThree((state) => state.gl.domElement);
  const target = useMemo(() => new Mesh(geometry, new MeshBasicMaterial({ side: DoubleSide })), [geometry]);
  useEffect(() => () => target.material.dispose(), [target]);

  useEffect(() => {
    const caster = new Raycaster();
    /** @param x, @param y -1..1 from the left and from below. */
    function pointAt(x: number, y: number): Picked | null {
      camera.updateMatrixWorld();
      caster.setFromCamera(new Vector2(x, y), camera);
      const hit = caster
        .intersectObject(target)
        .find(({ point }) => !plane || plane.distanceToPoint(point) >= 0);
      if (!hit?.face) return null;
      const inside = hit.face.normal.dot(caster.ray.direction) > 0;
      const cut = plane && inside ? onPlane(caster.ray.origin, caster.ray.direction, plane) : null;
      const at = cut ?? hit.point;
      return { point: [at.x, at.y, at.z], vertex: cut ? null : hit.face.a };
    }
    function pick(x: number, y: number): void {
      const picked = pointAt(x, y);
      if (picked) onPick?.(picked);
    }
    function approach(x: number, y: number): void {
      const picked = pointAt(x, y);
      if (picked) onApproach?.(picked.point);
    }
    const placeOf = (event: MouseEvent): [x: number, y: number] => {
      const box = canvas.getBoundingClientRect();
      return [
        ((event.clientX - box.left) / box.width) * 2 - 1,
        1 - ((event.clientY - box.top) / box.height) * 2,
      ];
    };

    let pressed: { readonly x: number; readonly y: number; readonly id: number } | null = null;
    const down = (event: PointerEvent) => {
      pressed =
        event.button === 0 && !pressed ? { x: event.clientX, y: event.clientY, id: event.pointerId } : null;
    };
    const up = (event: PointerEvent) => {
      const from = pressed;
      pressed = null;
      if (!from || from.id !== event.pointerId) return;
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > CLICK_REACH) return;
      pick(...placeOf(event));
    };
    const twice = (event: MouseEvent) => approach(...placeOf(event));
    const cancel = () => {
      pressed = null;
    };
    const key = (event: KeyboardEvent) => {
      if (event.target !== keys || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.toLowerCase() === 'f') approach(0, 0);
      if (event.key !== 'Enter') return;
      event.preventDefault();
      pick(0, 0);
    };
    canvas.addEventListener('pointerdown', down);
    canvas.addEventListener('pointerup', up);
    canvas.addEventListener('pointercancel', cancel);
    canvas.addEventListener('dblclick', twice);
    keys?.addEventListener('keydown', key);
    return () => {
      canvas.removeEventListener('pointerdown', down);
      canvas.removeEventListener('pointerup', up);
      canvas.removeEventListener('pointercancel', cancel);
      canvas.removeEventListener('dblclick', twice);
      keys?.removeEventListener('keydown', key);
    };
  }, [camera, canvas, keys, target, plane, onPick, onApproach]);
  return null;
}
