/** The shadings of the figure: each says which material, which vertex colours and how strong the light. */
import {
  Color,
  DoubleSide,
  LineBasicMaterial,
  type Material,
  MeshBasicMaterial,
  MeshStandardMaterial,
  ShaderMaterial,
} from 'three';
import type { Shading } from '../store/state.ts';

export interface LightLevels {
  readonly sky: number;
  readonly key: number;
  readonly fill: number;
  readonly rim: number;
}

/** Photo colours carry their own light: mostly sky. Shape wants one strong lamp and an edge against the dark. */
export const LIGHT_LEVELS: Readonly<Record<Shading, LightLevels>> = {
  colour: { sky: 2.85, key: 1.35, fill: 0.35, rim: 0.6 },
  normals: { sky: 0, key: 0, fill: 0, rim: 0 },
  clay: { sky: 0.42, key: 2.9, fill: 0.4, rim: 2.2 },
  wireframe: { sky: 0.3, key: 0.6, fill: 0.1, rim: 0.4 },
  seen: { sky: 0.8, key: 2.2, fill: 0.4, rim: 1.2 },
  // The colour is the reading: lit like the photo, so that it stays near what the legend shows.
  confidence: { sky: 3.1, key: 1.2, fill: 0.4, rim: 0.3 },
};

const CLAY = new Color('#d9cbc0');
const CLAY_DARK = new Color('#1d1f23');
const EDGE = new Color('#e2a47c');

/**
 * (n + 1)/2 in the figure's own frame, written as it is (no colour conversion): red right, green up, blue front.
 */
function normalMaterial(): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader: `
      varying vec3 vFigureNormal;
      void main() {
        vFigureNormal = normal;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }`,
    fragmentShader: `
      varying vec3 vFigureNormal;
      void main() {
        gl_FragColor = vec4(normalize(vFigureNormal) * 0.5 + 0.5, 1.0);
      }`,
  });
}

export interface FigureMaterials {
  readonly surface: Readonly<Record<Shading, Material>>;
  readonly edges: LineBasicMaterial;
  readonly floor: MeshBasicMaterial;
  dispose(): void;
}

export function createFigureMaterials(): FigureMaterials {
  const clay = new MeshStandardMaterial({ color: CLAY, roughness: 0.78, metalness: 0 });
  const surface = {
    colour: new MeshStandardMaterial({ vertexColors: true, roughness: 0.9, metalness: 0 }),
    normals: normalMaterial(),
    clay,
    wireframe: new MeshStandardMaterial({
      color: CLAY_DARK,
      roughness: 1,
      polygonOffset: true,
      polygonOffsetFactor: 1,
      polygonOffsetUnits: 1,
    }),
    seen: new MeshStandardMaterial({ vertexColors: true, roughness: 0.8, metalness: 0 }),
    confidence: new MeshStandardMaterial({ vertexColors: true, roughness: 1, metalness: 0 }),
  };
  const edges = new LineBasicMaterial({ color: EDGE, transparent: true, opacity: 0.38 });
  const floor = new MeshBasicMaterial({
    transparent: true,
    depthWrite: false,
    side: DoubleSide,
    vertexColors: true,
  });
  return {
    surface,
    edges,
    floor,
    dispose() {
      for (const material of Object.values(surface)) material.dispose();
      edges.dispose();
      floor.dispose();
    },
  };
}
