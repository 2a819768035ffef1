/**
 * The finished figure in three.js: one light rig, a soft floor, eight shadings; cut open, measured, beside the figure before.
 * Renders on demand. Owns every geometry and material it makes and frees them when the mesh changes or it leaves the page.
 */

import { Canvas, useFrame, useThree } from '@react-three/fiber';
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import {
  BufferAttribute,
  BufferGeometry,
  type DirectionalLight,
  Group,
  LinearToneMapping,
  LineSegments,
  Mesh,
  type Plane,
  Points,
  Vector2,
} from 'three';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { CanvasCamera } from '../geometry/framing.ts';
import type { CameraCommand, Matcap, MeshPoint, SectionState, Shading } from '../store/model-state.ts';
import { FIELD_OF_VIEW_DEG, photoPinhole } from './camera-poses.ts';
import { type CameraMemory, FigureControls } from './figure-controls.tsx';
import { createFigureGeometry, type FigureBounds, type FigureGeometry } from './figure-geometry.ts';
import { createFigureMaterials, type FigureMaterials, LIGHT_LEVELS } from './figure-materials.ts';
import { FigurePicking, type Picked } from './figure-picking.tsx';
import { FloorGrid } from './floor-grid.tsx';
import { type ScreenPoint, ScreenPoints } from './screen-points.tsx';
import { type GripPlace, SectionFrame } from './section.tsx';
import { planeOf } from './section-plane.ts';
import { EXPOSED, LAMP_LIT } from './shading-facts.ts';

export interface ModelSceneProps {
  readonly mesh: SurfaceMesh;
  readonly shading: Shading;
  readonly command: CameraCommand;
  readonly turning: boolean;
  /** No glides: the person asked for reduced motion. */
  readonly still: boolean;
  /** Element whose arrow, plus and minus keys move the camera. */
  readonly keys: HTMLElement | null;
  readonly matcap?: Matcap;
  /** Vertex colours of the shading `parts`, linear 16 bit, 4 per vertex; until they are there, the photo's. */
  readonly partColours?: Uint16Array<ArrayBuffer> | null;
  /** Where the clay's lamp stands, in the unit disc of what is looked at: x right, y up. Left out: at the right. */
  readonly light?: { readonly x: number; readonly y: number };
  /** Stops brighter. */
  readonly exposure?: number;
  /** Squares on the floor: their colour, and millimetres of one mesh unit. */
  readonly grid?: { readonly ink: 'light' | 'dark'; readonly mmPerUnit: number } | null;
  readonly section?: SectionState | null;
  /** Where the section's grip is to be drawn, with every frame that moves it. */
  onGrip?(place: GripPlace): void;
  /** Points that the page wants to know the places of, and who is told. */
  readonly marks?: readonly MeshPoint[];
  onMarks?(places: readonly ScreenPoint[]): void;
  /** The figure is in the frame of its photo, taken through this lens (left out: the method's own). Null: it is not. */
  readonly photo?: { readonly lens?: CanvasCamera } | null;
  /** Keeps where the camera stood when the view is left. */
  readonly memory?: { current: CameraMemory | null };
  /** Another figure, left of the seam: a share of the view's width. */
  readonly before?: { readonly mesh: SurfaceMesh; readonly seam: number } | null;
  /** Clicks are the ends of a measure: two of them are no double-click. */
  readonly measuring?: boolean;
  /** A click on the figure, or Enter for its middle. */
  onPick?(picked: Picked): void;
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

/** Gives the geometry what a shading draws by. */
function dress(
  geometry: FigureGeometry,
  shading: Shading,
  partColours: Uint16Array<ArrayBuffer> | null = null,
): void {
  if (shading === 'wireframe' || shading === 'points') geometry.measureEdges();
  if (shading === 'parts' && partColours) geometry.paintWith(partColours);
  else geometry.paint(shading === 'seen' || shading === 'confidence' ? shading : 'photo');
}

/** What draws the figure in a shading; nothing of it is anybody's to free. */
function bodyOf(geometry: FigureGeometry, shading: Shading, materials: FigureMaterials, cut: boolean): Group {
  const group = new Group();
  if (shading === 'points') group.add(new Points(geometry.surface, materials.points));
  else group.add(new Mesh(geometry.surface, materials.surface[shading]));
  if (shading === 'wireframe') group.add(new LineSegments(geometry.edges(), materials.edges));
  if (cut && shading !== 'points') group.add(new Mesh(geometry.surface, materials.cap));
  return group;
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
    dress(geometry, shading);
    gl.compileAsync(bodyOf(geometry, shading, materials, false), camera, scene).then(() => {
      if (current) setReady(shading);
    });
    return () => {
      current = false;
    };
  }, [shading, geometry, materials, gl, scene, camera]);
  return ready;
}

