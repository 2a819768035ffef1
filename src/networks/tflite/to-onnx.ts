/**
 * A TFLite graph as ONNX. TFLite keeps channels last, ONNX convolutions want them first: every picture-like tensor
 * becomes [1, C, H, W], graph inputs and outputs too. Weights that the file holds in half precision stay so in the ONNX
 * bytes and are widened when the session opens; arithmetic is f32. PAD before a convolution becomes its padding.
 */
import { OnnxGraph } from '../onnx/graph-writer.ts';
import { constantValues } from './constants.ts';
import type { FlatTable } from './flatbuffer.ts';
import type { TfliteModel, TfliteOperator } from './model.ts';

/** Fused activations by ActivationFunctionType number. */
const NO_ACTIVATION = 0;
const RELU = 1;
const RELU6 = 3;

type Pads = readonly [top: number, left: number, bottom: number, right: number];
const NO_PADS: Pads = [0, 0, 0, 0];

export interface ConvertedGraph {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** Dims by output name, channels before rows and columns. */
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

/**
 * @param outputs TFLite name of each output wanted, by the name it gets; what they do not need is left out.
 * @throws RangeError when the graph lacks an output, or uses an operator in a way that is not translated.
 */
export function onnxFromTflite(
  model: TfliteModel,
  name: string,
  outputs: Readonly<Record<string, string>>,
): ConvertedGraph {
  return new Conversion(model, name).convert(outputs);
}

/** Channels first; other ranks as they are. */
function onnxDims(shape: readonly number[]): readonly number[] {
  return shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape;
}

/** [O, H, W, I] (depthwise: [1, H, W, C]) to [O, I, H, W] (depthwise: [C, 1, H, W]). */
function kernelsFirst(values: ArrayLike<number>, shape: readonly number[], depthwise: boolean): Float32Array {
  const [first, height, width, last] = shape;
  const [outer, inner] = depthwise ? [last, first] : [first, last];
  const [outerStep, innerStep] = depthwise ? [1, height * width * last] : [height * width * last, 1];
  const out = new Float32Array(values.length);
  let next = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      for (let k = 0; k < height * width; k++) out[next++] = values[o * outerStep + i * innerStep + k * last];
    }
  }
  return out;
}

class Conversion {
  private readonly graph: OnnxGraph;
  private readonly model: TfliteModel;
  /** Operator that makes each tensor. */
  private readonly makers = new Map<number, TfliteOperator>();
  /** ONNX name of each tensor that is written already. */
  private readonly names = new Map<number, string>();
  /** ONNX name of each constant; several convolutions may share one. */
  private readonly constants = new Map<number, string>();
  private readonly inputs: Record<string, readonly number[]> = {};

  constructor(model: TfliteModel, name: string) {
    this.graph = new OnnxGraph(name);
    this.model = model;
    for (const operator of model.operators) this.makers.set(operator.outputs[0], operator);
  }

  convert(outputs: Readonly<Record<string, string>>): ConvertedGraph {
    for (const index of this.model.inputs) {
      const dims = onnxDims(this.model.tensors[index].shape);
      const name = this.model.inputs.length === 1 ? 'image' : this.model.tensors[index].name;
      this.names.set(index, this.graph.input(name, dims));
      this.inputs[name] = dims;
    }
    const wanted = Object.entries(outputs).map(([name, tflite]) => {
      const index = this.model.outputs.find((i) => this.model.tensors[i].name === tflite);
      if (index === undefined) throw new RangeError(`the graph has no output ${tflite}`);
      return { name, index };
    });
    const needed = this.neededBy(wanted.map(({ index }) => index));
    for (const operator of this.model.operators) {
      if (!needed.has(operator) || this.isConstant(operator.outputs[0])) continue;
      // Written where it is read: most disappear in the convolution behind them.
      if (operator.kind === 'PAD') continue;
      this.names.set(operator.outputs[0], this.write(operator));
    }
    const dims: Record<string, readonly number[]> = {};
    for (const { name, index } of wanted) {
      dims[name] = onnxDims(this.shape(index));
      this.graph.node('Identity', [this.name(index)], {}, name);
      this.graph.output(name, dims[name]);
    }
    return { bytes: this.graph.toBytes(), inputs: this.inputs, outputs: dims };
  }

  private neededBy(tensors: readonly number[]): Set<TfliteOperator> {
    const needed = new Set<TfliteOperator>();
    const ask = (tensor: number): void => {
      const maker = this.makers.get(tensor);
      if (!maker || needed.has(maker)) return;
      needed.add(maker);
      maker.inputs.forEach(ask);
    };
    tensors.forEach(ask);
    return needed;
  }

  private shape(tensor: number): readonly number[] {
    return this.model.tensors[tensor].shape;
  }

  /** Stored in the file, or widened or made whole from what is. */
  private isConstant(tensor: number): boolean {
    return this.source(tensor).data.length > 0;
  }

  private source(tensor: number) {
    let index = tensor;
    for (;;) {
      const maker = this.makers.get(index);
      if (maker?.kind !== 'DEQUANTIZE' && maker?.kind !== 'DENSIFY') return this.model.tensors[index];
      index = maker.inputs[0];
    }
  }

