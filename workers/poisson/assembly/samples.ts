/**
 * A sample of the cloud as the grid sees it: not a point but the small patch of surface that it stands for.
 *
 * Depth map: a pixel at depth z covers (z / focal)^2 / (|cos| * l / z) of surface, l the distance along its ray and cos
 * the cosine between ray and normal; that is exact, so no density has to be estimated. |cos| is kept above 0.08.
 * The patch is a strip: one pixel wide, 1/|cos| pixels long along the direction in which the surface turns away.
 * Other clouds: a square of the area that density.ts found.
 *
 * A patch longer than a cell is split into up to 8 x 8 pieces, so that grazing views leave no gaps. Pieces are made
 * anew by every pass over the cloud; storing them would cost 28 bytes each.
 */
import { blockEnd, SAMPLE_BLOCK } from './sample-blocks';
import { S } from './state';

const LEAST_COSINE: f32 = 0.08;
const MOST_PIECES: f32 = 8;

/** The loaded sample: centre in finest cells, unit normal, area of a piece in cells^2, pieces and their steps. */
export let centreX: f32 = 0,
  centreY: f32 = 0,
  centreZ: f32 = 0;
export let normalX: f32 = 0,
  normalY: f32 = 0,
  normalZ: f32 = 0;
export let pieceArea: f32 = 0;
export let piecesA: i32 = 1,
  piecesB: i32 = 1;
let stepAX: f32 = 0,
  stepAY: f32 = 0,
  stepAZ: f32 = 0;
let stepBX: f32 = 0,
  stepBY: f32 = 0,
  stepBZ: f32 = 0;
/** The loaded piece, in finest cells. */
export let pieceX: f32 = 0,
  pieceY: f32 = 0,
  pieceZ: f32 = 0;

/** Area that the pixel of sample i covers, in the caller's units squared. */
export function pixelArea(i: i32): f32 {
  const at = <usize>i * 12;
  const x = load<f32>(S.positions + at),
    y = load<f32>(S.positions + at, 4);
  const z = S.cameraZ - load<f32>(S.positions + at, 8);
  const l = sqrt<f32>(x * x + y * y + z * z);
  const along =
    load<f32>(S.normals + at) * x + load<f32>(S.normals + at, 4) * y - load<f32>(S.normals + at, 8) * z;
  const pixel = z / S.focal;
  return (pixel * pixel * (z / l)) / max(abs(along) / l, LEAST_COSINE);
}

/** Job over blocks of samples: S.areas. */
export function cameraAreasJob(first: i32, last: i32): void {
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++)
    store<f32>(S.areas + ((<usize>i) << 2), pixelArea(i));
}

/** Makes sample i the loaded one; its area may be 0 (flying-pixels.ts). */
export function loadSample(i: i32): void {
  const at = <usize>i * 12;
  const px = load<f32>(S.positions + at),
    py = load<f32>(S.positions + at, 4),
    pz = load<f32>(S.positions + at, 8);
  const nx = load<f32>(S.normals + at),
    ny = load<f32>(S.normals + at, 4),
    nz = load<f32>(S.normals + at, 8);
  const scale = S.scale;
  // Four cells at the border stay free for the widest stencil.
  const last = <f32>(1 << S.depth) - 4.001;
  centreX = min(max((px - S.originX) * scale, 4), last);
  centreY = min(max((py - S.originY) * scale, 4), last);
  centreZ = min(max((pz - S.originZ) * scale, 4), last);
  normalX = nx;
  normalY = ny;
  normalZ = nz;
  const area = load<f32>(S.areas + ((<usize>i) << 2)) * scale * scale;

  // Tangents: a along which the surface turns away from the viewer, b across.
  let vx: f32, vy: f32, vz: f32, lengthB: f32;
  if (S.focal > 0) {
    vx = px;
    vy = py;
    vz = pz - S.cameraZ;
    lengthB = (-vz / S.focal) * scale;
    const inverse: f32 = 1 / sqrt<f32>(vx * vx + vy * vy + vz * vz);
    vx *= inverse;
    vy *= inverse;
    vz *= inverse;
  } else {
    // Any direction that is not the normal.
    vx = abs(nx) < 0.6 ? 1 : 0;
    vy = 1 - vx;
    vz = 0;
    lengthB = sqrt<f32>(area);
  }
  const lengthA = area / lengthB;
  const wantA = min(max(ceil<f32>(lengthA), 1), MOST_PIECES);
  const wantB = min(max(ceil<f32>(lengthB), 1), MOST_PIECES);
  piecesA = <i32>wantA;
  piecesB = <i32>wantB;
  pieceArea = area / (wantA * wantB);
  if (piecesA > 1 || piecesB > 1) {
    const along = vx * nx + vy * ny + vz * nz;
    let ax = vx - along * nx,
      ay = vy - along * ny,
      az = vz - along * nz;
    const inverse: f32 = 1 / max(sqrt<f32>(ax * ax + ay * ay + az * az), 1e-6);
    ax *= inverse;
    ay *= inverse;
    az *= inverse;
    const a = lengthA / wantA,
      b = lengthB / wantB;
    stepAX = ax * a;
    stepAY = ay * a;
    stepAZ = az * a;
    stepBX = (ny * az - nz * ay) * b;
    stepBY = (nz * ax - nx * az) * b;
    stepBZ = (nx * ay - ny * ax) * b;
  }
}

/** The cell along y that loadSample's centre lies in. */
// @ts-ignore: decorator
@inline export function sampleCellY(i: i32): i32 {
  const y = load<f32>(S.positions + <usize>i * 12, 4);
  return <i32>min(max((y - S.originY) * S.scale, 4), <f32>(1 << S.depth) - 4.001);
}

/** How far sample i's pieces can lie from its centre, in cells. */
export function sampleReach(i: i32): f32 {
  const area = load<f32>(S.areas + ((<usize>i) << 2)) * S.scale * S.scale;
  const lengthB =
    S.focal > 0
      ? ((S.cameraZ - load<f32>(S.positions + <usize>i * 12, 8)) / S.focal) * S.scale
      : sqrt<f32>(area);
  return <f32>0.5 * (area / lengthB + lengthB);
}

/** Makes piece (a, b) of the loaded sample the loaded piece. */
// @ts-ignore: decorator
@inline export function loadPiece(a: i32, b: i32): void {
  if (piecesA == 1 && piecesB == 1) {
    pieceX = centreX;
    pieceY = centreY;
    pieceZ = centreZ;
    return;
  }
  const s = <f32>a + <f32>0.5 - <f32>0.5 * <f32>piecesA;
  const t = <f32>b + <f32>0.5 - <f32>0.5 * <f32>piecesB;
  const last = <f32>(1 << S.depth) - 4.001;
  pieceX = min(max(centreX + s * stepAX + t * stepBX, 4), last);
  pieceY = min(max(centreY + s * stepAY + t * stepBY, 4), last);
  pieceZ = min(max(centreZ + s * stepAZ + t * stepBZ, 4), last);
}
