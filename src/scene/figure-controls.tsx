/** Orbit controls, camera poses with a short glide, the opening swing, turntable. Asks for frames only while something moves. */
import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { type PerspectiveCamera, Spherical, Vector3 } from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import type { CameraCommand, MeshPoint } from '../store/model-state.ts';
import { type CameraPlace, placeOf, swungFrom } from './camera-poses.ts';
import type { FigureBounds } from './figure-geometry.ts';

const GLIDE_MS = 420;
/** The figure is first seen as the photo has it, for a moment; then it turns aside, slowly. */
const SWING_AFTER_MS = 700;
const SWING_MS = 1900;
/** A figure that is this much larger or elsewhere, of its own size, is another one: the camera goes to it. */
const SAME_FIGURE = 0.2;
/** Who looks at a point more closely comes this much nearer. */
const APPROACH = 0.4;
/** One turn of the turntable, seconds. */
const TURN_S = 16;

/** Where the figure was looked at from when its view was left. */
export interface CameraMemory {
  readonly bounds: FigureBounds;
  readonly serial: number;
  readonly position: Vector3;
  readonly target: Vector3;
  readonly fovDeg: number;
}

interface Glide {
  readonly from: Spherical;
  readonly to: Spherical;
  readonly fromTarget: Vector3;
  readonly toTarget: Vector3;
  readonly fromFovDeg: number;
  readonly toFovDeg: number;
  readonly startMs: number;
  readonly lastsMs: number;
}

export function FigureControls(props: {
  bounds: FigureBounds;
  command: CameraCommand;
  turning: boolean;
  still: boolean;
  keys: HTMLElement | null;
  /** Where the photo was taken from; null: nobody knows. */
  pinhole?: Vector3 | null;
  /** Who comes back to the same figure finds it as it was left. */
  memory?: { current: CameraMemory | null };
  /** A point to look at from near and to turn about; another object goes there again. */
  near?: MeshPoint | null;
}) {
  const { bounds, command, turning, still, keys, pinhole = null, memory, near = null } = props;
  const camera = useThree((state) => state.camera) as PerspectiveCamera;
  const canvas = useThree((state) => state.gl.domElement);
  const size = useThree((state) => state.size);
  const invalidate = useThree((state) => state.invalidate);
  const glide = useRef<Glide | null>(null);
  const placed = useRef<{ readonly bounds: FigureBounds; readonly serial: number } | null>(null);
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
    // A long lens stands far away.
    const farthest = Math.max(reach * 6, (pinhole?.distanceTo(bounds.centre) ?? 0) * 1.5);
    controls.maxDistance = farthest;
    camera.near = reach / 200;
    camera.far = farthest * 2;
    camera.updateProjectionMatrix();
  }, [controls, camera, bounds, pinhole]);

  // A new order or another figure moves the camera: the first time before anything is drawn, later with a glide. The same
  // person made again stays where it is looked at from.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the serial is the order; a new aspect alone moves nothing
  useLayoutEffect(() => {
    const before = placed.current;
    placed.current = { bounds, serial: command.serial };
    if (before && before.serial === command.serial && isSameFigure(before.bounds, bounds)) {
      invalidate();
      return;
    }
    const left = memory?.current;
    if (!before && left && left.serial === command.serial && isSameFigure(left.bounds, bounds)) {
      controls.target.copy(left.target);
      camera.position.copy(left.position);
      setFov(left.fovDeg);
      controls.update();
      invalidate();
      return;
    }
    // Where the photo's place is known, the figure is first seen from there.
    const opening = command.pose === 'home' && pinhole !== null;
    const goal = placeOf(opening ? 'photo' : command.pose, bounds, aspect, pinhole);
    if (!before || still) {
      controls.target.copy(bounds.centre);
      camera.position.copy(goal.position);
      setFov(goal.fovDeg);
      controls.update();
      if (opening && !still) {
        start(swungFrom(goal, bounds), bounds.centre, performance.now() + SWING_AFTER_MS, SWING_MS);
      }
    } else start(goal, bounds.centre, performance.now(), GLIDE_MS);
    invalidate();
  }, [controls, camera, bounds, command.serial, command.pose]);

  function setFov(fovDeg: number): void {
    if (camera.fov === fovDeg) return;
    camera.fov = fovDeg;
    camera.updateProjectionMatrix();
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: each point asked for is gone to once
  useEffect(() => {
    if (!near) return;
    const target = new Vector3(...near);
    const away = camera.position.clone().sub(controls.target);
    const distance = Math.max(controls.minDistance, away.length() * APPROACH);
    const position = target.clone().add(away.setLength(distance));
    if (still) {
      controls.target.copy(target);
      camera.position.copy(position);
      controls.update();
    } else start({ position, fovDeg: camera.fov }, target, performance.now(), GLIDE_MS);
    invalidate();
  }, [near]);

  function start(goal: CameraPlace, toTarget: Vector3, startMs: number, lastsMs: number): void {
    const from = new Spherical().setFromVector3(camera.position.clone().sub(controls.target));
    const to = new Spherical().setFromVector3(goal.position.clone().sub(toTarget));
    const turn = to.theta - from.theta;
    to.theta -= Math.round(turn / (2 * Math.PI)) * 2 * Math.PI;
    glide.current = {
      ...{ from, to, startMs, lastsMs },
      fromTarget: controls.target.clone(),
      toTarget: toTarget.clone(),
      fromFovDeg: camera.fov,
      toFovDeg: goal.fovDeg,
    };
  }

  useEffect(
    () => () => {
      const { current } = placed;
      if (!memory || !current) return;
      memory.current = {
        ...current,
        position: camera.position.clone(),
        target: controls.target.clone(),
        fovDeg: camera.fov,
      };
    },
    [memory, camera, controls],
  );

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
      const t = Math.min(1, Math.max(0, (performance.now() - move.startMs) / move.lastsMs));
      // A glide starts at once, a swing softly.
      const ease = move.lastsMs === SWING_MS ? t * t * (3 - 2 * t) : 1 - (1 - t) ** 3;
      const at = new Spherical(
        move.from.radius + (move.to.radius - move.from.radius) * ease,
        move.from.phi + (move.to.phi - move.from.phi) * ease,
        move.from.theta + (move.to.theta - move.from.theta) * ease,
      );
      controls.target.lerpVectors(move.fromTarget, move.toTarget, ease);
      camera.position.setFromSpherical(at).add(controls.target);
      setFov(move.fromFovDeg + (move.toFovDeg - move.fromFovDeg) * ease);
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

function isSameFigure(a: FigureBounds, b: FigureBounds): boolean {
  const reach = a.size.length() || 1;
  return (
    Math.abs(a.size.length() - b.size.length()) < SAME_FIGURE * reach &&
    a.centre.distanceTo(b.centre) < SAME_FIGURE * reach
  );
}