  /** ONNX name of a computed tensor. */
  private name(tensor: number): string {
    const known = this.names.get(tensor);
    if (known) return known;
    const maker = this.makers.get(tensor);
    if (maker?.kind !== 'PAD') throw new RangeError(`tensor ${tensor} is read before it is made`);
    const pads = this.padding(maker);
    const [n, h, w, c] = [0, 1, 2, 3].map((axis) => pads[axis]);
    const begins = [n, c, h, w].map(([begin]) => begin);
    const ends = [n, c, h, w].map(([, end]) => end);
    const name = this.graph.node('Pad', [
      this.name(maker.inputs[0]),
      this.graph.integers([...begins, ...ends]),
    ]);
    this.names.set(tensor, name);
    return name;
  }

  /** Begin and end of each of the four axes, channels last. */
  private padding(operator: TfliteOperator): [begin: number, end: number][] {
    const values = constantValues(this.source(operator.inputs[1]));
    return [0, 1, 2, 3].map((axis) => [values[axis * 2], values[axis * 2 + 1]]);
  }

  /** What a convolution reads: the tensor before a PAD of rows and columns, and that padding. */
  private unpadded(tensor: number): { name: string; pads: Pads } {
    const maker = this.makers.get(tensor);
    if (maker?.kind === 'PAD' && !this.names.has(tensor)) {
      const [n, [top, bottom], [left, right], c] = this.padding(maker);
      if ([...n, ...c].every((pad) => pad === 0)) {
        return { name: this.name(maker.inputs[0]), pads: [top, left, bottom, right] };
      }
    }
    return { name: this.name(tensor), pads: NO_PADS };
  }

  private constant(tensor: number, dims: readonly number[], values: Float32Array): string {
    const known = this.constants.get(tensor);
    if (known) return known;
    const { type } = this.source(tensor);
    const stored = this.graph.weights(`constant ${tensor}`, dims, values, type === 'f16' ? 'f16' : 'f32');
    const name = type === 'f16' ? this.graph.cast(stored, 'f32') : stored;
    this.constants.set(tensor, name);
    return name;
  }

  private vector(tensor: number, dims: readonly number[] = this.shape(tensor)): string {
    return this.constant(tensor, dims, Float32Array.from(constantValues(this.source(tensor))));
  }

  private activated(name: string, activation: number): string {
    if (activation === NO_ACTIVATION) return name;
    if (activation === RELU) return this.graph.node('Relu', [name]);
    if (activation === RELU6)
      return this.graph.node('Clip', [name, this.graph.scalar(0), this.graph.scalar(6)]);
    throw new RangeError(`fused activation ${activation} is not translated`);
  }

  /** Padding of a window over a tensor, its own and that of a PAD before it. SAME puts the odd row or column last. */
  private windowPads(
    tensor: number,
    valid: boolean,
    kernel: readonly [number, number],
    strides: readonly [number, number],
    before: Pads,
  ): Pads {
    if (valid) return before;
    const [, height, width] = this.shape(tensor);
    const total = [height, width].map((size, axis) =>
      Math.max(0, (Math.ceil(size / strides[axis]) - 1) * strides[axis] + kernel[axis] - size),
    );
    const [top, left] = total.map((sum) => Math.floor(sum / 2));
    return [before[0] + top, before[1] + left, before[2] + total[0] - top, before[3] + total[1] - left];
  }

  private write(operator: TfliteOperator): string {
    const { kind, inputs } = operator;
    const options = operator.options;
    switch (kind) {
      case 'CONV_2D':
        return this.convolution(operator, false);
      case 'DEPTHWISE_CONV_2D':
        return this.convolution(operator, true);
      case 'ADD':
      case 'MUL': {
        const parts = inputs.map((i) => (this.isConstant(i) ? this.broadcast(i) : this.name(i)));
        return this.activated(
          this.graph.node(kind === 'ADD' ? 'Add' : 'Mul', parts),
          options?.byte(0) ?? NO_ACTIVATION,
        );
      }
      case 'MAX_POOL_2D':
        return this.maxPool(operator);
      case 'RESIZE_BILINEAR':
        return this.resize(operator);
      case 'DEPTH_TO_SPACE':
        return this.graph.node('DepthToSpace', [this.name(inputs[0])], {
          blocksize: options?.int(0) ?? 1,
          mode: 'DCR',
        });
      case 'RESHAPE':
        return this.reshape(operator);
      case 'CONCATENATION': {
        const rank = this.shape(inputs[0]).length;
        const axis = ((options?.int(0) ?? 0) + rank) % rank;
        return this.graph.node(
          'Concat',
          inputs.map((i) => this.name(i)),
          { axis: rank === 4 ? [0, 2, 3, 1][axis] : axis },
        );
      }
      case 'FULLY_CONNECTED':
        return this.activated(
          this.graph.node('Gemm', [this.name(inputs[0]), this.vector(inputs[1]), this.vector(inputs[2])], {
            transB: 1,
          }),
          options?.byte(0) ?? NO_ACTIVATION,
        );
      case 'MEAN':
        return this.mean(operator);
      case 'PRELU': {
        const channels = this.shape(inputs[1]).at(-1) ?? 1;
        return this.graph.node('PRelu', [this.name(inputs[0]), this.vector(inputs[1], [channels, 1, 1])]);
      }
      case 'LOGISTIC':
        return this.graph.node('Sigmoid', [this.name(inputs[0])]);
      case 'RELU':
        return this.activated(this.name(inputs[0]), RELU);
      case 'RELU6':
        return this.activated(this.name(inputs[0]), RELU6);
      case 'HARD_SWISH':
        return this.graph.node('HardSwish', [this.name(inputs[0])]);
      default:
        throw new RangeError(`operator ${kind} is not translated`);
    }
  }

