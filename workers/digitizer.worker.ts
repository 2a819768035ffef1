/**
 * The digitizer worker: one session, spoken to through Comlink. Here are only the transfers; what is done is in
 * src/digitizer/session.ts. Contract: digitizer-api.ts.
 */

import * as Comlink from 'comlink';
import type { RgbaImage } from '../src/base/images.ts';
import type { SurfaceMesh } from '../src/base/mesh.ts';
import { SerialQueue } from '../src/base/serial-queue.ts';
import type { DigitizerApi } from '../src/client/digitizer-api.ts';
import { createFilesClient } from '../src/client/files-client.ts';
import { createNetworksClient } from '../src/client/networks-client.ts';
import { registerStageErrorTransfer } from '../src/client/stage-error-transfer.ts';
import { createSurfaceClient } from '../src/client/surface-client.ts';
import { inTime, trackedCallback } from '../src/client/tracked-callback.ts';
import { browserResultShelf } from '../src/digitizer/kept-results.ts';
import { DigitizerSession, type SessionEvent } from '../src/digitizer/session.ts';
import type { RunEvent } from '../src/digitizer/types.ts';
import { estimatePose } from '../src/intake/pose/estimate-pose.ts';
import { findPeople } from '../src/intake/pose/people.ts';
import { PoseGraphShelf } from '../src/intake/pose/served-graphs.ts';
import { optionalNetworksOf } from '../src/networks/matting/optional-network.ts';
import { removeStoredPack } from '../src/networks/packs/opfs.ts';

registerStageErrorTransfer();

const poseGraphs = new PoseGraphShelf();
const surface = createSurfaceClient();
const files = createFilesClient();

const bitmapOf = (picture: RgbaImage) =>
  createImageBitmap(new ImageData(picture.data, picture.width, picture.height));

/** A copy for the page; ours stays. */
function sentMesh(mesh: SurfaceMesh): { sent: SurfaceMesh; buffers: ArrayBuffer[] } {
  const sent = structuredClone(mesh);
  return { sent, buffers: Object.values(sent).map((array) => array.buffer) };
}

const session = new DigitizerSession({
  prepare(runtime) {
    poseGraphs.on(runtime).prepare();
    files.prepare();
  },
  files,
  findPeople: (picture, runtime) => findPeople(picture, poseGraphs.on(runtime)),
  detect: async (picture, whom, runtime) =>
    (await estimatePose(picture, poseGraphs.on(runtime), undefined, whom)).pose,
  // The solver takes the arrays it is given; the cloud stays ours for export, so it gets a copy.
  solveSurface: (cloud, depth, threads, onProgress, signal, focuses, camera) =>
    surface.reconstruct(structuredClone(cloud), { depth, threads, camera }, onProgress, signal, focuses),
  simplify: (mesh, triangles, signal) => surface.simplify(mesh, triangles, signal),
  openWasm: createNetworksClient,
  shelf: browserResultShelf(),
});

/** Events in order: a thumbnail becomes a bitmap first, and what comes after it waits for that. */
function sender(listener: (event: RunEvent) => unknown) {
  const { call, settled } = trackedCallback(listener);
  const queue = new SerialQueue();
  const send = async (event: SessionEvent) => {
    if (event.kind !== 'thumbnail') return call(event);
    const bitmap = await bitmapOf(event.picture);
    call(Comlink.transfer({ kind: 'thumbnail', stage: event.stage, bitmap }, [bitmap]));
  };
  return {
    tell(event: SessionEvent): void {
      queue.add(() => send(event)).catch(() => {});
    },
    async settled(): Promise<void> {
      await inTime(queue.add(() => {}));
      await settled();
    },
  };
}

const api: DigitizerApi = {
  async start(folder, source, options) {
    poseGraphs.folder = folder;
    const [started, networks] = await Promise.all([
      session.start(source, options),
      // They come with the starter pack, whatever pack is open.
      optionalNetworksOf(new URL('../packs/starter/', folder).href),
    ]);
    session.matting.setPackNetwork(networks.matte ?? null);
    session.backPainter.setNetwork(networks.back ?? null);
    return started;
  },

  async run(input, options, listener) {
    const { tell, settled } = sender(listener);
    try {
      const { report, mesh } = await session.run(input, options, tell);
      const { sent, buffers } = sentMesh(mesh);
      return Comlink.transfer({ report, mesh: sent }, buffers);
    } finally {
      await settled();
    }
  },

  prepare: async () => session.prepare(),
  adopt: (mesh, report) => session.adopt(mesh, report),
  cancel: async () => session.cancel(),
  keypoints: async () => session.keypoints(),
  partReports: async () => session.partReports(),

  async previewMesh() {
    const mesh = session.takePreview();
    return (
      mesh &&
      Comlink.transfer(
        mesh,
        Object.values(mesh).map((array) => array.buffer),
      )
    );
  },

  async picture(request) {
    const picture = await session.picture(request);
    if (!picture) return null;
    const bitmap = await bitmapOf(picture);
    return Comlink.transfer(bitmap, [bitmap]);
  },

  async pixels(request) {
    const picture = await session.picture(request);
    return picture && Comlink.transfer(picture, [picture.data.buffer]);
  },

  explain: (row, column) => session.explain(row, column),
  probe: (row, column) => session.probe(row, column),

  async map(name) {
    const map = await session.map(name);
    return map && Comlink.transfer(map, [map.data.buffer]);
  },

  async simplify(triangles) {
    const { mesh, report } = await session.files.simplify(triangles);
    const { sent, buffers } = sentMesh(mesh);
    return Comlink.transfer({ mesh: sent, report }, buffers);
  },

  cancelSimplify: async () => session.files.cancelSimplify(),
  async exportFile(format, triangles = null, options, onEvent = () => {}) {
    const { call, settled } = trackedCallback(onEvent);
    try {
      return await session.files.write(format, triangles, options, call);
    } finally {
      await settled();
    }
  },

  async printPreview(triangles, options) {
    const { mesh, facts } = await session.files.printPreview(triangles, options);
    return Comlink.transfer(
      { mesh, facts },
      Object.values(mesh).map((array) => array.buffer),
    );
  },

  cancelExport: async () => session.files.cancel(),

  async importPack(source, onProgress) {
    const progress = trackedCallback(onProgress);
    const imported = await session.importPack(source, progress.call);
    await progress.settled();
    return imported;
  },

  importMatting: (file, options) => session.importMatting(file, options),
  removeMatting: () => session.removeMatting(),
  async matting() {
    await session.matting.restore();
    return session.matting.own;
  },

  // Not in the queue: it needs neither engine nor networks, and minutes of it must not hold up a photo.
  async downloadPack(folder, onProgress) {
    const progress = trackedCallback(onProgress);
    const stored = await session.packs.download(folder, progress.call);
    await progress.settled();
    return stored;
  },

  cancelDownload: async () => session.packs.cancelDownload(),
  packs: () => session.packs.list(),
  renamePack: (key, name) => session.renamePack(key, name),
  removePack: (key) => removeStoredPack(key),
  packFile: (wanted, format) => session.packs.file(wanted, format),
};

Comlink.expose(api);
