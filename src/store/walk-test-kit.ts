/**
 * For tests only: a client over a real session in this thread (session-test-kit.ts), which delivers messages the way a
 * worker does, one after the other, some turns later.
 */

import { nextTask } from '../base/steps.ts';
import type { DigitizerClient } from '../client/digitizer-client.ts';
import { turnTakingSession } from '../digitizer/session-test-kit.ts';
import type { RunEvent } from '../digitizer/types.ts';
import { MACHINE, PACK } from './client-test-kit.ts';

/** @param delay turns until the next message is delivered. */
export function walkClient(delay: () => number): DigitizerClient {
  const session = turnTakingSession();
  /** A port: what is sent first arrives first. */
  const port = () => {
    let last: Promise<unknown> = Promise.resolve();
    return <T>(deliver: () => T): Promise<T> => {
      const wait = delay();
      const arrived = last.then(async () => {
        for (let i = 0; i < wait; i++) await nextTask();
        return deliver();
      });
      last = arrived.catch(() => {});
      return arrived;
    };
  };
  const toWorker = port();
  /** A question, its answer some turns later; each answer is a message of its own. */
  const ask = async <T>(question: () => Promise<T> | T): Promise<Awaited<T>> => {
    const answer = await toWorker(() => ({ value: Promise.resolve(question()) }));
    const settled = await answer.value.then(
      (value) => ({ value }),
      (thrown: unknown) => ({ thrown }),
    );
    for (let i = delay(); i > 0; i--) await nextTask();
    if ('thrown' in settled) throw settled.thrown;
    return settled.value as Awaited<T>;
  };
  const unused = () => Promise.reject(new Error('not part of the walk'));
  return {
    start: async (options) => {
      await ask(() => session.start({ kind: 'url', url: '' }, options));
      return { machine: MACHINE, pack: PACK };
    },
    prepare: async () => {},
    run: (input, options, onEvent) => {
      const toPage = port();
      return ask(async () => {
        let last: Promise<unknown> = Promise.resolve();
        try {
          return await session.run(input, options, (event) => {
            if (event.kind !== 'thumbnail') last = toPage(() => onEvent(event as RunEvent));
          });
        } finally {
          await last;
        }
      });
    },
    adopt: (mesh, report) => ask(() => session.adopt(mesh, report)),
    cancel: () => ask(() => session.cancel()),
    keypoints: () => ask(() => session.keypoints()),
    previewMesh: () => ask(() => session.takePreview()),
    partReports: () => ask(() => session.partReports()),
    picture: () => ask(() => null),
    pixels: () => ask(() => null),
    explain: () => ask(() => null),
    probe: () => ask(() => null),
    map: () => ask(() => null),
    simplify: (triangles) => ask(() => session.files.simplify(triangles)),
    cancelSimplify: () => ask(() => session.files.cancelSimplify()),
    exportFile: (_, triangles) =>
      ask(async () => {
        const { mesh } = await session.files.simplify(triangles ?? 1);
        return new Blob([mesh.colours.slice()]);
      }),
    printPreview: unused,
    cancelExport: () => ask(() => session.files.cancel()),
    importPack: unused,
    downloadPack: unused,
    importMatting: unused,
    matting: async () => null,
    removeMatting: unused,
    packs: async () => [],
    cancelDownload: async () => {},
    renamePack: unused,
    removePack: unused,
    packFile: unused,
    dispose: () => session.dispose(),
  };
}
