/** Kept sessions of the pose graphs: opened once, and anew when their worker was ended meanwhile. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StageError } from '../../base/errors.ts';
import type { PreparedGraph } from '../../networks/prepared-graph.ts';
import { createServedPoseGraphs } from './served-graphs.ts';

let server: Server;
let folder = '';

beforeAll(async () => {
  server = createServer((request, response) => response.end(request.url));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());

/** As the runtime of the network worker: whose worker was ended, their runs reject. */
function endableRuntime() {
  let worker = 0;
  const opened: string[] = [];
  return {
    opened,
    endWorker: () => worker++,
    async openGraph(_: Uint8Array<ArrayBuffer>, what: string): Promise<PreparedGraph> {
      const own = worker;
      opened.push(what);
      return {
        async run() {
          if (own !== worker) {
            throw new StageError('networks', 'E_CANCELLED', 'The run was cancelled.', { fix: '' });
          }
          return { output: new Float32Array([own]) };
        },
        isLost: () => own !== worker,
        dispose: async () => {},
      };
    },
  };
}

const crop = new Float32Array(1);

test('a graph is opened once, and again when its worker was ended: the run that finds it so does not fail', async () => {
  const runtime = endableRuntime();
  const graphs = createServedPoseGraphs(folder, runtime);
  expect(await graphs.run('person', crop)).toEqual({ output: new Float32Array([0]) });
  await graphs.run('person', crop);
  expect(runtime.opened).toEqual(['The person finder']);
  runtime.endWorker();
  // Another photo: nobody cancelled it.
  expect(await graphs.run('person', crop)).toEqual({ output: new Float32Array([1]) });
  expect(runtime.opened).toEqual(['The person finder', 'The person finder']);
});

test('a graph that could not be opened is opened from new bytes: the runtime has taken the first away', async () => {
  const runtime = endableRuntime();
  const { openGraph } = runtime;
  let failures = 1;
  runtime.openGraph = async (bytes, what) => {
    // As a message to a worker does.
    const taken = structuredClone(bytes, { transfer: [bytes.buffer] });
    if (failures-- > 0)
      throw new StageError('networks', 'E_CANCELLED', 'The run was cancelled.', { fix: '' });
    return openGraph(taken, what);
  };
  const graphs = createServedPoseGraphs(folder, runtime);
  await expect(graphs.run('person', crop)).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(await graphs.run('person', crop)).toEqual({ output: new Float32Array([0]) });
});
