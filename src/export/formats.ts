/** The files a figure can be saved as. */

export interface ExportEntry {
  /** Of the file's name, after the figure's. */
  readonly ending: string;
  readonly mime: string;
  /** What must be there; `mesh`, `textured mesh` and `report` are of the mesh in its chosen size. */
  readonly needs: 'mesh' | 'textured mesh' | 'report' | 'cloud' | 'maps';
}

export const EXPORTS = {
  glb: { ending: '.glb', mime: 'model/gltf-binary', needs: 'mesh' },
  texturedGlb: { ending: '-textured.glb', mime: 'model/gltf-binary', needs: 'textured mesh' },
  meshPly: { ending: '.ply', mime: 'application/octet-stream', needs: 'mesh' },
  cloudPly: { ending: '-cloud.ply', mime: 'application/octet-stream', needs: 'cloud' },
  report: { ending: '-report.json', mime: 'application/json', needs: 'report' },
  referenceFolder: { ending: '-reference.zip', mime: 'application/zip', needs: 'maps' },
} as const satisfies Readonly<Record<string, ExportEntry>>;

export type ExportFormat = keyof typeof EXPORTS;

/** Of the mesh in its chosen size, or about it. */
export function isOfMesh(format: ExportFormat): boolean {
  const { needs } = EXPORTS[format];
  return needs === 'mesh' || needs === 'textured mesh' || needs === 'report';
}

/** Needs an atlas, which takes seconds to make. */
export function isTextured(format: ExportFormat): boolean {
  return EXPORTS[format].needs === 'textured mesh';
}
