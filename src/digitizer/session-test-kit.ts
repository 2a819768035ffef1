/**
 * For tests only: a real session with its real runner, cache and queue, whose stages take turns of the message loop instead
 * of computing. What they make is text, so that a test sees what a result was made of.
 */

import { StageError } from '../base/errors.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import { nextTask, type Steps } from '../base/steps.ts';
import type { Pack } from '../networks/packs/pack.ts';
import { PackShelf } from './pack-shelf.ts';
import { ResultCache } from './result-cache.ts';
import { DigitizerSession } from './session.ts';
import type { AnyStage, ResultId, StageContext } from './stage.ts';
import type { PackSummary, StageId } from './types.ts';

/** Turns of the message loop that a stage takes. */
const STAGE_TURNS = 4;

function* turns(count: number): Steps<void> {
  for (let i = 0; i < count; i++) yield;
}

/** Longer than the pace's slice, so that each step is a pause. */
async function work(context: StageContext): Promise<void> {
  for (let i = 0; i < STAGE_TURNS; i++) {
    context.progress(i / STAGE_TURNS, 'working');
    await nextTask();
    await context.pace(turns(1));
    if (context.signal.aborted) {
      throw new StageError(context.stage, 'E_CANCELLED', 'The run was cancelled.', { fix: '' });
    }
  }
}

const textOf = async (file: Blob) => (await file.text()).trim();

/** Photos say in their text where they fail, or never end. */
function walkStages(): ReadonlyMap<ResultId, AnyStage> {
  // biome-ignore lint/suspicious/noExplicitAny: texts stand for results
  type Given = any;
  const fake = (
    id: string,
    inputs: string[],
    options: string[],
    make: (inputs: Given, options: Given) => unknown,
  ) =>
    ({
      id,
      version: 1,
      inputs,
      options,
      estimate: () => 1024,
      detail: () => id,
      async run(given: Given, chosen: Given, context: StageContext) {
        await work(context);
        const made = await make(given, chosen);
        if (id === 'partNormals') context.show({}, 'head');
        return made;
      },
    }) as unknown as AnyStage;
  const failIf = (text: string, word: string, stage: StageId, code: 'E_NOT_AN_IMAGE' | 'E_NO_PERSON') => {
    if (text.includes(word)) throw new StageError(stage, code, `It is ${word}.`, { fix: 'Another.' });
    return text;
  };
  const list = [
    fake('photo', ['photoFile'], ['mode'], async ({ photoFile }, { mode }) => {
      return `${failIf(await textOf(photoFile), 'unreadable', 'photo', 'E_NOT_AN_IMAGE')} ${mode}`;
    }),
    fake(
      'matte',
      ['photo', 'maskFile'],
      [],
      async ({ photo, maskFile }) => `${photo} ${maskFile ? await textOf(maskFile) : ''}`,
    ),
    fake('pose', ['photo', 'poseFile'], ['subject'], ({ photo, poseFile }) => {
      if (photo.includes('endless')) return new Promise(() => {});
      failIf(`${photo} ${poseFile}`, 'nobody', 'pose', 'E_NO_PERSON');
      return { keypoints: new Float64Array(93), text: poseFile ?? '' };
    }),
    fake('parts', ['pose'], [], ({ pose }) => ({ reports: [], text: pose.text })),
    fake('coarse', ['photo', 'matte'], ['weights'], ({ matte }) => matte),
    fake('partNormals', ['coarse', 'parts'], [], ({ coarse, parts }) => [`${coarse} ${parts.text}`]),
    fake('mergedNormals', ['partNormals'], [], ({ partNormals }) => partNormals[0]),
    fake('fineDepth', ['mergedNormals'], [], ({ mergedNormals }) => ({ text: mergedNormals, tiles: [] })),
    fake('cloud', ['fineDepth'], [], ({ fineDepth }) => ({ count: 1, text: fineDepth.text })),
    {
      ...fake('surface', ['cloud'], ['surfaceDepth'], () => {}),
      async run(
        { cloud }: { cloud: { text: string } },
        { surfaceDepth }: { surfaceDepth: number },
        context: StageContext,
      ) {
        await work(context);
        return { mesh: meshOf(`${cloud.text} ${surfaceDepth}`), stats: { triangles: 380_000 } };
      },
    } as unknown as AnyStage,
  ];
  return new Map(list.map((descriptor) => [descriptor.id as ResultId, descriptor]));
}

/** What a mesh was made of, in its own bytes. */
function meshOf(text: string): SurfaceMesh {
  const bytes = new TextEncoder().encode(text.replace(/\s+/g, ' ').trim());
  const empty = { positions: new Float32Array(), normals: new Float32Array(), indices: new Uint32Array() };
  return { ...empty, colours: bytes, seen: new Uint8Array(), confidence: new Uint8Array() };
}

export function textOfMesh(mesh: SurfaceMesh): string {
  return new TextDecoder().decode(mesh.colours);
}

const cancelled = () => new StageError('surface', 'E_CANCELLED', 'Cancelled.', { fix: '' });

/** A started session; small enough a cache that results are let go of. */
export function turnTakingSession(): DigitizerSession {
  const pack = {
    summary: { name: 'walk' } as PackSummary,
    manifest: { files: [{ sha256: 'x' }], widths: {} },
  } as unknown as Pack;
  return new DigitizerSession(
    {
      detect: async () => null,
      solveSurface: () => Promise.reject(new Error('the walk has a surface stage of its own')),
      async simplify(mesh, triangles, signal) {
        for (let i = 0; i < STAGE_TURNS; i++) {
          await nextTask();
          if (signal.aborted) throw cancelled();
        }
        const report = {
          ...{ vertices: 1, boundaryEdges: 0, nonManifoldEdges: 0, components: 1, elapsedMs: 1 },
        };
        return { mesh, report: { ...report, wantedTriangles: triangles, triangles } };
      },
      encode: async ({ format, mesh }) => new TextEncoder().encode(`${format} ${textOfMesh(mesh)}`),
      printPreview: () => Promise.reject(new Error('the walk prints nothing')),
      openWasm: () => ({
        worksOnCopies: true,
        open: () => Promise.reject(new Error('the walk has no networks')),
        openGraph: () => Promise.reject(new Error('the walk has no networks')),
        heapBytes: () => null,
        abandon: () => {},
        dispose: () => {},
      }),
    },
    { stages: walkStages(), cache: new ResultCache(20 * 1024), packs: new PackShelf(async () => pack) },
  );
}
