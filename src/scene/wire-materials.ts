/**
 * Triangles and points without moire. A mesh of half a million triangles has several edges in one pixel when the whole
 * figure is seen: drawn as they are, they beat against the pixel grid. Each vertex therefore knows how long its edges are
 * (attribute `reach`, mesh units); where an edge is shorter than a few pixels its line fades out, and the surface below takes
 * on the tone that the lines would have had on average.
 */
import { Color, ShaderMaterial } from 'three';

/** Lines fade in over this length of an edge, device px. */
const FADE_FROM_PX = 3;
const FADE_TO_PX = 9;
const LINE_OPACITY = 0.62;

const EDGE = new Color('#e2a47c');
const GROUND = new Color('#1d1f23');

/** Length of the edges at this vertex on screen, px, and how much of it turns away. */
const EDGE_PX = `
  attribute float reach;
  uniform float heightPx;
  varying float vEdgePx;
  void measureEdge(vec3 viewNormal, vec3 viewPosition, vec4 clip) {
    float facing = abs(dot(normalize(viewNormal), normalize(viewPosition)));
    vEdgePx = reach * max(facing, 0.15) * projectionMatrix[1][1] * 0.5 * heightPx / clip.w;
  }`;

const VERTEX = `
  #include <clipping_planes_pars_vertex>
  ${EDGE_PX}
  varying vec3 vViewNormal;
  void main() {
    vec4 mvPosition = modelViewMatrix * vec4(position, 1.0);
    vViewNormal = normalMatrix * normal;
    gl_Position = projectionMatrix * mvPosition;
    measureEdge(vViewNormal, mvPosition.xyz, gl_Position);
    #include <clipping_planes_vertex>
  }`;

const SHOWN = `
  varying float vEdgePx;
  float shown() { return smoothstep(${FADE_FROM_PX.toFixed(1)}, ${FADE_TO_PX.toFixed(1)}, vEdgePx); }`;

/** sRGB as it is written: these are drawings, not lit surfaces. */
const srgb = (colour: Color) => {
  const { r, g, b } = colour.clone().convertLinearToSRGB();
  return `vec3(${[r, g, b].map((c) => c.toFixed(4)).join(', ')})`;
};

export function createWireMaterials(): { readonly surface: ShaderMaterial; readonly edges: ShaderMaterial } {
  const surface = new ShaderMaterial({
    clipping: true,
    polygonOffset: true,
    polygonOffsetFactor: 1,
    polygonOffsetUnits: 1,
    uniforms: { heightPx: { value: 1 } },
    vertexShader: VERTEX,
    fragmentShader: `
      #include <clipping_planes_pars_fragment>
      ${SHOWN}
      varying vec3 vViewNormal;
      void main() {
        #include <clipping_planes_fragment>
        vec3 n = normalize(vViewNormal);
        float light = 0.72 + 0.5 * max(0.0, dot(n, normalize(vec3(-0.45, 0.6, 0.66))));
        // Share of a pixel that one-pixel lines around triangles with such edges cover: 2 sqrt(3) / length.
        float covered = min(1.0, 3.46 / max(vEdgePx, 1.0)) * ${LINE_OPACITY.toFixed(2)};
        vec3 tone = mix(${srgb(GROUND)}, ${srgb(EDGE)}, covered * (1.0 - shown()) * 0.72);
        gl_FragColor = vec4(tone * light, 1.0);
      }`,
  });
  const edges = new ShaderMaterial({
    clipping: true,
    transparent: true,
    depthWrite: false,
    uniforms: { heightPx: { value: 1 } },
    vertexShader: VERTEX,
    fragmentShader: `
      #include <clipping_planes_pars_fragment>
      ${SHOWN}
      void main() {
        #include <clipping_planes_fragment>
        float alpha = shown() * ${LINE_OPACITY.toFixed(2)};
        if (alpha < 0.01) discard;
        gl_FragColor = vec4(${srgb(EDGE)}, alpha);
      }`,
  });
  return { surface, edges };
}

/** Round dots in the vertices' colours, as large as their spacing wants; those that face away are left out. */
export function createPointMaterial(): ShaderMaterial {
  return new ShaderMaterial({
    clipping: true,
    vertexColors: true,
    uniforms: { heightPx: { value: 1 }, open: { value: false } },
    vertexShader: `
      #include <clipping_planes_pars_vertex>
      attribute float reach;
      uniform float heightPx;
      uniform bool open;
      varying vec3 vColour;
      varying float vSizePx;
      void main() {
        vec4 mvPosition = modelViewMatrix * vec4(position, 1.0);
        gl_Position = projectionMatrix * mvPosition;
        float facing = dot(normalize(normalMatrix * normal), -normalize(mvPosition.xyz));
        vColour = color.rgb * (open && facing < 0.0 ? 0.45 : 1.0);
        vSizePx = clamp(0.55 * reach * projectionMatrix[1][1] * 0.5 * heightPx / gl_Position.w, 1.5, 26.0);
        gl_PointSize = vSizePx;
        if (!open && facing < -0.05) gl_Position = vec4(0.0, 0.0, 2.0, 1.0);
        #include <clipping_planes_vertex>
      }`,
    fragmentShader: `
      #include <clipping_planes_pars_fragment>
      varying vec3 vColour;
      varying float vSizePx;
      void main() {
        #include <clipping_planes_fragment>
        if (vSizePx > 3.0 && length(gl_PointCoord - 0.5) > 0.5) discard;
        gl_FragColor = vec4(vColour, 1.0);
        #include <colorspace_fragment>
      }`,
  });
}
