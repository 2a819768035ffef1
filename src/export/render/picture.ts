/** A picture of the figure as PNG, three-quarter view. Needs WebGL on an OffscreenCanvas (current browsers, workers, too). */
import type { MeshData } from '../mesh-data.ts';
import { openFigureStudio } from './figure-studio.ts';

const WIDTH = 1536;
const HEIGHT = 2048;
/** The viewer's own first view. */
const AZIMUTH_DEG = -24;

/** @throws StageError E_BAD_MESH, E_DEVICE. */
export async function writePicture(mesh: MeshData, transparent: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const studio = await openFigureStudio(canvas, mesh, transparent);
  try {
    studio.draw(AZIMUTH_DEG);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    studio.dispose();
  }
}