interface FigureProps {
  readonly geometry: FigureGeometry;
  readonly before: FigureGeometry | null;
  readonly shading: Shading;
  readonly matcap: Matcap;
  readonly partColours: Uint16Array<ArrayBuffer> | null;
  readonly plane: Plane | null;
  readonly halves: RefObject<Halves>;
}

/** The two figures of a comparison, for who draws them in turn. */
interface Halves {
  now: Group | null;
  before: Group | null;
}

function Figure({ geometry, before, shading, matcap, partColours, plane, halves }: FigureProps) {
  const invalidate = useThree((state) => state.invalidate);
  const floor = useMemo(() => floorGeometry(geometry.bounds), [geometry]);
  const materials = useMemo(createFigureMaterials, []);
  const ready = useCompiledShading(shading, geometry, materials);

  useEffect(() => () => floor.dispose(), [floor]);
  useEffect(() => () => materials.dispose(), [materials]);
  // Layout effects come before it is compiled: a material without its texture is another program.
  useLayoutEffect(() => {
    materials.setMatcap(matcap);
    materials.cutBy(plane);
    invalidate();
  }, [materials, matcap, plane, invalidate]);

  const cut = plane !== null;
  const body = useMemo(() => {
    if (!ready) return null;
    dress(geometry, ready, partColours);
    return bodyOf(geometry, ready, materials, cut);
  }, [geometry, ready, materials, cut, partColours]);
  const other = useMemo(() => {
    if (!ready || !before) return null;
    dress(before, ready);
    return bodyOf(before, ready, materials, cut);
  }, [before, ready, materials, cut]);
  useLayoutEffect(() => {
    halves.current = { now: body, before: other };
    invalidate();
  }, [halves, body, other, invalidate]);

  const drawing = useMemo(() => new Vector2(), []);
  useFrame(({ gl }) => materials.setHeightPx(gl.getDrawingBufferSize(drawing).y));

  if (!body) return null;
  return (
    <>
      <primitive object={body} dispose={null} />
      {other && <primitive object={other} dispose={null} />}
      <mesh geometry={floor} material={materials.floor} renderOrder={-1} dispose={null} />
    </>
  );
}

/** Draws one figure left of the seam and the other right of it, from the same camera. Takes the drawing over from the canvas. */
function SeamRender({ seam, halves }: { seam: number; halves: RefObject<Halves> }) {
  const invalidate = useThree((state) => state.invalidate);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a moved seam wants a frame
  useEffect(() => invalidate(), [seam, invalidate]);
  useFrame(({ gl, scene, camera, size }) => {
    const { now, before } = halves.current;
    if (!now || !before) {
      gl.render(scene, camera);
      return;
    }
    const at = Math.round(seam * size.width);
    gl.setScissorTest(true);
    for (const [shown, hidden, from, to] of [
      [before, now, 0, at],
      [now, before, at, size.width],
    ] as const) {
      shown.visible = true;
      hidden.visible = false;
      gl.setScissor(from, 0, to - from, size.height);
      if (to > from) gl.render(scene, camera);
    }
    before.visible = true;
    gl.setScissorTest(false);
    gl.setScissor(0, 0, size.width, size.height);
  }, 1);
  return null;
}

