/** Which ONNX files are taken as matting networks, how each family is told, and what is said of the others. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../../../tests/shared.ts';
import { OnnxGraph } from '../onnx/graph-writer.ts';
import { ProtoWriter } from '../onnx/protobuf.ts';
import { mattingShape } from './matting-kind.ts';
import { readOnnxInterface } from './onnx-interface.ts';
import { describeMatting } from './stored-matting.ts';

const CASES = resolve(import.meta.dirname, '../../../tests/cases/matting');
const U2NETP = sharedPath('matte/u2netp.onnx');
const tiny = () => readFileSync(join(CASES, 'tiny-red.onnx'));

interface Wanted {
  readonly input?: readonly number[];
  readonly output?: readonly number[];
  readonly operator?: string;
  readonly inputs?: number;
}

function network({ input = [1, 3, 320, 320], output, operator = 'Relu', inputs = 1 }: Wanted = {}) {
  const graph = new OnnxGraph('test');
  const names = Array.from({ length: inputs }, (_, k) => graph.input(`in${k}`, input));
  graph.node(operator, [names[0]], {}, 'out');
  graph.output('out', output ?? [1, 1, input[2] ?? 1, input[3] ?? 1]);
  return graph.toBytes();
}

const shapeOf = (bytes: Uint8Array, name = 'mine.onnx') => mattingShape(readOnnxInterface(bytes, name), name);

test('a file says its size, its names and its operators', () => {
  const found = readOnnxInterface(tiny(), 'tiny-red.onnx');
  expect(found.inputs).toEqual([{ name: 'picture', type: 1, dims: [1, 3, 64, 64] }]);
  expect(found.outputs).toEqual([{ name: 'matte', type: 1, dims: [1, 1, 64, 64] }]);
  expect([...found.operators].sort()).toEqual(['Conv', 'Sigmoid']);
});

describe.skipIf(!U2NETP)('U-2-Netp (shared/matte)', () => {
  test('is read as published: 320 px, and of its seven outputs the first', async () => {
    const bytes = readFileSync(U2NETP as string);
    const found = readOnnxInterface(bytes, 'u2netp.onnx');
    expect(found.outputs.length).toBe(7);
    const expected = { kind: 'u2net', width: 320, height: 320, channelsLast: false };
    expect(shapeOf(bytes, 'saliency.onnx')).toMatchObject({ ...expected, output: found.outputs[0].name });
    const summary = await describeMatting(new File([bytes], 'u2netp.onnx'));
    expect(summary).toMatchObject({ ...expected, name: 'u2netp', bytes: bytes.length });
  });
});

describe('the family', () => {
  test.each([
    ['isnet-general-use.onnx', {}, 'isnet'],
    ['RMBG-1.4.onnx', {}, 'isnet'],
    ['BiRefNet-general-bb_swin_v1_tiny.onnx', {}, 'birefnet'],
    ['modnet_photographic_portrait_matting.onnx', {}, 'modnet'],
    ['u2net_human_seg.onnx', {}, 'u2net'],
    ['model.onnx', { input: [1, 3, 320, 320] }, 'u2net'],
    ['model.onnx', { input: [1, 3, 1024, 1024] }, 'isnet'],
    ['model.onnx', { input: [1, 3, 1024, 1024], operator: 'Softmax' }, 'birefnet'],
    ['model.onnx', { input: [1, 3, 512, 512], operator: 'InstanceNormalization' }, 'modnet'],
  ] as const)('%s %o is of %s', (name, wanted, kind) => {
    expect(shapeOf(network(wanted), name).kind).toBe(kind);
  });

  test('an open size is the usual one of the family; channels may come last', () => {
    const open = network({ input: [0, 3, 0, 0] });
    expect(shapeOf(open, 'modnet.onnx')).toMatchObject({ width: 512, height: 512 });
    expect(shapeOf(open, 'isnet.onnx')).toMatchObject({ width: 1024, height: 1024 });
    const last = network({ input: [1, 480, 640, 3], output: [1, 480, 640, 1] });
    expect(shapeOf(last)).toMatchObject({ width: 640, height: 480, channelsLast: true });
  });
});

describe('what is no matting network is named', () => {
  const external = () => {
    const weights = new ProtoWriter().string(8, 'w').int(14, 1);
    const node = new ProtoWriter().string(4, 'Conv');
    return new ProtoWriter()
      .int(1, 8)
      .message(7, new ProtoWriter().message(1, node).message(5, weights))
      .finish();
  };
  test.each([
    ['text', () => new TextEncoder().encode('<!doctype html><p>404'), /cannot be read as ONNX/],
    ['nothing but zeros', () => new Uint8Array(50), /cannot be read as ONNX/],
    ['cut off', () => tiny().subarray(0, 150), /cut off|ends within/],
    ['weights in a second file', external, /second file/],
    ['two inputs', () => network({ inputs: 2 }), /takes 2 inputs \(in0, in1\)/],
    [
      'eight channels',
      () => network({ input: [1, 8, 256, 256] }),
      /takes \[1, 8, 256, 256\], not a colour picture/,
    ],
    ['a classifier', () => network({ output: [1, 1000] }), /gives \[1, 1000\]: that is no matte/],
    ['several pictures', () => network({ input: [4, 3, 320, 320] }), /4 pictures at a time/],
    ['too large', () => network({ input: [1, 3, 4096, 4096] }), /4096 × 4096 px/],
  ] as const)('%s', (_, bytes, sentence) => {
    expect(() => shapeOf(bytes())).toThrow(sentence);
  });
});
