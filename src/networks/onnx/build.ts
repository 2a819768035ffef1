/**
 * Weights in, ONNX bytes out, for one network at one fixed size. Batch is 1.
 * f16: weights and arithmetic in half precision, inputs and outputs stay f32 (casts at both ends).
 */
import {
  type ConvSpec,
  describeNetwork,
  familyFacts,
  type NetworkOps,
  paddedChannels,
} from '../architecture.ts';
import { baseWidth } from '../layout.ts';
import { KEY_PREFIX, type NetworkId } from '../network-ids.ts';
import type { WeightMap } from '../packs/tensors.ts';
import { foldConv } from './fold.ts';
import { OnnxGraph, type Precision } from './graph-writer.ts';

export interface GraphSize {
  readonly height: number;
  readonly width: number;
}

interface Feature {
  readonly name: string;
  readonly channels: number;
}

/** Name of the one output of every graph. */
export const OUTPUT_NAME = 'out';

/** Larger than any side; Slice clamps it. */
const TO_THE_END = 0x7fffffff;

/** Input names with the dims [1, C, H, W] a graph of this size takes; 6 channels appear as 8 (last two zero). */
export function graphInputs(id: NetworkId, size: GraphSize): Record<string, [1, number, number, number]> {
  return Object.fromEntries(
    familyFacts(id).inputs.map((i) => [
      i.name,
      [1, paddedChannels(i.channels), size.height / i.divisor, size.width / i.divisor],
    ]),
  );
}

/** Output dims [1, C, H, W]. */
export function graphOutput(id: NetworkId, size: GraphSize): [1, number, number, number] {
  return [1, familyFacts(id).outputChannels, size.height, size.width];
}

/**
 * @param tensors the pack's tensors under the reference's state_dict keys.
 * @param size height and width of the graph, multiples of 8 (coarseDepth: 16).
 * @throws RangeError when the size does not fit the network's poolings.
 */
export function buildOnnx(
  tensors: WeightMap,
  id: NetworkId,
  size: GraphSize,
  precision: Precision = 'f32',
): Uint8Array<ArrayBuffer> {
  const { multiple } = familyFacts(id);
  if (size.height % multiple || size.width % multiple || size.height < multiple || size.width < multiple) {
    throw new RangeError(
      `${id} needs sides that are multiples of ${multiple}, got ${size.height}x${size.width}`,
    );
  }
  const graph = new OnnxGraph(id);
  const inputs = graphInputs(id, size);
  const result = describeNetwork(
    id,
    new GraphOps(graph, tensors, KEY_PREFIX[id], inputs, precision),
    baseWidth(tensors, id),
  );
  if (precision === 'f16') graph.cast(result.name, 'f32', OUTPUT_NAME);
  else graph.node('Identity', [result.name], {}, OUTPUT_NAME);
  graph.output(OUTPUT_NAME, graphOutput(id, size));
  return graph.toBytes();
}

class GraphOps implements NetworkOps<Feature> {
  constructor(
    private readonly graph: OnnxGraph,
    private readonly tensors: WeightMap,
    private readonly prefix: string,
    private readonly inputs: Record<string, readonly number[]>,
    private readonly precision: Precision,
  ) {}

  input(name: string): Feature {
    const dims = this.inputs[name];
    const input = this.graph.input(name, dims);
    return { name: this.precision === 'f16' ? this.graph.cast(input, 'f16') : input, channels: dims[1] };
  }

  conv(x: Feature, spec: ConvSpec): Feature {
    const key = `${this.prefix}.${spec.key}`;
    const norm = spec.norm && `${this.prefix}.${spec.norm}`;
    const folded = foldConv(this.tensors, key, norm, x.channels);
    const weight = this.graph.weights(`${key}.weight`, folded.shape, folded.weight, this.precision);
    const bias = this.graph.weights(`${key}.bias`, [folded.shape[0]], folded.bias, this.precision);
    const pad = (spec.kernel - 1) / 2;
    const name = this.graph.node('Conv', [x.name, weight, bias], {
      kernel_shape: [spec.kernel, spec.kernel],
      pads: [pad, pad, pad, pad],
    });
    const result = { name, channels: folded.shape[0] };
    return spec.relu ? this.relu(result) : result;
  }

  relu(x: Feature): Feature {
    return { name: this.graph.node('Relu', [x.name]), channels: x.channels };
  }

  sigmoid(x: Feature): Feature {
    return { name: this.graph.node('Sigmoid', [x.name]), channels: x.channels };
  }

  maxPool(x: Feature): Feature {
    return {
      name: this.graph.node('MaxPool', [x.name], { kernel_shape: [2, 2], strides: [2, 2] }),
      channels: x.channels,
    };
  }

  upsample(x: Feature): Feature {
    const name = this.graph.node('Resize', [x.name, '', this.graph.floats([1, 1, 2, 2])], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
    return { name, channels: x.channels };
  }

  add(a: Feature, b: Feature): Feature {
    return { name: this.graph.node('Add', [a.name, b.name]), channels: a.channels };
  }

  mul(a: Feature, b: Feature): Feature {
    return { name: this.graph.node('Mul', [a.name, b.name]), channels: a.channels };
  }

  concat(parts: readonly Feature[]): Feature {
    return {
      name: this.graph.node(
        'Concat',
        parts.map((p) => p.name),
        { axis: 1 },
      ),
      channels: parts.reduce((sum, p) => sum + p.channels, 0),
    };
  }

  slice(x: Feature, offset: number, stride: number): Feature {
    const name = this.graph.node('Slice', [
      x.name,
      this.graph.integers([offset, offset]),
      this.graph.integers([TO_THE_END, TO_THE_END]),
      this.graph.integers([2, 3]),
      this.graph.integers([stride, stride]),
    ]);
    return { name, channels: x.channels };
  }
}
