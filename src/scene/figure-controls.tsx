/** Orbit controls, camera poses with a short glide, turntable. Asks for frames only while something moves. */
import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { Spherical, type Vector3 } from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import type { CameraCommand } from '../store/state.ts';
import { posePosition } from './camera-poses.ts';
import type { FigureBounds } from './figure-geometry.ts';

const GLIDE_MS = 420;
/** One turn of the turntable, seconds. */
const TURN_S = 16;

interface Glide {
  readonly from: Spherical;
  readonly to: Spherical;
  readonly fromTarget: Vector3;
  readonly startMs: number;
}

export function FigureControls(props: {
  bounds: FigureBounds;
  command: CameraCommand;
  turning: boolean;
  still: boolean;
  keys: HTMLElement | null;
}) {
  const { bounds, command, turning, still, keys } = props;
  const camera = useThree((state) => state.camera);
  const canvas = useThree((state) => state.gl.domElement);
  const size = useThree((state) => state.size);
  const invalidate = useThree((state) => state.invalidate);
  const glide = useRef<Glide | null>(null);
  const placed = useRef(false);
  const aspect = size.width / size.height;

  const controls = useMemo(() => {
    const made = new OrbitControls(camera);
    made.enableDamping = true;
    made.dampingFactor = 0.12;
    made.autoRotateSpeed = 60 / TURN_S;
    return made;
  }, [camera]);

  useEffect(() => {
    controls.connect(canvas);
    const onChange = () => invalidate();
    const onStart = () => {
      glide.current = null;
    };
    controls.addEventListener('change', onChange);
    controls.addEventListener('start', onStart);
    return () => {
      controls.removeEventListener('change', onChange);
      controls.removeEventListener('start', onStart);
      controls.dispose();
    };
  }, [controls, canvas, invalidate]);

  useLayoutEffect(() => {
    const reach = bounds.size.length() || 1;
    controls.minDistance = reach * 0.12;
    controls.maxDistance = reach * 6;
    camera.near = reach / 200;
    camera.far = reach * 12;
    camera.updateProjectionMatrix();
  }, [controls, camera, bounds]);

  // A new order or a new figure moves the camera: the first time before anything is drawn, later with a glide.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the serial is the order; a new aspect alone moves nothing
  useLayoutEffect(() => {
    const goal = posePosition(command.pose, bounds, aspect);
    if (!placed.current || still) {
      placed.current = true;
      controls.target.copy(bounds.centre);
      camera.position.copy(goal);
      controls.update();
    } else {
      const from = new Spherical().setFromVector3(camera.position.clone().sub(controls.target));
      const to = new Spherical().setFromVector3(goal.sub(bounds.centre));
      const turn = to.theta - from.theta;
      to.theta -= Math.round(turn / (2 * Math.PI)) * 2 * Math.PI;
      glide.current = { from, to, fromTarget: controls.target.clone(), startMs: performance.now() };
    }
    invalidate();
  }, [controls, camera, bounds, command.serial, command.pose]);

  useEffect(() => {
    controls.autoRotate = turning;
    invalidate();
  }, [controls, turning, invalidate]);

  useEffect(() => {
    if (!keys) return;
    const step = Math.PI / 24;
    const moves = new Map<string, () => void>([
      ['ArrowLeft', () => controls.rotateLeft(step)],
      ['ArrowRight', () => controls.rotateLeft(-step)],
      ['ArrowUp', () => controls.rotateUp(step)],
      ['ArrowDown', () => controls.rotateUp(-step)],
      ['+', () => controls.dollyIn(0.9)],
      ['=', () => controls.dollyIn(0.9)],
      ['-', () => controls.dollyOut(0.9)],
    ]);
    const onKey = (event: KeyboardEvent) => {
      const move = moves.get(event.key);
      if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      glide.current = null;
      move();
      controls.update();
      invalidate();
    };
    keys.addEventListener('keydown', onKey);
    return () => keys.removeEventListener('keydown', onKey);
  }, [keys, controls, invalidate]);

  useFrame((_, deltaS) => {
    const move = glide.current;
    if (move) {
      const t = Math.min(1, (performance.now() - move.startMs) / GLIDE_MS);
      const ease = 1 - (1 - t) ** 3;
      const at = new Spherical(
        move.from.radius + (move.to.radius - move.from.radius) * ease,
        move.from.phi + (move.to.phi - move.from.phi) * ease,
        move.from.theta + (move.to.theta - move.from.theta) * ease,
      );
      controls.target.lerpVectors(move.fromTarget, bounds.centre, ease);
      camera.position.setFromSpherical(at).add(controls.target);
      if (t >= 1) glide.current = null;
      controls.update(0);
      invalidate();
      return;
    }
    // Frames come on demand: after a pause the first delta is long, and must not jump the turntable.
    controls.update(Math.min(deltaS, 0.1));
    if (turning) invalidate();
  });

  return null;
}
