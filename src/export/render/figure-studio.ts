/**
 * The figure as a camera sees it, without a page: three.js on a canvas of its own (a worker's, too). Same light as the
 * viewer's colour shading. Owns its GPU resources: dispose() frees them.
 */
import {
  BufferAttribute,
  BufferGeometry,
  CircleGeometry,
  Color,
  DirectionalLight,
  HemisphereLight,
  Mesh,
  MeshBasicMaterial,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  SRGBColorSpace,
  Texture,
  WebGLRenderer,
} from 'three';
import { StageError } from '../../base/errors.ts';
import { linearColours } from '../glb.ts';
import { boxOf, checkMesh, type MeshData } from '../mesh-data.ts';
import { placedNormals, placedPositions, placementOf } from '../placement.ts';

export const FIELD_OF_VIEW_DEG = 28;
/** Behind the figure, where the picture is not transparent: the viewer's own. */
const BACKGROUND = '#1b1d20';
/** The figure is one unit tall here; a file's height does not change its picture. */
const HEIGHT = 1;
/** Air around the figure, of its size. */
const MARGIN = 1.1;

export interface FigureStudio {
  /** Draws the figure from an angle about its axis, degrees; 0 is the front. */
  draw(azimuthDeg: number): void;
  dispose(): void;
}

/** Soft shadow on the ground: dark in the middle, clear at the rim. */
function ground(radius: number): Mesh {
  const geometry = new CircleGeometry(radius, 48);
  const count = geometry.getAttribute('position').count;
  const colours = new Float32Array(count * 4);
  colours[3] = 0.5;
  geometry.setAttribute('color', new BufferAttribute(colours, 4));
  geometry.rotateX(-Math.PI / 2);
  return new Mesh(
    geometry,
    new MeshBasicMaterial({ vertexColors: true, transparent: true, depthWrite: false }),
  );
}

async function pictureTexture(image: { bytes: Uint8Array<ArrayBuffer>; mime: string }): Promise<Texture> {
  const bitmap = await createImageBitmap(new Blob([image.bytes], { type: image.mime }));
  const texture = new Texture(bitmap);
  texture.flipY = false;
  texture.needsUpdate = true;
  return texture;
}

async function figureOf(mesh: MeshData, positions: Float32Array<ArrayBuffer>): Promise<Mesh> {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(positions, 3));
  geometry.setAttribute('normal', new BufferAttribute(placedNormals(mesh.normals, 'y'), 3));
  geometry.setIndex(new BufferAttribute(mesh.indices, 1));
  const material = new MeshStandardMaterial({ roughness: 0.9, metalness: 0 });
  if (mesh.texture) {
    geometry.setAttribute('uv', new BufferAttribute(mesh.texture.uvs, 2));
    material.map = await pictureTexture(mesh.texture.colour);
    material.map.colorSpace = SRGBColorSpace;
    if (mesh.texture.normals) material.normalMap = await pictureTexture(mesh.texture.normals);
  } else {
    geometry.setAttribute('color', new BufferAttribute(linearColours(mesh.colours), 4, true));
    material.vertexColors = true;
  }
  return new Mesh(geometry, material);
}

function addLights(scene: Scene): void {
  const lamp = (colour: string, strength: number, x: number, y: number, z: number) => {
    const light = new DirectionalLight(colour, strength);
    light.position.set(x, y, z);
    scene.add(light);
  };
  scene.add(new HemisphereLight('#fffaf4', '#6f675f', 2.85));
  lamp('#fff1e2', 1.35, 1, 0.95, 0.6);
  lamp('#dfe8ff', 0.35, -1.2, 0.15, 0.7);
  lamp('#ffd9bd', 0.6, -0.7, 0.7, -1.2);
}

/**
 * @param canvas      as large as the picture.
 * @param transparent nothing behind the figure.
 * @throws StageError E_BAD_MESH; E_DEVICE where the browser draws no 3D here.
 */
export async function openFigureStudio(
  canvas: OffscreenCanvas,
  mesh: MeshData,
  transparent: boolean,
): Promise<FigureStudio> {
  checkMesh(mesh);
  const positions = placedPositions(mesh.positions, placementOf(mesh.positions, HEIGHT), 'y');
  const { max } = boxOf(positions);
  const figure = await figureOf(mesh, positions);
  let renderer: WebGLRenderer;
  try {
    renderer = new WebGLRenderer({ canvas, antialias: true, alpha: transparent });
  } catch (cause) {
    throw new StageError('export', 'E_DEVICE', 'This browser draws no 3D pictures in the background.', {
      fix: 'Save the figure as GLB, or use a current Chrome, Edge or Firefox for pictures.',
      cause,
    });
  }
  renderer.setSize(canvas.width, canvas.height, false);
  const scene = new Scene();
  if (!transparent) scene.background = new Color(BACKGROUND);
  addLights(scene);
  // The widest it gets while it turns.
  const radius = Math.hypot(max[0], max[2]);
  const floor = ground(radius * 1.1);
  scene.add(figure, floor);
  const aspect = canvas.width / canvas.height;
  const camera = new PerspectiveCamera(FIELD_OF_VIEW_DEG, aspect, 0.01, 50);
  const half = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360);
  const away = Math.max((HEIGHT / 2) * MARGIN, (radius * MARGIN) / aspect) / half + radius;
  return {
    draw(azimuthDeg) {
      const angle = (azimuthDeg * Math.PI) / 180;
      const rise = (4 * Math.PI) / 180;
      camera.position.set(
        away * Math.sin(angle) * Math.cos(rise),
        HEIGHT / 2 + away * Math.sin(rise),
        away * Math.cos(angle) * Math.cos(rise),
      );
      camera.lookAt(0, HEIGHT / 2, 0);
      renderer.render(scene, camera);
    },
    dispose() {
      for (const object of [figure, floor]) {
        object.geometry.dispose();
        const material = object.material as MeshStandardMaterial;
        material.map?.dispose();
        material.normalMap?.dispose();
        material.dispose();
      }
      renderer.dispose();
    },
  };
}
