/**
 * Runs inside a saved page (page.ts): unpacks the figure that the page holds and shows it to turn. Bundled into one
 * script with everything it needs; asks nothing of any server. Figures that can move get a button for each motion.
 */

import { MeshoptDecoder } from 'meshoptimizer/decoder';
import {
  AnimationMixer,
  Box3,
  Color,
  DirectionalLight,
  HemisphereLight,
  PerspectiveCamera,
  Scene,
  Timer,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';

const FIELD_OF_VIEW_DEG = 28;
/** Of a key press: radians, and share of the distance. */
const TURN_STEP = 0.1;
const ZOOM_STEP = 0.1;

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

async function figureBytes(): Promise<ArrayBuffer> {
  const text = element('figure').textContent?.trim() ?? '';
  return (await fetch(`data:application/octet-stream;base64,${text}`)).arrayBuffer();
}

function lights(scene: Scene): void {
  scene.add(new HemisphereLight('#fffaf4', '#6f675f', 2.85));
  for (const [colour, strength, x, y, z] of [
    ['#fff1e2', 1.35, 1, 0.95, 0.6],
    ['#dfe8ff', 0.35, -1.2, 0.15, 0.7],
    ['#ffd9bd', 0.6, -0.7, 0.7, -1.2],
  ] as const) {
    const light = new DirectionalLight(colour, strength);
    light.position.set(x, y, z);
    scene.add(light);
  }
}

async function show(): Promise<void> {
  await MeshoptDecoder.ready;
  const loader = new GLTFLoader();
  loader.setMeshoptDecoder(MeshoptDecoder);
  const { scene: figure, animations } = await loader.parseAsync(await figureBytes(), '');
  const canvas = element<HTMLCanvasElement>('view');
  const renderer = new WebGLRenderer({ canvas, antialias: true });
  const scene = new Scene();
  scene.background = new Color('#1b1d20');
  scene.add(figure);
  lights(scene);
  const box = new Box3().setFromObject(figure);
  const size = box.getSize(new Vector3());
  const middle = box.getCenter(new Vector3());
  const camera = new PerspectiveCamera(FIELD_OF_VIEW_DEG, 1, 0.01, 100);
  const controls = new OrbitControls(camera, canvas);
  controls.target.copy(middle);
  controls.enableDamping = true;
  controls.enablePan = false;
  controls.autoRotate = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  controls.autoRotateSpeed = 1.5;
  // Who turns it by hand looks at something: it stays there.
  controls.addEventListener('start', () => {
    controls.autoRotate = false;
  });
  const resize = () => {
    const { clientWidth: width, clientHeight: height } = canvas;
    renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    renderer.setSize(width, height, false);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
  };
  resize();
  addEventListener('resize', resize);
  const half = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360);
  const wide = Math.hypot(size.x, size.z);
  const away = Math.max(size.y / half, wide / (half * camera.aspect)) * 0.56 + wide / 2;
  camera.position.set(
    middle.x + away * Math.sin(-0.42),
    middle.y + away * 0.07,
    middle.z + away * Math.cos(-0.42),
  );
  controls.minDistance = size.y * 0.15;
  controls.maxDistance = away * 3;
  const turn = (angle: number) => {
    controls.autoRotate = false;
    camera.position
      .sub(middle)
      .applyAxisAngle(new Vector3(0, 1, 0), angle)
      .add(middle);
  };
  addEventListener('keydown', ({ key }) => {
    if (key === 'ArrowLeft') turn(-TURN_STEP);
    else if (key === 'ArrowRight') turn(TURN_STEP);
    else if (key === '+') camera.position.lerp(middle, ZOOM_STEP);
    else if (key === '-') camera.position.lerp(middle, -ZOOM_STEP);
  });
  const mixer = new AnimationMixer(figure);
  const row = element('motions');
  for (const clip of animations) {
    const button = document.createElement('button');
    button.textContent = clip.name;
    button.addEventListener('click', () => {
      const playing = button.getAttribute('aria-pressed') === 'true';
      mixer.stopAllAction();
      for (const other of row.children) other.setAttribute('aria-pressed', 'false');
      if (playing) return;
      button.setAttribute('aria-pressed', 'true');
      mixer.clipAction(clip).play();
    });
    row.append(button);
  }
  const timer = new Timer();
  renderer.setAnimationLoop((time) => {
    timer.update(time);
    mixer.update(timer.getDelta());
    controls.update();
    renderer.render(scene, camera);
    document.body.dataset.shown = 'true';
  });
}

show().catch((error: unknown) => {
  element('problem').textContent =
    `The figure cannot be shown: ${error instanceof Error ? error.message : String(error)}. Open this page in a current Chrome, Edge, Firefox or Safari.`;
});
