/**
 * The page behind `npm run views`: draws a GLB from fixed sides with an orthographic camera.
 * Called from Node through `window.drawView`.
 */
import * as THREE from 'three';
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js';

const SIDES = ['front', 'left', 'back', 'right', 'threeQuarter', 'face', 'headBack', 'top'] as const;
export type ViewSide = (typeof SIDES)[number];
const SHADINGS = ['colour', 'clay', 'normals', 'seen', 'wire'] as const;
export type ViewShading = (typeof SHADINGS)[number];

export interface ViewRequest {
  readonly side: ViewSide;
  readonly shading: ViewShading;
  readonly width: number;
  readonly height: number;
}

declare global {
  interface Window {
    loadMesh: (url: string) => Promise<void>;
    /** Posts a PNG of one view to `target`. */
    drawView: (request: ViewRequest, target: string) => Promise<void>;
  }
}

/** Turn about the vertical axis in degrees, and tilt, seen from where the camera stands. */
const CAMERA_DEG: Readonly<Record<ViewSide, readonly [turn: number, tilt: number]>> = {
  front: [0, 0],
  left: [90, 0],
  back: [180, 0],
  right: [-90, 0],
  threeQuarter: [35, 12],
  face: [0, 0],
  headBack: [180, 0],
  top: [0, 89],
};
const CLOSE_UPS: readonly ViewSide[] = ['face', 'headBack'];
/** Share of the person's height that a head close-up shows. */
const HEAD_SHARE = 0.24;
/** Share of the height, from the top, whose vertices say where the head is. */
const HEAD_SAMPLE = 0.1;

const renderer = new THREE.WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
renderer.setClearColor(0x1b1915);
document.body.append(renderer.domElement);
const scene = new THREE.Scene();
const camera = new THREE.OrthographicCamera(-1, 1, 1, -1, -20, 20);
// The lights hang on the camera: every side is lit alike, so sides can be compared.
const key = new THREE.DirectionalLight(0xffffff, 2.1);
key.position.set(-1, 1.2, 2);
camera.add(key, key.target, new THREE.AmbientLight(0xffffff, 1.1));
scene.add(camera);

const SHADING_MATERIALS: Readonly<Record<Exclude<ViewShading, 'seen'>, THREE.Material>> = {
  colour: new THREE.MeshStandardMaterial({ vertexColors: true, roughness: 0.9 }),
  clay: new THREE.MeshStandardMaterial({ color: 0xc8a287, roughness: 0.75 }),
  normals: new THREE.MeshNormalMaterial(),
  wire: new THREE.MeshBasicMaterial({ color: 0xd7c8b6, wireframe: true }),
};

let mesh: THREE.Mesh | null = null;
let seenMaterial: THREE.Material | null = null;
const box = new THREE.Box3();
const headCentre = new THREE.Vector3();

/** Orange where the surface is guessed, blue where the photo shows it. */
function materialOfSeen(geometry: THREE.BufferGeometry): THREE.Material {
  const seen = geometry.getAttribute('_seen') ?? geometry.getAttribute('_SEEN');
  const colours = new Float32Array(geometry.getAttribute('position').count * 3);
  const guessed = new THREE.Color(0xe08a4f);
  const known = new THREE.Color(0x4f8fe0);
  const mixed = new THREE.Color();
  for (let i = 0; i < colours.length / 3; i++) {
    mixed.lerpColors(guessed, known, seen ? seen.getX(i) : 0).toArray(colours, i * 3);
  }
  geometry.setAttribute('seenColour', new THREE.BufferAttribute(colours, 3));
  return new THREE.MeshStandardMaterial({ vertexColors: true, roughness: 0.9 });
}

window.loadMesh = async (url) => {
  const gltf = await new GLTFLoader().loadAsync(url);
  scene.add(gltf.scene);
  gltf.scene.updateMatrixWorld(true);
  gltf.scene.traverse((object) => {
    if (object instanceof THREE.Mesh) mesh = object;
  });
  if (!mesh) throw new Error('The file has no mesh.');
  const { material } = mesh;
  // What has a texture has no vertex colours; its normal map is part of the shape.
  if (material instanceof THREE.MeshStandardMaterial && material.map) {
    Object.assign(SHADING_MATERIALS.colour, { vertexColors: false, map: material.map });
    for (const shown of [SHADING_MATERIALS.colour, SHADING_MATERIALS.clay, SHADING_MATERIALS.normals]) {
      Object.assign(shown, { normalMap: material.normalMap, normalScale: material.normalScale });
    }
  }
  seenMaterial = materialOfSeen(mesh.geometry);
  box.setFromObject(gltf.scene, true);
  findHead(mesh);
};

/** Mean of the highest vertices: a leaning person's head is not above the middle of the box. */
function findHead(of: THREE.Mesh): void {
  const positions = of.geometry.getAttribute('position');
  const from = box.max.y - HEAD_SAMPLE * (box.max.y - box.min.y);
  const point = new THREE.Vector3();
  let count = 0;
  headCentre.set(0, 0, 0);
  for (let i = 0; i < positions.count; i++) {
    point.fromBufferAttribute(positions, i).applyMatrix4(of.matrixWorld);
    if (point.y < from) continue;
    headCentre.add(point);
    count++;
  }
  headCentre.divideScalar(Math.max(1, count));
}

function aim(request: ViewRequest): void {
  const centre = box.getCenter(new THREE.Vector3());
  const size = box.getSize(new THREE.Vector3());
  let halfHeight = 0.53 * Math.max(size.y, (size.x * request.height) / request.width);
  if (CLOSE_UPS.includes(request.side)) {
    centre.copy(headCentre).setY(box.max.y - (HEAD_SHARE / 2) * size.y);
    halfHeight = (HEAD_SHARE / 2) * size.y;
  }
  const [turn, tilt] = CAMERA_DEG[request.side].map(THREE.MathUtils.degToRad);
  camera.position
    .set(Math.sin(turn) * Math.cos(tilt), Math.sin(tilt), Math.cos(turn) * Math.cos(tilt))
    .multiplyScalar(5)
    .add(centre);
  camera.lookAt(centre);
  camera.top = halfHeight;
  camera.bottom = -halfHeight;
  camera.right = (halfHeight * request.width) / request.height;
  camera.left = -camera.right;
  camera.updateProjectionMatrix();
}

window.drawView = async (request, target) => {
  if (!mesh || !seenMaterial) throw new Error('Load a mesh first.');
  renderer.setSize(request.width, request.height);
  const geometry = mesh.geometry;
  const ownColours = geometry.getAttribute('color');
  if (request.shading === 'seen') geometry.setAttribute('color', geometry.getAttribute('seenColour'));
  mesh.material = request.shading === 'seen' ? seenMaterial : SHADING_MATERIALS[request.shading];
  aim(request);
  renderer.render(scene, camera);
  if (ownColours) geometry.setAttribute('color', ownColours);
  const blob = await new Promise<Blob | null>((done) => renderer.domElement.toBlob(done, 'image/png'));
  if (!blob) throw new Error('The picture could not be encoded.');
  const answer = await fetch(target, { method: 'POST', body: blob });
  if (!answer.ok) throw new Error(await answer.text());
};
