/** One mesh as a file of any format that is made of the mesh alone. Runs in the worker that encodes; heavy writers load on demand. */
import type { FigureSkeleton } from '../base/skeleton.ts';
import { type FileOptions, isPrintable, isRigged, type MeshFormat } from './formats.ts';
import type { JsonValue } from './gltf-file.ts';
import type { MeshData } from './mesh-data.ts';

export interface FigureFacts {
  /** Of the figure, for formats that name things. */
  readonly name: string;
  /** Program and version. */
  readonly generator: string;
  /** Where the mesh came from, in figures; goes into glTF's extras. */
  readonly extras: { readonly [key: string]: JsonValue };
  /** In the mesh's frame; for the formats that move. */
  readonly skeleton?: FigureSkeleton;
}

/** @param fraction done, 0 to 1. */
export type EncodeProgress = (fraction: number) => void;

/**
 * @returns the whole file; same mesh, facts and options, same bytes (pictures and video: on one machine).
 * @throws StageError E_BAD_MESH when no file can hold the mesh honestly.
 */
export async function encodeMesh(
  format: MeshFormat,
  mesh: MeshData,
  facts: FigureFacts,
  { up, transparent, print }: FileOptions,
  onProgress: EncodeProgress = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { name, generator } = facts;
  if (print && isPrintable(format)) {
    const { makePrintSolid } = await import('./print/print-solid.ts');
    const { writePrint } = await import('./print/write-print.ts');
    return writePrint(format, await makePrintSolid(mesh, print), facts);
  }
  if (isRigged(format)) {
    if (!facts.skeleton) throw new Error(`${format} needs a skeleton`);
    const { writeRiggedGlb } = await import('./rig/rigged-glb.ts');
    return writeRiggedGlb(mesh, facts.skeleton, facts, format === 'vrm' ? 'vrm' : 'glb');
  }
  switch (format) {
    case 'glb': {
      const { writeGlb } = await import('./glb.ts');
      return writeGlb(mesh, facts);
    }
    case 'glbMeshopt': {
      const { writeMeshoptGlb } = await import('./glb-meshopt.ts');
      return writeMeshoptGlb(mesh, facts);
    }
    case 'obj': {
      const { writeObjZip } = await import('./obj.ts');
      return writeObjZip(mesh, { name, generator, up });
    }
    case 'stl': {
      const { writeStl } = await import('./stl.ts');
      return writeStl(mesh, { title: `${name}, ${generator}, mm, z up` });
    }
    case 'threeMf': {
      const { writeThreeMf } = await import('./three-mf.ts');
      return writeThreeMf(mesh, { name, generator });
    }
    case 'meshPly': {
      const { writePlacedPly } = await import('./ply.ts');
      return writePlacedPly(mesh, { generator, up });
    }
    case 'asciiPly': {
      const { writeAsciiPly } = await import('./ply.ts');
      return writeAsciiPly(mesh, { generator, up });
    }
    case 'usdz': {
      const { writeUsdz } = await import('./usdz.ts');
      return writeUsdz(mesh, { generator });
    }
    case 'html': {
      const { writePage } = await import('./html/page.ts');
      return writePage(mesh, facts);
    }
    case 'png': {
      const { writePicture } = await import('./render/picture.ts');
      return writePicture(mesh, transparent);
    }
    case 'webm': {
      const { writeTurntable } = await import('./render/turntable.ts');
      return writeTurntable(mesh, onProgress);
    }
  }
}
