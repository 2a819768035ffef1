/** Which part of the body each vertex of the figure belongs to: the one that has most to say where the photo shows it. */
import type { RgbaImage } from '../base/images.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { Steps } from '../base/steps.ts';
import type { PartReport } from '../digitizer/types.ts';
import { CANVAS_SIZE, KIND_OF_PART, PART_IDS, type PartId } from '../geometry/body.ts';
import { canvasFromCloud } from '../geometry/camera.ts';
import { outOfLensSteps } from '../geometry/framed-cloud.ts';
import type { CanvasCamera } from '../geometry/framing.ts';
import { KIND_COLOURS, LINEAR_FROM_SRGB } from './colour.ts';
import { cropGrid } from './layers.ts';
import { cropSize } from './part-frame.ts';

/** Of no part. */
export const NO_PART = 255;
/** Vertices between two pauses. */
const BLOCK = 4096;

/**
 * @param weights grey pictures of each part's share in the merge, in its crop; a part without one counts by its box alone,
 *   the smallest first.
 * @returns place in PART_IDS for each vertex, or NO_PART.
 */
export function* vertexPartsSteps(
  mesh: Pick<SurfaceMesh, 'positions' | 'normals'>,
  reports: readonly PartReport[],
  weights: Partial<Readonly<Record<PartId, RgbaImage>>>,
  lens?: CanvasCamera,
): Steps<Uint8Array> {
  const { positions } = lens ? yield* outOfLensSteps(mesh, lens) : mesh;
  const parts = reports
    .map((report) => ({ report, area: cropArea(report) }))
    .sort((a, b) => a.area - b.area)
    .map(({ report: { part, corners } }) => ({
      index: PART_IDS.indexOf(part),
      weight: weights[part]?.data ?? null,
      ...cropGrid(corners, cropSize(part)),
    }));
  const out = new Uint8Array(positions.length / 3).fill(NO_PART);
  for (let v = 0; v < out.length; v++) {
    if (v % BLOCK === 0) yield;
    const [column, row] = canvasFromCloud(
      [positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]],
      CANVAS_SIZE,
    );
    let most = 0;
    for (const {
      index,
      weight,
      width,
      height,
      fromCanvas: [a, b, c, d, e, f],
    } of parts) {
      const x = Math.floor(a * column + b * row + c);
      const y = Math.floor(d * column + e * row + f);
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const share = weight ? weight[(y * width + x) * 4] + 1 : 1;
      if (share <= most) continue;
      most = share;
      out[v] = index;
    }
  }
  return out;
}

const cropArea = ({ part, scale }: PartReport) =>
  cropSize(part).width * cropSize(part).height * scale * scale;

/** How light the parts that are not chosen are, and those of no part. */
const DIMMED = 0.34;
const NOBODY = 0.1;

/** Vertex colours by part, linear 16 bit, 4 per vertex: the colour of its network, the chosen part alone in full. */
export function partColours(parts: Uint8Array, chosen: PartId): Uint16Array<ArrayBuffer> {
  const table = PART_IDS.map((part) => {
    const hex = KIND_COLOURS[KIND_OF_PART[part]];
    return [1, 3, 5].map((at) => {
      const linear = LINEAR_FROM_SRGB[Number.parseInt(hex.slice(at, at + 2), 16)];
      return Math.round(65535 * linear * (part === chosen ? 1 : DIMMED));
    });
  });
  const nobody = Math.round(65535 * NOBODY);
  const out = new Uint16Array(parts.length * 4);
  for (let v = 0; v < parts.length; v++) {
    const colour = table[parts[v]];
    for (let c = 0; c < 3; c++) out[v * 4 + c] = colour ? colour[c] : nobody;
    out[v * 4 + 3] = 65535;
  }
  return out;
}
