/** The visitor's weights where nothing can be stored (Node has no OPFS), and packs saved as files. Storage: opfs.browser.test.ts. */
import { unzipSync } from 'fflate';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { checkpointBytes } from '../../../tests/checkpoints/write.ts';
import { deterministicWeights } from '../../../tests/deterministic-weights.ts';
import { hashNoiseArray } from '../../base/deterministic.ts';
import type { Widths } from '../layout.ts';
import { NETWORK_IDS, type NetworkId } from '../network-ids.ts';
import { buildOnnx, graphInputs, graphOutput, OUTPUT_NAME } from '../onnx/build.ts';
import { exportSize } from '../onnx/export.ts';
import { detailsOf } from './details.ts';
import { importPack } from './import.ts';
import { openPack } from './pack.ts';
import { savePackFile } from './save-pack.ts';

const SMALL = Object.fromEntries(NETWORK_IDS.map((id) => [id, 4])) as Record<
  NetworkId,
  number
> satisfies Widths;
const weights = deterministicWeights(SMALL, 'import/');
const checkpoint = () => new File([checkpointBytes(weights)], 'ckpt_bg_mask.pth.tar');
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

test('without storage a checkpoint serves unstored, and says so', async () => {
  const fractions: number[] = [];
  const { pack, source, notKept } = await importPack({ kind: 'checkpoint', file: checkpoint() }, (f) =>
    fractions.push(f),
  );
  expect(notKept).toMatch(/cannot store packs.*until this page is closed/);
  expect(source.kind).toBe('files');
  expect(fractions.at(-1)).toBe(1);
  expect(detailsOf(pack.manifest)).toMatchObject({
    ...pack.summary,
    widths: SMALL,
    accuracyNote: 'not measured',
  });
});

test('saved as a zip it opens as the same pack, and the zip is taken again', async () => {
  const { source, pack } = await importPack({ kind: 'checkpoint', file: checkpoint() });
  const zip = await savePackFile(source, 'zip', pack);
  const opened = await openPack(zip);
  expect(opened.manifest).toEqual(pack.manifest);
  for (const [name, { data }] of weights) expect(await opened.tensors.get(name)?.read()).toEqual(data);
  const again = await importPack({ kind: 'files', files: [new File([zip], 'mine.zip')] });
  expect(again.pack.summary).toEqual(pack.summary);
});

test('saved as onnx there are eight graphs, the same each time', async () => {
  const { source, pack } = await importPack({ kind: 'checkpoint', file: checkpoint() });
  const zip = await bytesOf(await savePackFile(source, 'onnx', pack));
  expect(Object.keys(unzipSync(zip)).sort()).toEqual(NETWORK_IDS.map((id) => `${id}.onnx`).sort());
  expect(Buffer.from(await bytesOf(await savePackFile(source, 'onnx'))).equals(zip)).toBe(true);
});

test('each saved graph is the pack’s own network, and opens in onnxruntime', async () => {
  const { source, pack } = await importPack({ kind: 'checkpoint', file: checkpoint() });
  const files = unzipSync(await bytesOf(await savePackFile(source, 'onnx', pack)));
  for (const id of NETWORK_IDS) {
    const size = exportSize(id);
    const bytes = files[`${id}.onnx`];
    expect(Buffer.from(bytes).equals(buildOnnx(weights, id, size, 'f32')), id).toBe(true);
    const session = await ort.InferenceSession.create(bytes);
    expect(session.outputMetadata[0], id).toMatchObject({ type: 'float32', shape: graphOutput(id, size) });
    if (id === 'foot') {
      const [[name, dims]] = Object.entries(graphInputs(id, size));
      const x = new ort.Tensor('float32', hashNoiseArray('saved/foot', dims[1] * dims[2] * dims[3]), dims);
      const output = (await session.run({ [name]: x }))[OUTPUT_NAME].data as Float32Array;
      expect(output.every(Number.isFinite)).toBe(true);
    }
    await session.release();
  }
});

test.each([
  [
    'what only its name calls a zip',
    { kind: 'files', files: [new File(['no'], 'a.zip')] },
    'E_BAD_CHECKPOINT',
  ],
  ['half a pack', { kind: 'files', files: [new File(['{}'], 'pack.json')] }, 'E_BAD_PACK'],
  ['a letter', { kind: 'checkpoint', file: new File(['Dear all'], 'a.txt') }, 'E_BAD_CHECKPOINT'],
] as const)('%s is refused with its own error', async (_, source, code) => {
  await expect(importPack(source)).rejects.toMatchObject({ code });
});
