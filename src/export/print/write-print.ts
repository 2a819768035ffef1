/** A print solid as a file for slicers. */
import type { FigureFacts } from '../encode-mesh.ts';
import { writeStlTriangles } from '../stl.ts';
import { writeThreeMfSolid } from '../three-mf.ts';
import type { PrintSolid } from './print-solid.ts';

export function writePrint(
  format: 'stl' | 'threeMf',
  { positions, indices, colours }: PrintSolid,
  { name, generator }: Pick<FigureFacts, 'name' | 'generator'>,
): Uint8Array<ArrayBuffer> {
  return format === 'stl'
    ? writeStlTriangles(positions, indices, `${name}, ${generator}, mm, z up`)
    : writeThreeMfSolid({ positions, indices, colours }, { name, generator });
}