/** One lamp, two edges and the sky; in the shading's strengths. */
export function LightRig({
  shading,
  bounds,
  light,
}: {
  shading: Shading;
  bounds: FigureBounds;
  light?: ModelSceneProps['light'];
}) {
  const levels = LIGHT_LEVELS[shading];
  const reach = bounds.size.length();
  const invalidate = useThree((state) => state.invalidate);
  const key = useRef<DirectionalLight>(null);
  const moved = LAMP_LIT.includes(shading) ? light : undefined;
  const place = (x: number, y: number, z: number): [number, number, number] => [
    bounds.centre.x + x * reach,
    bounds.centre.y + y * reach,
    bounds.centre.z + z * reach,
  ];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a moved lamp wants a frame
  useEffect(() => invalidate(), [moved, invalidate]);
  // The lamp stays with the eye while the figure turns, like the light of the maps.
  useFrame(({ camera }) => {
    if (!moved || !key.current) return;
    const depth = Math.sqrt(Math.max(0, 1 - moved.x * moved.x - moved.y * moved.y));
    key.current.position
      .set(moved.x, moved.y, depth)
      .applyQuaternion(camera.quaternion)
      .multiplyScalar(1.5 * reach)
      .add(bounds.centre);
    key.current.target.position.copy(bounds.centre);
    key.current.target.updateMatrixWorld();
  });
  return (
    <>
      <hemisphereLight args={['#fffaf4', '#6f675f']} intensity={levels.sky} />
      <directionalLight
        key={moved ? 'moved' : 'fixed'}
        ref={key}
        color="#fff1e2"
        intensity={levels.key}
        position={place(1, 0.95, 0.6)}
      />
      <directionalLight color="#dfe8ff" intensity={levels.fill} position={place(-1.2, 0.15, 0.7)} />
      <directionalLight color="#ffd9bd" intensity={levels.rim} position={place(-0.7, 0.7, -1.2)} />
    </>
  );
}

function Exposure({ stops }: { stops: number }) {
  const gl = useThree((state) => state.gl);
  const invalidate = useThree((state) => state.invalidate);
  useLayoutEffect(() => {
    gl.toneMappingExposure = 2 ** stops;
    invalidate();
  }, [gl, stops, invalidate]);
  return null;
}

/** Fills its parent. The parent gives it a size and a label. */
export function ModelScene(props: ModelSceneProps) {
  const { mesh, shading, command, turning, still, keys, onPick, section = null, onGrip, light } = props;
  const { partColours = null } = props;
  const { before = null, matcap = 'porcelain', exposure = 0, grid, marks, onMarks, photo = null } = props;
  const geometry = useMemo(() => createFigureGeometry(mesh), [mesh]);
  useEffect(() => () => geometry.dispose(), [geometry]);
  const meshBefore = before?.mesh;
  const other = useMemo(() => (meshBefore ? createFigureGeometry(meshBefore) : null), [meshBefore]);
  useEffect(() => () => other?.dispose(), [other]);
  const halves = useRef<Halves>({ now: null, before: null });
  const { bounds } = geometry;
  const hasPhoto = photo !== null;
  const lens = photo?.lens;
  const pinhole = useMemo(() => (hasPhoto ? photoPinhole(lens) : null), [hasPhoto, lens]);
  const plane = useMemo(() => section && planeOf(section, bounds), [section, bounds]);
  const [near, setNear] = useState<MeshPoint | null>(null);
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
        gl.localClippingEnabled = true;
        // Nothing but exposure: at 0 stops colours stay as they are.
        gl.toneMapping = LinearToneMapping;
      }}
    >
      <FigureControls
        bounds={bounds}
        command={command}
        turning={turning}
        still={still}
        keys={keys}
        pinhole={pinhole}
        memory={props.memory}
        near={near}
      />
      <LightRig shading={shading} bounds={bounds} light={light} />
      <Exposure stops={EXPOSED.includes(shading) ? exposure : 0} />
      <Figure
        geometry={geometry}
        before={other}
        shading={shading}
        matcap={matcap}
        partColours={partColours}
        plane={plane}
        halves={halves}
      />
      {before && <SeamRender seam={before.seam} halves={halves} />}
      {grid && <FloorGrid bounds={bounds} {...grid} />}
      {section && <SectionFrame section={section} bounds={bounds} onGrip={onGrip} />}
      {marks && onMarks && <ScreenPoints points={marks} onPlace={onMarks} />}
      <FigurePicking
        geometry={geometry.surface}
        plane={plane}
        keys={keys}
        onPick={onPick}
        onApproach={props.measuring ? undefined : setNear}
      />
    </Canvas>
  );
}
