/**
 * `npx tsx bench/networks/precision.ts CHECKPOINT PACK INPUT.npz`: what half precision costs, on a real picture. Compares,
 * through coarse normals, coarse depth and one fineDepth tile: weights of the checkpoint in f32 (the truth), the pack's
 * rounded weights in f32, and the pack in f16 arithmetic. INPUT.npz holds x_256, a network input [1, 3, 256, 256].
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { bytesSource } from '../../src/networks/checkpoint/byte-source.ts';
import { openCheckpoint } from '../../src/networks/checkpoint/reader.ts';
import type { NetworkId } from '../../src/networks/network-ids.ts';
import { buildOnnx, type GraphSize, graphInputs, OUTPUT_NAME } from '../../src/networks/onnx/build.ts';
import { openPack, weightsOf } from '../../src/networks/packs/pack.ts';
import type { WeightMap, WeightTensor } from '../../src/networks/packs/tensors.ts';
import { arithmeticOf } from '../../src/networks/session.ts';
import { readNpz } from '../../tests/npz.ts';

const COARSE = { height: 256, width: 256 };
/** A fineDepth tile in the middle of the canvas. */
const TILE = { row: 744, column: 744, height: 560, width: 560 };

async function run(
  tensors: WeightMap,
  id: NetworkId,
  size: GraphSize,
  precision: 'f16' | 'f32',
  inputs: Record<string, Float32Array>,
): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(buildOnnx(tensors, id, size, precision));
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, dims] of Object.entries(graphInputs(id, size))) {
    const padded = new Float32Array(dims.reduce((a, b) => a * b, 1));
    padded.set(inputs[name]);
    feeds[name] = new ort.Tensor('float32', padded, dims);
  }
  const out = (await session.run(feeds))[OUTPUT_NAME].data as Float32Array;
  await session.release();
  return out;
}

/** Each value repeated 8x8, cropped to the tile. */
function tileOf(map: Float32Array, channels: number, factor: number): Float32Array {
  const side = 256;
  const height = (TILE.height / 8) * factor;
  const out = new Float32Array(channels * height * height);
  const scale = 8 / factor;
  const start = TILE.row / scale;
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < height; r++) {
      for (let x = 0; x < height; x++) {
        const row = Math.floor((start + r) / factor);
        out[(c * height + r) * height + x] = map[(c * side + row) * side + Math.floor((start + x) / factor)];
      }
    }
  }
  return out;
}

function report(
  what: string,
  values: Float32Array,
  truth: Float32Array,
  unit: number,
  unitName: string,
): void {
  let max = 0;
  let sum = 0;
  const differences = values.map((v, i) => Math.abs(v - truth[i]) * unit);
  for (const d of differences) {
    max = Math.max(max, d);
    sum += d;
  }
  const signed = values.map((v, i) => (v - truth[i]) * unit);
  const offset = signed.reduce((a, b) => a + b, 0) / signed.length;
  const spread = Math.sqrt(signed.reduce((a, b) => a + (b - offset) ** 2, 0) / signed.length);
  const p999 = [...differences].sort((a, b) => a - b)[Math.floor(differences.length * 0.999)];
  console.log(
    `${what.padEnd(46)} mean ${(sum / values.length).toExponential(2)}  offset ${offset.toExponential(1)}  spread ${spread.toExponential(2)}  99.9 % ${p999.toExponential(2)}  max ${max.toExponential(2)} ${unitName}`,
  );
}

const [checkpointFile, packFolder, inputFile] = process.argv.slice(2);
const checkpoint = await openCheckpoint(bytesSource(readFileSync(checkpointFile)));
const exact = new Map<string, WeightTensor>();
for (const [key, { shape, read }] of checkpoint.tensors) exact.set(key, { shape, data: await read() });
const file = (name: string) => new File([readFileSync(join(packFolder, name))], name);
const pack = await openPack([file('pack.json'), file('weights.safetensors')]);
const x = readNpz(readFileSync(inputFile)).x_256.data as Float32Array;

const normals = await run(exact, 'coarseNormal', COARSE, 'f32', { x });
const depth = await run(exact, 'coarseDepth', COARSE, 'f32', { x, y: normals });
const finished = depth.subarray(0, 2 * 65536).map((v) => Math.min(Math.max(v, 0), 6));
const fineInputs = { d: tileOf(finished, 2, 1), n: tileOf(normals, 6, 8) };
const fine = await run(exact, 'fineDepth', TILE, 'f32', fineInputs);
// Depth 1 is 512 px of the canvas, and a px is about 1 mm on a person who fills it.
const PX = 512;
for (const [name, precision] of [
  ['f16 weights, f32 arithmetic', 'f32'],
  ['f16 weights, f16 arithmetic', 'f16'],
  ['f16 weights, f16 for normals alone', 'mixed'],
] as const) {
  // As a card with shader-f16 runs them.
  const of = (id: NetworkId) => (precision === 'mixed' ? arithmeticOf(id, 'f16') : precision);
  const n = await run(await weightsOf(pack, 'coarseNormal'), 'coarseNormal', COARSE, of('coarseNormal'), {
    x,
  });
  report(`${name}: coarse normals`, n, normals, 1, '');
  const d = await run(await weightsOf(pack, 'coarseDepth'), 'coarseDepth', COARSE, of('coarseDepth'), {
    x,
    y: normals,
  });
  const both = 2 * 65536;
  report(`${name}: coarse depth`, d.subarray(0, both), depth.subarray(0, both), PX, 'px');
  report(`${name}: coarse mask logit`, d.subarray(both), depth.subarray(both), 1, '');
  const chained = await run(await weightsOf(pack, 'coarseDepth'), 'coarseDepth', COARSE, of('coarseDepth'), {
    x,
    y: n,
  });
  report(`${name}: coarse depth, own normals`, chained.subarray(0, both), depth.subarray(0, both), PX, 'px');
  const f = await run(await weightsOf(pack, 'fineDepth'), 'fineDepth', TILE, of('fineDepth'), fineInputs);
  const planes = 2 * TILE.height * TILE.width;
  report(`${name}: fine depth`, f.subarray(0, planes), fine.subarray(0, planes), PX, 'px');
}
