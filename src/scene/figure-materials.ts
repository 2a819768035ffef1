/** The shadings of the figure: each says which material, which vertex colours and how strong the light. */
import {
  CanvasTexture,
  Color,
  DoubleSide,
  type Material,
  MeshBasicMaterial,
  MeshMatcapMaterial,
  MeshStandardMaterial,
  type Plane,
  ShaderMaterial,
  SRGBColorSpace,
  type Texture,
  type Vector3,
} from 'three';
import type { Matcap, Shading } from '../store/model-state.ts';
import { ballPixels } from './matcaps.ts';
import { createCapMaterial } from './section-plane.ts';
import { createPointMaterial, createWireMaterials } from './wire-materials.ts';

export interface LightLevels {
  readonly sky: number;
  readonly key: number;
  readonly fill: number;
  readonly rim: number;
}

const NONE: LightLevels = { sky: 0, key: 0, fill: 0, rim: 0 };

/** Photo colours carry their own light: mostly sky. Shape wants one strong lamp and an edge against the dark. */
export const LIGHT_LEVELS: Readonly<Record<Shading, LightLevels>> = {
  colour: { sky: 2.85, key: 1.35, fill: 0.35, rim: 0.6 },
  normals: NONE,
  clay: { sky: 0.42, key: 2.9, fill: 0.4, rim: 2.2 },
  matcap: NONE,
  wireframe: NONE,
  points: NONE,
  seen: { sky: 0.8, key: 2.2, fill: 0.4, rim: 1.2 },
  // The colour is the reading: lit like the photo, so that it stays near what the legend shows.
  confidence: { sky: 3.1, key: 1.2, fill: 0.4, rim: 0.3 },
  parts: { sky: 2.4, key: 1.6, fill: 0.4, rim: 0.3 },
};

const CLAY = new Color('#d9cbc0');

/**
 * (n + 1)/2 in the figure's own frame, written as it is (no colour conversion): red right, green up, blue front.
 */
function normalMaterial(): ShaderMaterial {
  return new ShaderMaterial({
    clipping: true,
    vertexShader: `
      #include <clipping_planes_pars_vertex>
      varying vec3 vFigureNormal;
      void main() {
        vFigureNormal = normal;
        vec4 mvPosition = modelViewMatrix * vec4(position, 1.0);
        gl_Position = projectionMatrix * mvPosition;
        #include <clipping_planes_vertex>
      }`,
    fragmentShader: `
      #include <clipping_planes_pars_fragment>
      varying vec3 vFigureNormal;
      void main() {
        #include <clipping_planes_fragment>
        gl_FragColor = vec4(normalize(vFigureNormal) * 0.5 + 0.5, 1.0);
      }`,
  });
}

const MATCAP_PX = 256;

function matcapTexture(matcap: Matcap): Texture {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = MATCAP_PX;
  const ball = new ImageData(ballPixels(matcap, MATCAP_PX), MATCAP_PX, MATCAP_PX);
  canvas.getContext('2d')?.putImageData(ball, 0, 0);
  const texture = new CanvasTexture(canvas);
  texture.colorSpace = SRGBColorSpace;
  return texture;
}

export interface FigureMaterials {
  /** Of the triangles; those of `points` are drawn by `points` instead. */
  readonly surface: Readonly<Record<Exclude<Shading, 'points'>, Material>>;
  readonly points: ShaderMaterial;
  readonly edges: ShaderMaterial;
  /** Of the inside that a section opens: back faces, drawn where the plane cuts. */
  readonly cap: ShaderMaterial;
  readonly floor: MeshBasicMaterial;
  setMatcap(matcap: Matcap): void;
  /** What is behind the plane is not drawn; null: all of it is. */
  cutBy(plane: Plane | null): void;
  /** Pixels of the drawing's height, for sizes that are given in pixels. */
  setHeightPx(heightPx: number): void;
  dispose(): void;
}

export function createFigureMaterials(): FigureMaterials {
  const matcap = new MeshMatcapMaterial();
  const textures = new Map<Matcap, Texture>();
  const wire = createWireMaterials();
  const points = createPointMaterial();
  const cap = createCapMaterial();
  // What is a reading keeps its colours, whatever the exposure.
  const reading = { vertexColors: true, metalness: 0, toneMapped: false } as const;
  const surface = {
    colour: new MeshStandardMaterial({ vertexColors: true, roughness: 0.9, metalness: 0 }),
    normals: normalMaterial(),
    clay: new MeshStandardMaterial({ color: CLAY, roughness: 0.78, metalness: 0 }),
    matcap,
    wireframe: wire.surface,
    seen: new MeshStandardMaterial({ ...reading, roughness: 0.8 }),
    confidence: new MeshStandardMaterial({ ...reading, roughness: 1 }),
    parts: new MeshStandardMaterial({ ...reading, roughness: 1 }),
  };
  const floor = new MeshBasicMaterial({
    transparent: true,
    depthWrite: false,
    side: DoubleSide,
    vertexColors: true,
    toneMapped: false,
  });
  const cut = [...Object.values(surface), points, wire.edges, cap];
  return {
    surface,
    points,
    edges: wire.edges,
    cap,
    floor,
    setMatcap(which) {
      let texture = textures.get(which);
      if (!texture) {
        texture = matcapTexture(which);
        textures.set(which, texture);
      }
      if (!matcap.matcap !== !texture) matcap.needsUpdate = true;
      matcap.matcap = texture;
    },
    cutBy(plane) {
      for (const material of cut) material.clippingPlanes = plane ? [plane] : null;
      // Cut open, points of the far side are seen from within.
      points.uniforms.open.value = plane !== null;
      if (plane) {
        (cap.uniforms.planeNormal.value as Vector3).copy(plane.normal);
        cap.uniforms.planeConstant.value = plane.constant;
      }
    },
    setHeightPx(heightPx) {
      for (const { uniforms } of [points, wire.edges, wire.surface]) uniforms.heightPx.value = heightPx;
    },
    dispose() {
      for (const material of cut) material.dispose();
      for (const texture of textures.values()) texture.dispose();
      floor.dispose();
    },
  };
}
