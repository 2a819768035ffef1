/** The files a figure can be saved as. */
import type { PrintOptions } from './print/print-options.ts';

export interface ExportEntry {
  /** Of the file's name, after the figure's. */
  readonly ending: string;
  readonly mime: string;
  /** What must be there; `mesh`, `textured mesh` and `report` are of the mesh in its chosen size. */
  readonly needs: 'mesh' | 'textured mesh' | 'report' | 'cloud' | 'maps';
  /** Its name on the command line; those without one are not asked for by name there. */
  readonly word?: string;
  /** Where the command line puts it, in the photo's folder. */
  readonly file?: string;
  /** Meshes with more triangles are made smaller for it: phones and pages stumble over more. */
  readonly mostTriangles?: number;
}

export const EXPORTS = {
  glb: { ending: '.glb', mime: 'model/gltf-binary', needs: 'mesh', word: 'glb', file: 'mesh.glb' },
  texturedGlb: {
    ending: '-textured.glb',
    mime: 'model/gltf-binary',
    needs: 'textured mesh',
    word: 'glb-textured',
    file: 'mesh-textured.glb',
  },
  glbMeshopt: {
    ending: '-meshopt.glb',
    mime: 'model/gltf-binary',
    needs: 'mesh',
    word: 'glb-meshopt',
    file: 'mesh-meshopt.glb',
  },
  obj: { ending: '-obj.zip', mime: 'application/zip', needs: 'mesh', word: 'obj', file: 'mesh-obj.zip' },
  stl: { ending: '.stl', mime: 'model/stl', needs: 'mesh', word: 'stl', file: 'mesh.stl' },
  threeMf: { ending: '.3mf', mime: 'model/3mf', needs: 'mesh', word: '3mf', file: 'mesh.3mf' },
  meshPly: {
    ending: '.ply',
    mime: 'application/octet-stream',
    needs: 'mesh',
    word: 'ply',
    file: 'mesh.ply',
  },
  asciiPly: {
    ending: '-ascii.ply',
    mime: 'text/plain',
    needs: 'mesh',
    word: 'ply-ascii',
    file: 'mesh-ascii.ply',
  },
  usdz: {
    ending: '.usdz',
    mime: 'model/vnd.usdz+zip',
    needs: 'mesh',
    word: 'usdz',
    file: 'mesh.usdz',
    mostTriangles: 50_000,
  },
  rigged: {
    ending: '-rigged.glb',
    mime: 'model/gltf-binary',
    needs: 'mesh',
    word: 'glb-rigged',
    file: 'mesh-rigged.glb',
    mostTriangles: 200_000,
  },
  vrm: {
    ending: '.vrm',
    mime: 'model/gltf-binary',
    needs: 'mesh',
    word: 'vrm',
    file: 'mesh.vrm',
    mostTriangles: 50_000,
  },
  html: {
    ending: '.html',
    mime: 'text/html',
    needs: 'mesh',
    word: 'html',
    file: 'figure.html',
    mostTriangles: 200_000,
  },
  png: { ending: '.png', mime: 'image/png', needs: 'mesh', word: 'png', file: 'picture.png' },
  webm: {
    ending: '.webm',
    mime: 'video/webm',
    needs: 'mesh',
    word: 'webm',
    file: 'turntable.webm',
    mostTriangles: 200_000,
  },
  cloudPly: { ending: '-cloud.ply', mime: 'application/octet-stream', needs: 'cloud' },
  report: { ending: '-report.json', mime: 'application/json', needs: 'report' },
  referenceFolder: { ending: '-reference.zip', mime: 'application/zip', needs: 'maps' },
} as const satisfies Readonly<Record<string, ExportEntry>>;

export type ExportFormat = keyof typeof EXPORTS;

const entries = Object.entries(EXPORTS) as [ExportFormat, ExportEntry][];

type FormatOf<Needs, Format extends ExportFormat = ExportFormat> = Format extends ExportFormat
  ? (typeof EXPORTS)[Format]['needs'] extends Needs
    ? Format
    : never
  : never;

/** Files made of the mesh alone, in the worker that encodes. */
export type MeshFormat = FormatOf<'mesh'>;

/** Files of a mesh with an atlas, which takes seconds to make. */
export type TexturedFormat = FormatOf<'textured mesh'>;

export const MESH_FORMATS = entries
  .filter(([, { needs }]) => needs === 'mesh')
  .map(([format]) => format as MeshFormat);

/** Of the mesh in its chosen size, or about it. */
export function isOfMesh(format: ExportFormat): boolean {
  const { needs } = EXPORTS[format];
  return needs === 'mesh' || needs === 'textured mesh' || needs === 'report';
}

export function isMeshFormat(format: ExportFormat): format is MeshFormat {
  return EXPORTS[format].needs === 'mesh';
}

export function isTextured(format: ExportFormat): format is TexturedFormat {
  return EXPORTS[format].needs === 'textured mesh';
}

/** Of a print solid: a tenth of a millimetre an edge in a figure 15 cm tall. */
export const MOST_PRINT_TRIANGLES = 200_000;

/** Formats with a skeleton. */
export function isRigged(format: ExportFormat): format is 'rigged' | 'vrm' {
  return format === 'rigged' || format === 'vrm';
}

/** Formats that can hold a solid made for printing. */
export function isPrintable(format: ExportFormat): format is 'stl' | 'threeMf' {
  return format === 'stl' || format === 'threeMf';
}

/** Made of more than mesh and report, which is all that a figure from storage has before its run is made again. */
export function needsRun(format: ExportFormat): boolean {
  const { needs } = EXPORTS[format];
  return isRigged(format) || (needs !== 'mesh' && needs !== 'report');
}

/**
 * Most triangles of the mesh that goes into a file.
 *
 * @param wanted as chosen; null: the whole surface.
 * @param surface triangles of the whole surface.
 */
export function trianglesFor(
  format: ExportFormat,
  wanted: number | null,
  surface: number,
  { print }: Pick<FileOptions, 'print'> = DEFAULT_FILE_OPTIONS,
): number | null {
  const entry: ExportEntry = EXPORTS[format];
  const mostTriangles = print && isPrintable(format) ? MOST_PRINT_TRIANGLES : entry.mostTriangles;
  if (mostTriangles === undefined || surface <= mostTriangles) return wanted;
  return Math.min(wanted ?? mostTriangles, mostTriangles);
}

/** Words of the command line, in the table's order. */
export const FORMAT_WORDS = entries.flatMap(([, { word }]) => word ?? []);

/** @returns the format of a word of the command line. */
export function formatOfWord(word: string): ExportFormat | undefined {
  return entries.find(([, entry]) => entry.word === word)?.[0];
}

/** What the person chooses about a file, beside its format. */
export interface FileOptions {
  /** Of OBJ and PLY; the other formats say which axis is up, or have a custom. */
  readonly up: 'y' | 'z';
  /** Nothing behind the figure in the picture. */
  readonly transparent: boolean;
  /** STL and 3MF hold a solid made for printing; null: the figure as it is, life-size. */
  readonly print: PrintOptions | null;
  /** How tall the person is in files that have a size, m; left out: 1.70. */
  readonly heightMeters?: number;
}

export const DEFAULT_FILE_OPTIONS: FileOptions = { up: 'y', transparent: false, print: null };
