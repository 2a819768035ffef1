/** One mesh as a file of any format that is made of the mesh alone. Runs in the worker that encodes; heavy writers load on demand. */
import type { FigureSkeleton } from '../base/skeleton.ts';
import type { TexturedMesh } from '../base/textured-mesh.ts';
import { type FileOptions, isPrintable, isRigged, type MeshFormat, type TexturedFormat } from './formats.ts';
import type { JsonValue } from './gltf-file.ts';
import type { MeshData } from './mesh-data.ts';
import type { WholeFigure } from './placement.ts';

export interface FigureFacts {
  /** Of the figure, for formats that name things. */
  readonly name: string;
  /** Program and version. */
  readonly generator: string;
  /** Where the mesh is only part of the person. */
  readonly whole?: WholeFigure | null;
  /** Of the person; left out: 1.70. */
  readonly heightMeters?: number;
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
  const { name, generator, whole, heightMeters } = facts;
  const heightMm = heightMeters && heightMeters * 1000;
  // What is printed stands on the bed, whatever it is of.
  const scale = whole && { height: whole.height };
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
      return writeObjZip(mesh, { name, generator, whole, up, heightMeters });
    }
    case 'stl': {
      const { writeStl } = await import('./stl.ts');
      return writeStl(mesh, { title: `${name}, ${generator}, mm, z up`, whole: scale, heightMm });
    }
    case 'threeMf': {
      const { writeThreeMf } = await import('./three-mf.ts');
      return writeThreeMf(mesh, { name, generator, whole: scale, heightMm });
    }
    case 'meshPly': {
      const { writePlacedPly } = await import('./ply.ts');
      return writePlacedPly(mesh, { generator, whole, up, heightMeters });
    }
    case 'asciiPly': {
      const { writeAsciiPly } = await import('./ply.ts');
      return writeAsciiPly(mesh, { generator, whole, up, heightMeters });
    }
    case 'usdz': {
      const { writeUsdz } = await import('./usdz.ts');
      return writeUsdz(mesh, { generator, whole, heightMeters });
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

/** As encodeMesh, of a mesh with pictures. */
export async function encodeTextured(
  format: TexturedFormat,
  textured: TexturedMesh,
  facts: FigureFacts,
): Promise<Uint8Array<ArrayBuffer>> {
  switch (format) {
    case 'texturedGlb': {
      const { writeTexturedGlb } = await import('./textured-glb.ts');
      return writeTexturedGlb(textured, facts);
    }
  }
}
