/**
 * A plane that cuts the figure open. What lies beyond it is not drawn; where it cuts through the solid, the back faces that
 * come into sight are drawn as the cut itself: each of their pixels is moved along its ray on to the plane and hatched
 * there. One draw more, no stencil, and the cut hides and is hidden like a real face.
 */
import { BackSide, Plane, ShaderMaterial, Vector3 } from 'three';
import type { SectionAxis, SectionState } from '../store/model-state.ts';
import type { FigureBounds } from './figure-geometry.ts';

export const AXIS_VECTORS: Readonly<Record<SectionAxis, Vector3>> = {
  x: new Vector3(1, 0, 0),
  y: new Vector3(0, 1, 0),
  z: new Vector3(0, 0, 1),
};

/** Place of the plane along its axis, mesh units. */
export function sectionPosition({ axis, at }: SectionState, { centre, size }: FigureBounds): number {
  return centre[axis] + (at - 0.5) * size[axis];
}

/** The half that stays is where the plane's distance is positive: below, left of, behind it; flipped: the other one. */
export function planeOf(section: SectionState, bounds: FigureBounds): Plane {
  const position = sectionPosition(section, bounds);
  const sign = section.flipped ? 1 : -1;
  return new Plane(AXIS_VECTORS[section.axis].clone().multiplyScalar(sign), -sign * position);
}

/** Share of the figure's size that the plane's frame stands out over it. */
const MARGIN = 0.06;

/** Corners of the plane's frame, in order around it. */
export function frameCorners(section: SectionState, bounds: FigureBounds): readonly Vector3[] {
  const others = (['x', 'y', 'z'] as const).filter((axis) => axis !== section.axis);
  const margin = MARGIN * Math.max(bounds.size.x, bounds.size.y, bounds.size.z);
  return [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].map((signs) => {
    const corner = bounds.centre.clone();
    corner[section.axis] = sectionPosition(section, bounds);
    for (const [i, axis] of others.entries()) {
      corner[axis] += signs[i] * (bounds.size[axis] / 2 + margin);
    }
    return corner;
  });
}

/** Where the ray of a picture meets the plane; null when it runs along it or away. */
export function onPlane(origin: Vector3, direction: Vector3, plane: Plane): Vector3 | null {
  const slope = plane.normal.dot(direction);
  const t = slope === 0 ? -1 : -plane.distanceToPoint(origin) / slope;
  return t > 0 ? origin.clone().addScaledVector(direction, t) : null;
}

export function createCapMaterial(): ShaderMaterial {
  return new ShaderMaterial({
    clipping: true,
    side: BackSide,
    uniforms: {
      planeNormal: { value: new Vector3(0, -1, 0) },
      planeConstant: { value: 0 },
      /** Lines of the hatch per mesh unit. */
      density: { value: 70 },
    },
    vertexShader: `
      #include <clipping_planes_pars_vertex>
      varying vec3 vPoint;
      void main() {
        vPoint = position;
        vec4 mvPosition = modelViewMatrix * vec4(position, 1.0);
        gl_Position = projectionMatrix * mvPosition;
        #include <clipping_planes_vertex>
      }`,
    fragmentShader: `
      #include <clipping_planes_pars_fragment>
      varying vec3 vPoint;
      uniform vec3 planeNormal;
      uniform float planeConstant;
      uniform float density;
      uniform mat4 projectionMatrix;
      void main() {
        #include <clipping_planes_fragment>
        vec3 ray = vPoint - cameraPosition;
        float t = -(planeConstant + dot(planeNormal, cameraPosition)) / dot(planeNormal, ray);
        vec3 hit = cameraPosition + t * ray;
        vec4 clip = projectionMatrix * viewMatrix * vec4(hit, 1.0);
        gl_FragDepth = clamp(clip.z / clip.w * 0.5 + 0.5, 0.0, 1.0);
        vec3 a = abs(planeNormal);
        vec2 on = a.x > 0.5 ? hit.yz : a.y > 0.5 ? hit.xz : hit.xy;
        float line = (on.x + on.y) * density;
        float wide = fwidth(line);
        float away = abs(fract(line) - 0.5);
        float ink = (1.0 - smoothstep(0.16 - wide, 0.16 + wide, away)) * (1.0 - smoothstep(0.3, 0.7, wide));
        // Far away the hatch is its own mean tone.
        ink += 0.32 * smoothstep(0.3, 0.7, wide);
        vec3 colour = mix(vec3(0.62, 0.42, 0.31), vec3(0.88, 0.64, 0.49), ink);
        gl_FragColor = vec4(colour, 1.0);
      }`,
  });
}
