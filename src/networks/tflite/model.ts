/**
 * A TFLite file as tensors and operators, in the order of execution. Slot numbers and enumerations are those of
 * schema.fbs, version 3. Only the first subgraph is read; the graphs we take have one.
 */
import { FlatTable } from './flatbuffer.ts';

/** Operators that MediaPipe's body, hand and face graphs are made of, by BuiltinOperator number. */
const OPERATORS: Readonly<Record<number, string>> = {
  0: 'ADD',
  2: 'CONCATENATION',
  3: 'CONV_2D',
  4: 'DEPTHWISE_CONV_2D',
  5: 'DEPTH_TO_SPACE',
  6: 'DEQUANTIZE',
  9: 'FULLY_CONNECTED',
  14: 'LOGISTIC',
  17: 'MAX_POOL_2D',
  18: 'MUL',
  19: 'RELU',
  21: 'RELU6',
  22: 'RESHAPE',
  23: 'RESIZE_BILINEAR',
  34: 'PAD',
  40: 'MEAN',
  54: 'PRELU',
  117: 'HARD_SWISH',
  124: 'DENSIFY',
};

export type ElementType = 'f32' | 'f16' | 'i32';
const TYPES: Readonly<Record<number, ElementType>> = { 0: 'f32', 1: 'f16', 2: 'i32' };

/** How a dimension of a sparse tensor is stored: whole, or as compressed rows. */
export type SparseDimension =
  | { readonly kind: 'dense'; readonly size: number }
  | { readonly kind: 'sparse'; readonly segments: readonly number[]; readonly indices: readonly number[] };

/** SparsityParameters: dimensions in the order they are walked; those past the rank are blocks. */
export interface Sparsity {
  readonly traversalOrder: readonly number[];
  /** Dimension of the tensor that each block divides. */
  readonly blockMap: readonly number[];
  readonly dimensions: readonly SparseDimension[];
}

export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Stored values of a constant, a view into the file; empty for what the graph computes. */
  readonly data: Uint8Array;
  readonly sparsity: Sparsity | null;
}

export interface TfliteOperator {
  readonly kind: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The operator's own options table; null when it has none. */
  readonly options: FlatTable | null;
}

export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * @param bytes a whole .tflite file; tensors keep views into it.
 * @throws RangeError when it is not TFLite, or holds an operator or element type that we do not know.
 */
export function readTflite(bytes: Uint8Array): TfliteModel {
  if (new TextDecoder().decode(bytes.subarray(4, 8)) !== 'TFL3') throw new RangeError('not a TFLite file');
  const model = FlatTable.root(bytes);
  const codes = model.tables(1).map((code) => code.int(3) || code.byte(0));
  const buffers = model.tables(4);
  const [graph] = model.tables(2);
  return {
    tensors: graph.tables(0).map((tensor) => {
      const type = TYPES[tensor.byte(1)];
      if (!type) throw new RangeError(`tensor ${tensor.string(3)} has an unknown element type`);
      return {
        name: tensor.string(3),
        shape: tensor.ints(0),
        type,
        data: buffers[tensor.int(2)].bytes(0),
        sparsity: sparsityOf(tensor.table(6)),
      };
    }),
    operators: graph.tables(3).map((operator) => {
      const kind = OPERATORS[codes[operator.int(0)]];
      if (!kind) throw new RangeError(`operator ${codes[operator.int(0)]} is not known`);
      return { kind, inputs: operator.ints(1), outputs: operator.ints(2), options: operator.table(4) };
    }),
    inputs: graph.ints(1),
    outputs: graph.ints(2),
  };
}

function sparsityOf(table: FlatTable | null): Sparsity | null {
  if (!table) return null;
  return {
    traversalOrder: table.ints(0),
    blockMap: table.ints(1),
    dimensions: table
      .tables(2)
      .map((dimension) =>
        dimension.byte(0) === 0
          ? { kind: 'dense', size: dimension.int(1) }
          : { kind: 'sparse', segments: indexVector(dimension, 2), indices: indexVector(dimension, 4) },
      ),
  };
}

/** Union SparseIndexVector: 32, 16 or 8 bit numbers. */
function indexVector(dimension: FlatTable, slot: number): number[] {
  const vector = dimension.table(slot + 1);
  if (!vector) return [];
  const width = dimension.byte(slot);
  if (width === 1) return vector.ints(0);
  return width === 2 ? vector.unsignedShorts(0) : Array.from(vector.bytes(0));
}
