/** The figure in motion: the rigged file as any reader would play it. Owns what it loads and frees it. */
import { Canvas, useFrame, useThree } from '@react-three/fiber';
import { useEffect, useMemo, useState } from 'react';
import {
  type AnimationClip,
  AnimationMixer,
  Box3,
  type Group,
  type Mesh,
  type Object3D,
  Vector3,
} from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import type { CameraCommand } from '../store/model-state.ts';
import { FIELD_OF_VIEW_DEG } from './camera-poses.ts';
import { FigureControls } from './figure-controls.tsx';
import type { FigureBounds } from './figure-geometry.ts';
import { LightRig } from './model-scene.tsx';

export interface MotionSceneProps {
  readonly file: Blob;
  /** Name of the motion in the file; one it has not shows the figure at rest. */
  readonly motion: string;
  readonly command: CameraCommand;
  readonly turning: boolean;
  readonly still: boolean;
  readonly keys: HTMLElement | null;
  /** What the file says could not be found. */
  readonly onNotes: (notes: readonly string[]) => void;
}

interface Loaded {
  readonly figure: Group;
  readonly clips: readonly AnimationClip[];
  readonly bounds: FigureBounds;
}

function freeAll(root: Object3D): void {
  root.traverse((object) => {
    const mesh = object as Mesh;
    mesh.geometry?.dispose();
    for (const material of [mesh.material].flat()) material?.dispose();
  });
}

async function load(file: Blob): Promise<Loaded & { notes: readonly string[] }> {
  const { scene, animations, asset } = await new GLTFLoader().parseAsync(await file.arrayBuffer(), '');
  // A moving figure leaves the box it rests in.
  scene.traverse((object) => {
    object.frustumCulled = false;
  });
  const box = new Box3().setFromObject(scene);
  const extras = (asset as { extras?: { rig?: readonly string[] } }).extras;
  return {
    figure: scene,
    clips: animations,
    bounds: { centre: box.getCenter(new Vector3()), size: box.getSize(new Vector3()), floorY: box.min.y },
    notes: extras?.rig ?? [],
  };
}

function Moving({ figure, clips, motion }: Omit<Loaded, 'bounds'> & { motion: string }) {
  const invalidate = useThree((state) => state.invalidate);
  const mixer = useMemo(() => new AnimationMixer(figure), [figure]);
  useEffect(() => {
    const clip = clips.find(({ name }) => name === motion);
    if (!clip) return;
    const action = mixer.clipAction(clip).reset().fadeIn(0.25).play();
    invalidate();
    return () => void action.fadeOut(0.25);
  }, [mixer, clips, motion, invalidate]);
  useEffect(() => () => void mixer.stopAllAction(), [mixer]);
  useFrame((_, seconds) => {
    // A page that was hidden comes back with one long frame.
    mixer.update(Math.min(seconds, 0.1));
    invalidate();
  });
  return <primitive object={figure} dispose={null} />;
}

/** Fills its parent. The parent gives it a size and a label. */
export function MotionScene({ file, motion, command, turning, still, keys, onNotes }: MotionSceneProps) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    let current = true;
    let mine: Loaded | null = null;
    load(file).then(
      ({ notes, ...made }) => {
        mine = made;
        if (!current) return freeAll(made.figure);
        setLoaded(made);
        onNotes(notes);
      },
      (error: unknown) => onNotes([`The motion cannot be shown: ${String(error)}.`]),
    );
    return () => {
      current = false;
      if (mine) freeAll(mine.figure);
    };
  }, [file, onNotes]);
  if (!loaded) return null;
  return (
    <Canvas flat frameloop="demand" dpr={[1, 2]} camera={{ fov: FIELD_OF_VIEW_DEG }} gl={{ antialias: true }}>
      <LightRig shading="colour" bounds={loaded.bounds} />
      <Moving figure={loaded.figure} clips={loaded.clips} motion={motion} />
      <FigureControls bounds={loaded.bounds} command={command} turning={turning} still={still} keys={keys} />
    </Canvas>
  );
}
