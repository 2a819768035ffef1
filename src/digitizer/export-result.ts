/** Files of the last result: mesh (whole, or with fewer triangles) as GLB or PLY, cloud as PLY, report as JSON, the original's files as one ZIP. */
import { StageError } from '../base/errors.ts';
import { VERSION } from '../base/version.ts';
import { EXPORTS, type ExportFormat } from '../export/formats.ts';
import { type JsonValue, writeGlb } from '../export/glb.ts';
import { writeCloudPly, writeMeshPly } from '../export/ply.ts';
import { writeZip } from '../export/zip.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { referenceFolder } from './reference-folder.ts';
import type { RunResults } from './stage.ts';
import type { SimplifiedMesh } from './types.ts';

const GENERATOR = `Statuette ${VERSION}`;

function missing(what: string): StageError {
  return new StageError('export', 'E_NOT_READY', `There is no ${what} to save yet.`, {
    fix: 'Run a photo to the end first.',
  });
}

/**
 * @param kernels    the set that the maps of `results` live in.
 * @param simplified what the mesh files hold, and the report tells of; null: the whole surface.
 * @throws StageError E_NOT_READY before the stage that makes it has finished, E_BAD_MESH / E_BAD_CLOUD from the writers.
 */
export async function exportResult(
  format: ExportFormat,
  results: RunResults,
  kernels: KernelSet | null,
  simplified: SimplifiedMesh | null = null,
): Promise<Blob> {
  const type = EXPORTS[format].mime;
  switch (format) {
    case 'glb': {
      const { surface, report } = results;
      if (!surface || !report) throw missing('mesh');
      const { triangles, boundaryEdges } = simplified?.report ?? report;
      const extras: Record<string, JsonValue> = {
        mode: report.mode,
        pack: `${report.pack.name} ${report.pack.version}`,
        packLicence: report.pack.licence,
        points: report.points,
        triangles,
        boundaryEdges,
        ...(simplified && { surfaceTriangles: report.triangles }),
      };
      const bytes = writeGlb(simplified?.mesh ?? surface.mesh, {
        name: report.name,
        generator: GENERATOR,
        extras,
      });
      return new Blob([bytes], { type });
    }
    case 'meshPly':
      if (!results.surface) throw missing('mesh');
      return new Blob([writeMeshPly(simplified?.mesh ?? results.surface.mesh)], { type });
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