  /** A constant next to a picture: a number per channel, or one number. */
  private broadcast(tensor: number): string {
    const shape = this.shape(tensor);
    const channels = shape.at(-1) ?? 1;
    if (shape.some((size, axis) => axis < shape.length - 1 && size !== 1)) {
      throw new RangeError('only constants per channel are translated');
    }
    return this.vector(tensor, [channels, 1, 1]);
  }

  private convolution({ inputs, options }: TfliteOperator, depthwise: boolean): string {
    const [input, weights, bias] = inputs;
    const [, height, width, channels] = this.shape(weights);
    if (!options) throw new RangeError('a convolution has no options');
    const activation = options.byte(depthwise ? 4 : 3);
    const dilations = [options.int(depthwise ? 6 : 5, 1), options.int(depthwise ? 5 : 4, 1)];
    if (dilations.some((step) => step !== 1) || (depthwise && options.int(3, 1) !== 1)) {
      throw new RangeError('dilated convolutions and depth multipliers are not translated');
    }
    const strides = stridesOf(options);
    const { name, pads } = this.unpadded(input);
    const values = kernelsFirst(constantValues(this.source(weights)), this.shape(weights), depthwise);
    const outer = depthwise ? channels : this.shape(weights)[0];
    const kernel = this.constant(weights, [outer, depthwise ? 1 : channels, height, width], values);
    const all = this.windowPads(input, options.byte(0) === 1, [height, width], strides, pads);
    const convolved = this.graph.node(
      'Conv',
      bias === undefined || bias < 0 ? [name, kernel] : [name, kernel, this.vector(bias)],
      { kernel_shape: [height, width], strides, pads: all, group: depthwise ? channels : 1 },
    );
    return this.activated(convolved, activation);
  }

  private maxPool({ inputs, options }: TfliteOperator): string {
    if (!options) throw new RangeError('a pooling has no options');
    const strides = stridesOf(options);
    const kernel = [options.int(4), options.int(3)] as const;
    return this.activated(
      this.graph.node('MaxPool', [this.name(inputs[0])], {
        kernel_shape: kernel,
        strides,
        pads: this.windowPads(inputs[0], options.byte(0) === 1, kernel, strides, NO_PADS),
      }),
      options.byte(5),
    );
  }

  private resize({ inputs, outputs, options }: TfliteOperator): string {
    const [, fromHeight, fromWidth] = this.shape(inputs[0]);
    const [, height, width] = this.shape(outputs[0]);
    const mode = options?.boolean(2) ? 'align_corners' : options?.boolean(3) ? 'half_pixel' : 'asymmetric';
    return this.graph.node(
      'Resize',
      [this.name(inputs[0]), '', this.graph.floats([1, 1, height / fromHeight, width / fromWidth])],
      { mode: 'linear', coordinate_transformation_mode: mode },
    );
  }

  /** A picture of more than one pixel is put back to channels last first: the reader counts in that order. */
  private reshape({ inputs, outputs }: TfliteOperator): string {
    const from = this.shape(inputs[0]);
    const to = this.shape(outputs[0]);
    if (to.length === 4) throw new RangeError('a reshape to a picture is not translated');
    const flat = from.length !== 4 || (from[1] === 1 && from[2] === 1);
    const ordered = flat
      ? this.name(inputs[0])
      : this.graph.node('Transpose', [this.name(inputs[0])], { perm: [0, 2, 3, 1] });
    return this.graph.node('Reshape', [ordered, this.graph.integers(to)]);
  }

  /** Over rows and columns only. */
  private mean({ inputs, outputs }: TfliteOperator): string {
    const axes = [...constantValues(this.source(inputs[1]))].sort();
    if (axes.join() !== '1,2') throw new RangeError('only a mean over rows and columns is translated');
    const pooled = this.graph.node('GlobalAveragePool', [this.name(inputs[0])]);
    const to = this.shape(outputs[0]);
    return to.length === 4 ? pooled : this.graph.node('Reshape', [pooled, this.graph.integers(to)]);
  }
}

/** Down, then across. All window operators keep them in the same slots. */
function stridesOf(options: FlatTable): readonly [number, number] {
  return [options.int(2, 1), options.int(1, 1)];
}
