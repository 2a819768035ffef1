/**
 * The digitizer worker through its client, in a real browser: a whole run, what the inspector may ask, an edit that
 * recomputes one part, errors and cancelling. Networks on WASM with the starter pack.
 */
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashNoise } from '../src/base/deterministic.ts';
import { StageError } from '../src/base/errors.ts';
import type { SurfaceMesh } from '../src/base/mesh.ts';
import { createDigitizerClient, type DigitizerClient } from '../src/client/digitizer-client.ts';
import {
  DEFAULT_RUN_OPTIONS,
  type ExportEvent,
  type RunEvent,
  type RunInput,
  type RunOptions,
  STAGE_IDS,
} from '../src/digitizer/types.ts';
import { PART_IDS } from '../src/geometry/body.ts';
import { reportEdges } from './poisson/topology.ts';

const OPTIONS: RunOptions = { ...DEFAULT_RUN_OPTIONS, backend: 'wasm', surfaceDepth: 8 };
const RUN_MS = 170_000;

interface OpenPosePerson {
  pose_keypoints_2d: number[];
}

let client: DigitizerClient;
let photo: Blob;
let poseJson: string;
/** Of the run in which only the wrist moved. */
let movedWrist: SurfaceMesh | null = null;
const input = (): RunInput => ({ name: 'bomber-jacket', photo, poseJson, keepResults: false });

beforeAll(async () => {
  photo = await (await fetch('/samples/bomber-jacket.jpg')).blob();
  poseJson = await (await fetch('/samples/bomber-jacket_keypoints.json')).text();
  client = createDigitizerClient();
  const packUrl = new URL('/packs/starter/', location.href).href;
  const { machine, pack } = await client.start(OPTIONS, { kind: 'url', url: packUrl });
  expect(machine.backend).toBe('wasm');
  expect(pack.id).toBe('starter');
}, 120_000);

afterAll(() => client?.dispose());

function withMovedWrist(json: string): string {
  const moved = JSON.parse(json) as { people: OpenPosePerson[] };
  const LEFT_WRIST_ROW = 7;
  moved.people[0].pose_keypoints_2d[LEFT_WRIST_ROW * 3] += 12;
  return JSON.stringify(moved);
}

function collect(events: RunEvent[]): (event: RunEvent) => void {
  return (event) => {
    events.push(event);
    if (event.kind === 'thumbnail') event.bitmap.close();
  };
}

const doneDetail = (events: readonly RunEvent[], stage: string): string | undefined => {
  for (const event of events) {
    if (event.kind === 'stage' && event.stage === stage && event.state.kind === 'done') {
      return `${event.state.detail}${event.state.cached ? ' (cached)' : ''}`;
    }
  }
  return undefined;
};

