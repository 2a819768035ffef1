/** Results on their way to another thread: what files need arrives, nothing that cannot be sent is among it. */
import { expect, test } from 'vitest';
import { planarMap } from '../base/images.ts';
import { EXPORTS, type ExportFormat } from '../export/formats.ts';
import { createCpuKernels } from '../gpu/cpu-kernels.ts';
import { cpuMap } from '../gpu/device-map.ts';
import { fileResults, isWrittenApart, resultsOf } from './file-results.ts';
import type { RunResults } from './stage.ts';

const kernels = createCpuKernels();
const map = (channels: number, value: number) => {
  const made = planarMap([channels, 4, 4]);
  made.data.fill(value);
  return cpuMap(made);
};
const results = {
  photo: { square: { width: 1, height: 1, data: new Uint8ClampedArray(4) }, notices: [] },
  figure: { matte: { width: 1, height: 1, data: new Uint8Array(1) } },
  report: { name: 'a', mode: 'robust' },
  cloud: { count: 0, positions: new Float32Array(3) },
  fineDepth: { depth: map(2, 1.5), tiles: [] },
  mergedNormals: map(6, 0.5),
  partNormals: [{ part: 'head', kind: 'face', normals: map(6, 0.25), crop: map(8, 0), key: 'k' }],
} as unknown as RunResults;

test('maps arrive with their values, and those of the run stay where they are', async () => {
  const sent = await fileResults('referenceFolder', results, kernels);
  const maps = sent.maps!;
  const buffers = [maps.depth, maps.mergedNormals, ...maps.parts.map(({ normals }) => normals)].map(
    ({ data }) => data.buffer,
  );
  const there = resultsOf(structuredClone(sent, { transfer: buffers }));
  expect([...(await kernels.download(there.fineDepth!.depth)).data]).toEqual(new Array(32).fill(1.5));
  expect((await kernels.download(there.mergedNormals!)).shape).toEqual([6, 4, 4]);
  expect(there.partNormals!.map(({ part, kind }) => [part, kind])).toEqual([['head', 'face']]);
  expect([there.report, there.photo, there.figure]).toEqual([results.report, results.photo, results.figure]);
  expect((await kernels.download(results.mergedNormals!)).data[0]).toBe(0.5);
});

test('of a run that has not ended there are no maps: the writer says what is missing', async () => {
  const { mergedNormals: _, ...unfinished } = results;
  expect(resultsOf(await fileResults('referenceFolder', unfinished, kernels)).fineDepth).toBeUndefined();
  expect((await fileResults('cloudPly', results, null)).cloud).toBe(results.cloud);
});

test('the files that take long are written apart', () => {
  const formats = Object.keys(EXPORTS) as ExportFormat[];
  expect(formats.filter(isWrittenApart)).toEqual(expect.arrayContaining(['cloudPly', 'referenceFolder']));
  expect(isWrittenApart('report')).toBe(false);
});
