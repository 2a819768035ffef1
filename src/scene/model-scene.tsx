/**
 * The finished figure in three.js: one light rig, a soft floor, six shadings. Renders on demand.
 * Owns every geometry and material it makes and frees them when the mesh changes or it leaves the page.
 */

import { Canvas, useThree } from '@react-three/fiber';
import { useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { BufferAttribute, BufferGeometry, Group, LineSegments, Mesh } from 'three';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { CameraCommand, Shading } from '../store/state.ts';
import { FIELD_OF_VIEW_DEG } from './camera-poses.ts';
import { FigureControls } from './figure-controls.tsx';
import { createFigureGeometry, type FigureBounds, type FigureGeometry } from './figure-geometry.ts';
import { createFigureMaterials, type FigureMaterials, LIGHT_LEVELS } from './figure-materials.ts';

export interface ModelSceneProps {
  readonly mesh: SurfaceMesh;
  readonly shading: Shading;
  readonly command: CameraCommand;
  readonly turning: boolean;
  /** No glides: the person asked for reduced motion. */
  readonly still: boolean;
  /** Element whose arrow, plus and minus keys move the camera. */
  readonly keys: HTMLElement | null;
  /** A click on the figure: the point in the mesh's frame, and a vertex beside it. */
  onPick?(point: readonly [number, number, number], vertex: number | null): void;
}

/** A disc that is dark in the middle and clear at the rim: the figure stands on something. */
function floorGeometry(bounds: FigureBounds): BufferGeometry {
  const segments = 48;
  const radius = Math.max(bounds.size.x, bounds.size.z) * 0.62;
  const positions = [bounds.centre.x, bounds.floorY, bounds.centre.z];
  const colours = [0, 0, 0, 0.55];
  const indices: number[] = [];
  for (let i = 0; i < segments; i++) {
    const angle = (i / segments) * 2 * Math.PI;
    positions.push(
      bounds.centre.x + radius * Math.cos(angle),
      bounds.floorY,
      bounds.centre.z + radius * Math.sin(angle),
    );
    colours.push(0, 0, 0, 0);
    indices.push(0, 1 + ((i + 1) % segments), 1 + i);
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(positions), 3));
  geometry.setAttribute('color', new BufferAttribute(new Float32Array(colours), 4));
  geometry.setIndex(indices);
  return geometry;
}

/**
 * The shading that can be drawn without waiting: shaders of a new shading are compiled beside the page, and the old shading
 * stays until they are ready. (Asking for an unfinished program stops the page for as long as the driver needs.)
 */
function useCompiledShading(
  shading: Shading,
  geometry: FigureGeometry,
  materials: FigureMaterials,
): Shading | null {
  const gl = useThree((state) => state.gl);
  const scene = useThree((state) => state.scene);
  const camera = useThree((state) => state.camera);
  const [ready, setReady] = useState<Shading | null>(null);
  useEffect(() => {
    if (!gl.extensions.has('KHR_parallel_shader_compile')) {
      setReady(shading);
      return;
    }
    let current = true;
    const probe = new Group();
    probe.add(new Mesh(geometry.surface, materials.surface[shading]));
    if (shading === 'wireframe') probe.add(new LineSegments(geometry.edges(), materials.edges));
    gl.compileAsync(probe, camera, scene).then(() => {
      if (current) setReady(shading);
    });
    return () => {
      current = false;
    };
  }, [shading, geometry, materials, gl, scene, camera]);
  return ready;
}

/** A press that moved less than this is a click, px. */
const CLICK_REACH = 4;

function Figure({
  geometry,
  shading,
  onPick,
}: {
  geometry: FigureGeometry;
  shading: Shading;
  onPick: ModelSceneProps['onPick'];
}) {
  const invalidate = useThree((state) => state.invalidate);
  const floor = useMemo(() => floorGeometry(geometry.bounds), [geometry]);
  const materials = useMemo(createFigureMaterials, []);
  const ready = useCompiledShading(shading, geometry, materials);

  useEffect(() => () => floor.dispose(), [floor]);
  useEffect(() => () => materials.dispose(), [materials]);
  useLayoutEffect(() => {
    if (ready) geometry.paint(ready === 'seen' || ready === 'confidence' ? ready : 'photo');
    invalidate();
  }, [geometry, ready, invalidate]);

  if (!ready) return null;
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: an object of the scene, not an element */}
      <mesh
        geometry={geometry.surface}
        material={materials.surface[ready]}
        dispose={null}
        onClick={
          onPick &&
          ((event) => {
            if (event.delta > CLICK_REACH) return;
            const { x, y, z } = event.point;
            onPick([x, y, z], event.face?.a ?? null);
          })
        }
      />
      {ready === 'wireframe' && (
        <lineSegments geometry={geometry.edges()} material={materials.edges} dispose={null} />
      )}
      <mesh geometry={floor} material={materials.floor} renderOrder={-1} dispose={null} />
    </>
  );
}

/** One lamp, two edges and the sky; in the shading's strengths. */
export function LightRig({ shading, bounds }: { shading: Shading; bounds: FigureBounds }) {
  const levels = LIGHT_LEVELS[shading];
  const reach = bounds.size.length();
  const place = (x: number, y: number, z: number): [number, number, number] => [
    bounds.centre.x + x * reach,
    bounds.centre.y + y * reach,
    bounds.centre.z + z * reach,
  ];
  return (
    <>
      <hemisphereLight args={['#fffaf4', '#6f675f']} intensity={levels.sky} />
      <directionalLight color="#fff1e2" intensity={levels.key} position={place(1, 0.95, 0.6)} />
      <directionalLight color="#dfe8ff" intensity={levels.fill} position={place(-1.2, 0.15, 0.7)} />
      <directionalLight color="#ffd9bd" intensity={levels.rim} position={place(-0.7, 0.7, -1.2)} />
    </>
  );
}

/** Fills its parent. The parent gives it a size and a label. */
export function ModelScene({ mesh, shading, command, turning, still, keys, onPick }: ModelSceneProps) {
  const geometry = useMemo(() => createFigureGeometry(mesh), [mesh]);
  useEffect(() => () => geometry.dispose(), [geometry]);
  const { bounds } = geometry;
  return (
    <Canvas
      flat
      frameloop="demand"
      dpr={[1, 2]}
      camera={{ fov: FIELD_OF_VIEW_DEG }}
      gl={{ antialias: true }}
      onCreated={({ gl }) => {
        // Reading the compiler's log waits for the compiler.
        gl.debug.checkShaderErrors = import.meta.env.DEV;
      }}
    >
      <LightRig shading={shading} bounds={bounds} />
      <Figure geometry={geometry} shading={shading} onPick={onPick} />
      <FigureControls bounds={bounds} command={command} turning={turning} still={still} keys={keys} />
    </Canvas>
  );
}
