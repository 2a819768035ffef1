/** Squares of ten centimetres on the floor, every metre stronger; thin at any distance, gone where they would be denser than pixels. */
import { useThree } from '@react-three/fiber';
import { useEffect, useMemo } from 'react';
import { DoubleSide, PlaneGeometry, ShaderMaterial, Vector3 } from 'three';
import type { FigureBounds } from './figure-geometry.ts';

/** How far the floor reaches, in heights of the figure. */
const REACH = 2.2;

export function FloorGrid(props: {
  readonly bounds: FigureBounds;
  /** Millimetres of one mesh unit. */
  readonly mmPerUnit: number;
  readonly ink: 'light' | 'dark';
}) {
  const { bounds, mmPerUnit, ink } = props;
  const invalidate = useThree((state) => state.invalidate);
  const geometry = useMemo(() => {
    const side = 2 * REACH * bounds.size.y;
    return new PlaneGeometry(side, side)
      .rotateX(-Math.PI / 2)
      .translate(bounds.centre.x, bounds.floorY, bounds.centre.z);
  }, [bounds]);
  const material = useMemo(
    () =>
      new ShaderMaterial({
        transparent: true,
        depthWrite: false,
        side: DoubleSide,
        uniforms: {
          centre: { value: new Vector3() },
          squares: { value: 1 },
          reach: { value: 1 },
          ink: { value: 1 },
        },
        vertexShader: `
          varying vec2 vOn;
          uniform vec3 centre;
          void main() {
            vOn = position.xz - centre.xz;
            gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
          }`,
        fragmentShader: `
          varying vec2 vOn;
          uniform float squares;
          uniform float reach;
          uniform float ink;
          float lines(vec2 at) {
            vec2 wide = fwidth(at);
            vec2 near = abs(fract(at - 0.5) - 0.5) / max(wide, 1e-6);
            vec2 drawn = (1.0 - clamp(1.5 * near - 0.25, 0.0, 1.0)) * (1.0 - smoothstep(0.15, 0.5, wide));
            return max(drawn.x, drawn.y);
          }
          void main() {
            vec2 at = vOn * squares;
            float alpha = max(0.11 * lines(at), 0.26 * lines(at / 10.0));
            alpha *= 1.0 - smoothstep(0.25, 1.0, length(vOn) / reach);
            if (alpha < 0.003) discard;
            gl_FragColor = vec4(vec3(ink), alpha);
          }`,
      }),
    [],
  );
  useEffect(() => () => geometry.dispose(), [geometry]);
  useEffect(() => () => material.dispose(), [material]);
  useEffect(() => {
    const { uniforms } = material;
    uniforms.centre.value.copy(bounds.centre);
    uniforms.squares.value = mmPerUnit / 100;
    uniforms.reach.value = REACH * bounds.size.y;
    uniforms.ink.value = ink === 'light' ? 1 : 0;
    invalidate();
  }, [material, bounds, mmPerUnit, ink, invalidate]);
  return <mesh geometry={geometry} material={material} renderOrder={-2} dispose={null} />;
}
