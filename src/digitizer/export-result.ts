/** Files of the last result: mesh (whole, or with fewer triangles) in its formats, cloud as PLY, report as JSON, the original's files as one ZIP. */
import { StageError } from '../base/errors.ts';
import { VERSION } from '../base/version.ts';
import type { FigureFacts } from '../export/encode-mesh.ts';
import { EXPORTS, type ExportFormat, isMeshFormat, isRigged, type MeshFormat } from '../export/formats.ts';
import type { MeshData } from '../export/mesh-data.ts';
import { writeCloudPly } from '../export/ply.ts';
import { writeZip } from '../export/zip.ts';
import { estimateSkeleton } from '../geometry/skeleton.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { referenceFolder } from './reference-folder.ts';
import type { RunResults } from './stage.ts';
import type { RunReport, SimplifiedMesh } from './types.ts';

const GENERATOR = `Statuette ${VERSION}`;

function missing(what: string): StageError {
  return new StageError('export', 'E_NOT_READY', `There is no ${what} to save yet.`, {
    fix: 'Run a photo to the end first.',
  });
}

/** What files say of the figure. */
function factsOf(report: RunReport, simplified: SimplifiedMesh | null): FigureFacts {
  const { triangles, boundaryEdges } = simplified?.report ?? report;
  return {
    name: report.name,
    generator: GENERATOR,
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

/** Makes a file of a mesh, elsewhere than in this thread. */
export type MeshEncoder = (
  format: MeshFormat,
  mesh: MeshData,
  facts: FigureFacts,
) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * @param kernels    the set that the maps of `results` live in.
 * @param encode     makes the files of the mesh.
 * @param simplified what the mesh files hold, and the report tells of; null: the whole surface.
 * @throws StageError E_NOT_READY before the stage that makes it has finished, E_BAD_MESH / E_BAD_CLOUD from the writers.
 */
export async function exportResult(
  format: ExportFormat,
  results: RunResults,
  kernels: KernelSet | null,
  encode: MeshEncoder,
  simplified: SimplifiedMesh | null = null,
): Promise<Blob> {
  const type = EXPORTS[format].mime;
  if (isMeshFormat(format)) {
    const { surface, report, pose } = results;
    if (!surface || !report) throw missing('mesh');
    const facts = factsOf(report, simplified);
    const mesh = simplified?.mesh ?? surface.mesh;
    if (isRigged(format) && !pose) throw missing('pose');
    const skeleton =
      isRigged(format) && pose ? estimateSkeleton(mesh.positions, mesh.indices, pose.keypoints) : undefined;
    const bytes = await encode(format, mesh, { ...facts, ...(skeleton && { skeleton }) });
    return new Blob([bytes], { type });
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
    case 'referenceFolder': {
      if (!kernels) throw missing('result');
      const files = await referenceFolder(results, kernels);
      return new Blob([writeZip(files)], { type });
    }
  }
}
