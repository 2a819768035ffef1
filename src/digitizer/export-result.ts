/** Files of the last result: mesh (whole, or with fewer triangles) in its formats, cloud as PLY, report as JSON, the original's files as one ZIP. */
import { StageError } from '../base/errors.ts';
import type { FigureSkeleton } from '../base/skeleton.ts';
import type { TexturedMesh } from '../base/textured-mesh.ts';
import { VERSION } from '../base/version.ts';
import { type EncodeProgress, encodeMesh, encodeTextured, type FigureFacts } from '../export/encode-mesh.ts';
import {
  DEFAULT_FILE_OPTIONS,
  EXPORTS,
  type ExportFormat,
  type FileOptions,
  isMeshFormat,
  isRigged,
  isTextured,
} from '../export/formats.ts';
import type { WholeFigure } from '../export/placement.ts';
import { writeCloudPly } from '../export/ply.ts';
import { writeZip } from '../export/zip.ts';
import type { FileResults } from './file-work.ts';
import { referenceFolder } from './reference-folder.ts';
import type { RunReport, SimplifiedMesh } from './types.ts';

const GENERATOR = `Statuette ${VERSION}`;

/** What a file is made of. */
export interface FileContent {
  readonly results: FileResults;
  /** What the mesh files hold, and the report tells of; null or left out: the whole surface. */
  readonly simplified?: SimplifiedMesh | null;
  /** That mesh with its atlas, for formats that need one. */
  readonly textured?: TexturedMesh | null;
  /** Of that mesh, for formats that move. */
  readonly skeleton?: FigureSkeleton | null;
  readonly options?: FileOptions;
}

function missing(what: string): StageError {
  return new StageError('export', 'E_NOT_READY', `There is no ${what} to save yet.`, {
    fix: 'Run a photo to the end first.',
  });
}

/** What files say of the figure. */
function factsOf(
  report: RunReport,
  simplified: SimplifiedMesh | null,
  whole: WholeFigure | null = null,
  heightMeters?: number,
): FigureFacts {
  const { triangles, boundaryEdges } = simplified?.report ?? report;
  return {
    name: report.name,
    generator: GENERATOR,
    whole,
    ...(heightMeters && { heightMeters }),
    extras: {
      mode: report.mode,
      pack: `${report.pack.name} ${report.pack.version}`,
      packLicence: report.pack.licence,
      points: report.points,
      triangles,
      boundaryEdges,
      ...(simplified && { surfaceTriangles: report.triangles }),
    },
  };
}

/**
 * @param onProgress told by the formats that take long.
 * @throws StageError E_NOT_READY before the stage that makes it has finished, E_BAD_MESH / E_BAD_CLOUD from the writers.
 */
export async function exportResult(
  format: ExportFormat,
  {
    results,
    simplified = null,
    textured = null,
    skeleton = null,
    options = DEFAULT_FILE_OPTIONS,
  }: FileContent,
  onProgress?: EncodeProgress,
): Promise<Blob> {
  const type = EXPORTS[format].mime;
  if (isMeshFormat(format)) {
    const { surface, report } = results;
    if (!surface || !report) throw missing('mesh');
    const mesh = simplified?.mesh ?? surface.mesh;
    if (isRigged(format) && !skeleton) throw missing('skeleton');
    const own = factsOf(report, simplified, results.whole, options.heightMeters);
    const facts = { ...own, ...(skeleton && { skeleton }) };
    const bytes = await encodeMesh(format, mesh, facts, options, onProgress);
    return new Blob([bytes], { type });
  }
  if (isTextured(format)) {
    const { report } = results;
    if (!textured || !report) throw missing('textured mesh');
    const facts = factsOf(report, simplified, results.whole, options.heightMeters);
    return new Blob([await encodeTextured(format, textured, facts)], { type });
  }
  switch (format) {
    case 'cloudPly':
      if (!results.cloud) throw missing('point cloud');
      return new Blob([writeCloudPly(results.cloud)], { type });
    case 'report': {
      if (!results.report) throw missing('report');
      const report = { ...results.report, simplified: simplified?.report ?? null };
      return new Blob([`${JSON.stringify(report, null, 2)}\n`], { type });
    }
    case 'referenceFolder':
      return new Blob([writeZip(referenceFolder(results))], { type });
  }
}