describe('the digitizer worker', () => {
  test(
    'runs a photo to a closed mesh and answers the inspector',
    async () => {
      const events: RunEvent[] = [];
      const { report, mesh } = await client.run(input(), OPTIONS, collect(events));
      expect(report.boundaryEdges).toBe(0);
      expect(report.nonManifoldEdges).toBe(0);
      expect(report.triangles).toBe(mesh.indices.length / 3);
      expect(report.points).toBeGreaterThan(100_000);
      expect(events.filter((e) => e.kind === 'thumbnail').map((e) => e.stage)).toEqual(
        expect.arrayContaining(['photo', 'matte', 'coarse', 'partNormals', 'mergedNormals', 'fineDepth']),
      );

      const keypoints = await client.keypoints();
      expect(keypoints?.length).toBe(93);
      expect((await client.partReports()).length).toBe(12);
      const merged = await client.picture({ kind: 'mergedNormals', side: 'front' });
      expect(merged?.width).toBe(2048);
      merged?.close();
      const crop = await client.pixels({ kind: 'partNormals', part: 'leftForearm', side: 'back' });
      expect([crop?.width, crop?.height]).toEqual([224, 352]);
      const depth = await client.map('fine_depth');
      expect(depth?.shape).toEqual([2, 2048, 2048]);

      // The middle of the body is inside the figure: its front is nearer than its back and faces the camera.
      const hips = [11, 12].map((row) => [keypoints![row * 3], keypoints![row * 3 + 1]]);
      const probe = await client.probe((hips[0][1] + hips[1][1]) / 2, (hips[0][0] + hips[1][0]) / 2);
      expect(probe).not.toBeNull();
      expect(probe!.frontDepthPx).toBeLessThan(probe!.backDepthPx);
      expect(probe!.frontNormal[2]).toBeGreaterThan(0);
      expect(await client.probe(2, 2)).toBeNull();

      const glb = await client.exportFile('glb');
      expect(new TextDecoder().decode((await glb.arrayBuffer()).slice(0, 4))).toBe('glTF');

      const zip = await client.exportFile('referenceFolder');
      const files = unzipSync(new Uint8Array(await zip.arrayBuffer()));
      expect(Object.keys(files).length).toBe(9 + 2 * 12);
      const pointsIn = (path: string) =>
        Number(/element vertex (\d+)/.exec(new TextDecoder().decode(files[path].subarray(0, 200)))?.[1]);
      expect(pointsIn('output_plys/bomber-jacket.ply')).toBeGreaterThan(100_000);
      expect(pointsIn('output_plys_c/bomber-jacket.ply')).toBeGreaterThan(
        pointsIn('output_plys/bomber-jacket.ply') + 10_000,
      );

      // Networks and kernels on the processor: no GPU figures; the runtime's heap is known once it has run.
      expect(report.memory.devicePeakBytes).toBeNull();
      expect(report.memory.kernelsPeakBytes).toBe(report.peakDeviceBytes);
      expect(report.memory.runtimePeakBytes).toBe(report.memory.runtimeHeapBytes);
      expect(report.memory.runtimeHeapBytes).toBeGreaterThan(16 * 2 ** 20);
      expect(report.memory.surfacePeakBytes).toBeGreaterThan(2 ** 20);
    },
    RUN_MS,
  );

  test(
    'fewer triangles: closed, on target, once for each count, in every file; the whole mesh stays',
    async () => {
      const { mesh, report } = await client.simplify(10_000);
      expect(report).toMatchObject({ wantedTriangles: 10_000, boundaryEdges: 0, nonManifoldEdges: 0 });
      expect(report.triangles).toBe(mesh.indices.length / 3);
      expect(report.triangles).toBeLessThanOrEqual(10_000);
      expect(report.triangles).toBeGreaterThan(9_000);
      expect(reportEdges(mesh.indices, mesh.positions.length / 3)).toMatchObject({
        boundary: 0,
        nonManifold: 0,
        flipped: 0,
      });
      // Made once: the second answer has the first one's time in it.
      expect((await client.simplify(10_000)).report).toEqual(report);

      const facesIn = async (blob: Blob) =>
        Number(/element face (\d+)/.exec(await blob.slice(0, 2000).text())?.[1]);
      expect(await facesIn(await client.exportFile('meshPly', 10_000))).toBe(report.triangles);
      const told = JSON.parse(await (await client.exportFile('report', 10_000)).text());
      expect(told.simplified).toEqual(report);
      expect(told.triangles).toBeGreaterThan(60_000);
      expect(await facesIn(await client.exportFile('meshPly'))).toBe(told.triangles);
      expect(JSON.parse(await (await client.exportFile('report')).text()).simplified).toBeNull();
    },
    RUN_MS,
  );

  test(
    'a GLB with texture: pictures of 2048 px, under 3 MB, told as it is made; cancelled, it comes the next time',
    async () => {
      const events: ExportEvent[] = [];
      const cancelled = client.exportFile('texturedGlb', 10_000, undefined, (event) => {
        if (event.kind === 'progress' && events.push(event) === 1) void client.cancelExport();
      });
      await expect(cancelled).rejects.toMatchObject({ code: 'E_CANCELLED' });

      const blob = await client.exportFile('texturedGlb', 10_000, undefined, (event) => events.push(event));
      expect(blob.size).toBeLessThan(3_000_000);
      const fractions = events.flatMap((event) => (event.kind === 'progress' ? [event.fraction] : []));
      expect(fractions.length).toBeGreaterThan(4);
      expect(events.every((event) => event.kind === 'progress')).toBe(true);
      const bytes = await blob.arrayBuffer();
      const length = new DataView(bytes).getUint32(12, true);
      const json = JSON.parse(new TextDecoder().decode(bytes.slice(20, 20 + length)));
      expect(json.accessors.at(-1).count / 3).toBeLessThanOrEqual(10_000);
      expect(json.images.length).toBe(2);
      for (const image of json.images) {
        const { byteOffset, byteLength } = json.bufferViews[image.bufferView];
        const file = new Blob([bytes.slice(28 + length + byteOffset, 28 + length + byteOffset + byteLength)]);
        const bitmap = await createImageBitmap(file);
        expect(bitmap.width).toBe(2048);
        bitmap.close();
      }
    },
    RUN_MS,
  );

  test('a smaller mesh that is being made can be cancelled, and is cancelled by another count', async () => {
    const cancelled = client.simplify(50_000);
    await client.cancelSimplify();
    await expect(cancelled).rejects.toMatchObject({ code: 'E_CANCELLED' });
    const overtaken = client.simplify(50_000);
    const wanted = client.simplify(20_000);
    await expect(overtaken).rejects.toMatchObject({ code: 'E_CANCELLED' });
    expect((await wanted).report.triangles).toBeLessThanOrEqual(20_000);
    expect((await client.simplify(50_000)).report.triangles).toBeLessThanOrEqual(50_000);
  });

  test(
    'a moved wrist recomputes one part and the tiles it touches',
    async () => {
      const events: RunEvent[] = [];
      const edited = { ...input(), poseJson: withMovedWrist(poseJson) };
      const { report, mesh } = await client.run(edited, OPTIONS, collect(events));
      expect(doneDetail(events, 'photo')).toMatch(/cached/);
      expect(doneDetail(events, 'matte')).toMatch(/cached/);
      expect(doneDetail(events, 'coarse')).toMatch(/cached/);
      expect(doneDetail(events, 'partNormals')).toBe('1 of 12 parts again');
      expect(report.tiles.run).toBeGreaterThan(0);
      expect(report.tiles.run).toBeLessThan(5);
      movedWrist = mesh;
      expect(report.boundaryEdges).toBe(0);
    },
    RUN_MS,
  );

  test(
    'going back to the pose before computes nothing',
    async () => {
      const events: RunEvent[] = [];
      await client.run(input(), OPTIONS, collect(events));
      const done = events.flatMap((event) =>
        event.kind === 'stage' && event.state.kind === 'done' ? [[event.stage, event.state.cached]] : [],
      );
      expect(done).toEqual(STAGE_IDS.map((stage) => [stage, true]));
    },
    RUN_MS,
  );

  test('a bad file is refused with its stage, code and fix, and results stay', async () => {
    const bad = { name: 'bad', photo: new Blob(['not a picture']), poseJson };
    const failure = await client
      .run(bad, OPTIONS, () => {})
      .then(
        () => null,
        (error: unknown) => error,
      );
    expect(failure).toBeInstanceOf(StageError);
    expect((failure as StageError).stage).toBe('photo');
    expect((failure as StageError).code).toBe('E_NOT_AN_IMAGE');
    expect((failure as StageError).fix.length).toBeGreaterThan(10);
    // The figure before is still there to be looked at and saved.
    expect((await client.exportFile('glb')).size).toBeGreaterThan(1_000_000);
    expect((await client.picture({ kind: 'mergedNormals', side: 'front' }))?.width).toBe(2048);
  });

  test(
    'a cancelled run ends with E_CANCELLED, and the next one starts from what was done',
    async () => {
      const other: RunOptions = { ...OPTIONS, mode: 'reference' };
      const events: RunEvent[] = [];
      const running = client.run(input(), other, (event) => {
        collect(events)(event);
        if (event.kind === 'stage' && event.stage === 'coarse' && event.state.kind === 'done')
          client.cancel();
      });
      await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
      const again: RunEvent[] = [];
      const second = client.run(input(), other, (event) => {
        collect(again)(event);
        if (event.kind === 'stage' && event.stage === 'coarse' && event.state.kind === 'done')
          client.cancel();
      });
      await expect(second).rejects.toMatchObject({ code: 'E_CANCELLED' });
      expect(doneDetail(again, 'coarse')).toMatch(/cached/);
    },
    RUN_MS,
  );

  test(
    'five cancels at any moment, seven files, a second photo: every run ends, and the figure stays until the next is there',
    async () => {
      const bytes = await photo.arrayBuffer();
      // The same picture under another hash: nothing of it is there yet.
      const fresh = (serial: number): RunInput => ({
        ...input(),
        photo: new Blob([bytes, new Uint8Array([serial])], { type: photo.type }),
      });
      await client.run(input(), OPTIONS, collect([]));
      for (let serial = 0; serial < 5; serial++) {
        const events: RunEvent[] = [];
        const running = client.run(fresh(serial), OPTIONS, collect(events));
        const after = ((hashNoise(5, serial) + 1) / 2) * 3000;
        setTimeout(() => client.cancel(), after);
        const file = client.exportFile(serial % 2 ? 'glb' : 'meshPly');
        await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
        expect((await file).size).toBeGreaterThan(1_000_000);
      }
      for (const format of ['glb', 'report'] as const) await client.exportFile(format);
      const seen: (string | null)[] = [];
      const asked: Promise<void>[] = [];
      const moved = { ...fresh(9), poseJson: withMovedWrist(poseJson) };
      const { mesh } = await client.run(moved, OPTIONS, (event) => {
        collect([])(event);
        if (event.kind !== 'partial' || event.part === null) return;
        const { part } = event;
        asked.push(
          client.pixels({ kind: 'partNormals', part, side: 'front' }).then((picture) => {
            seen.push(picture && part);
          }),
        );
      });
      await Promise.all(asked);
      expect([...seen].sort()).toEqual([...PART_IDS].sort());
      // From the start, with nothing kept, it is what the moved wrist alone has made of the figure before.
      const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((v, i) => v === b[i]);
      for (const name of ['positions', 'colours', 'indices'] as const) {
        const [before, now] = [movedWrist!, mesh].map((of) => new Uint8Array(of[name].buffer));
        expect(same(before, now), name).toBe(true);
      }
    },
    2 * RUN_MS,
  );
});
