/**
 * Writes the small matting networks of this folder: `npx tsx tests/cases/matting/make-tiny.ts`.
 * `tiny-red.onnx` finds what is redder than it is green, in a 64 x 64 picture in the norm of U-2-Net;
 * `-logits` leaves out the last sigmoid.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OnnxGraph } from '../../../src/networks/onnx/graph-writer.ts';

function tiny(side: number, sigmoid: boolean): Uint8Array {
  const graph = new OnnxGraph('tiny matting network');
  const picture = graph.input('picture', [1, 3, side, side]);
  const weights = graph.weights('weights', [1, 3, 1, 1], Float32Array.of(6, -6, 0), 'f32');
  const bias = graph.weights('bias', [1], Float32Array.of(-3), 'f32');
  const conv = graph.node(
    'Conv',
    [picture, weights, bias],
    { kernel_shape: [1, 1] },
    sigmoid ? undefined : 'matte',
  );
  if (sigmoid) graph.node('Sigmoid', [conv], {}, 'matte');
  graph.output('matte', [1, 1, side, side]);
  return graph.toBytes();
}

for (const [name, bytes] of [
  ['tiny-red', tiny(64, true)],
  ['tiny-red-logits', tiny(64, false)],
] as const) {
  writeFileSync(join(import.meta.dirname, `${name}.onnx`), bytes);
}
