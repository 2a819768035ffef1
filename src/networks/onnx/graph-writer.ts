/**
 * Writes an ONNX model (IR 8, opset 17): inputs, outputs, initialisers and nodes, in the order they are added.
 * Field numbers are those of onnx.proto3.
 */
import { halvesFromFloats } from '../half.ts';
import { ProtoWriter } from './protobuf.ts';

export type Precision = 'f32' | 'f16';

const IR_VERSION = 8;
const OPSET = 17;
const FLOAT = 1;
const INT64 = 7;
const FLOAT16 = 10;
/** AttributeProto.AttributeType */
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 } as const;

export type Attribute = number | string | readonly number[];

export class OnnxGraph {
  private readonly inputs: ProtoWriter[] = [];
  private readonly outputs: ProtoWriter[] = [];
  private readonly initializers: ProtoWriter[] = [];
  private readonly nodes: ProtoWriter[] = [];
  private readonly constants = new Map<string, string>();
  private counter = 0;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** An f32 graph input. */
  input(name: string, dims: readonly number[]): string {
    this.inputs.push(valueInfo(name, dims));
    return name;
  }

  /** Names an f32 result as graph output. */
  output(name: string, dims: readonly number[]): void {
    this.outputs.push(valueInfo(name, dims));
  }

  /** A weight tensor, row-major; stored as f16 bits when asked. */
  weights(name: string, dims: readonly number[], values: Float32Array, precision: Precision): string {
    const raw = precision === 'f16' ? halvesFromFloats(values) : values;
    const bytes = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
    this.initializers.push(tensorProto(name, dims, precision === 'f16' ? FLOAT16 : FLOAT, bytes));
    return name;
  }

  /** A small integer vector, shared between nodes that use the same one. */
  integers(values: readonly number[]): string {
    const key = `i64:${values.join(',')}`;
    return this.constant(key, [values.length], INT64, () => new BigInt64Array(values.map(BigInt)));
  }

  /** A small f32 vector, shared likewise. */
  floats(values: readonly number[]): string {
    const key = `f32:${values.join(',')}`;
    return this.constant(key, [values.length], FLOAT, () => new Float32Array(values));
  }

  /** One f32 number, shared likewise. */
  scalar(value: number): string {
    return this.constant(`f32 scalar:${value}`, [], FLOAT, () => new Float32Array([value]));
  }

  /** Adds a node with one output and returns that output's name. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputName?: string,
  ): string {
    const name = `${op}_${this.counter++}`;
    const output = outputName ?? name;
    const node = new ProtoWriter();
    for (const input of inputs) node.string(1, input);
    node.string(2, output).string(3, name).string(4, op);
    for (const [key, value] of Object.entries(attributes)) node.message(5, attributeProto(key, value));
    this.nodes.push(node);
    return output;
  }

  /** Cast node to f16 or f32. */
  cast(input: string, precision: Precision, outputName?: string): string {
    return this.node('Cast', [input], { to: precision === 'f16' ? FLOAT16 : FLOAT }, outputName);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const graph = new ProtoWriter();
    for (const node of this.nodes) graph.message(1, node);
    graph.string(2, this.name);
    for (const initializer of this.initializers) graph.message(5, initializer);
    for (const input of this.inputs) graph.message(11, input);
    for (const output of this.outputs) graph.message(12, output);
    return new ProtoWriter()
      .int(1, IR_VERSION)
      .string(2, 'statuette')
      .message(7, graph)
      .message(8, new ProtoWriter().string(1, '').int(2, OPSET))
      .finish();
  }

  private constant(
    key: string,
    dims: readonly number[],
    elementType: number,
    values: () => BigInt64Array | Float32Array,
  ): string {
    const known = this.constants.get(key);
    if (known) return known;
    const name = `constant_${this.constants.size}`;
    const data = values();
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push(tensorProto(name, dims, elementType, bytes));
    this.constants.set(key, name);
    return name;
  }
}

function tensorProto(
  name: string,
  dims: readonly number[],
  elementType: number,
  bytes: Uint8Array,
): ProtoWriter {
  return new ProtoWriter().packedInts(1, dims).int(2, elementType).string(8, name).bytes(9, bytes);
}

function valueInfo(name: string, dims: readonly number[]): ProtoWriter {
  const shape = new ProtoWriter();
  for (const dim of dims) shape.message(1, new ProtoWriter().int(1, dim));
  const tensor = new ProtoWriter().int(1, FLOAT).message(2, shape);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensor));
}

function attributeProto(name: string, value: Attribute): ProtoWriter {
  const out = new ProtoWriter().string(1, name);
  if (typeof value === 'string') return out.string(4, value).int(20, ATTRIBUTE.string);
  if (typeof value === 'number') return out.int(3, value).int(20, ATTRIBUTE.int);
  return out.packedInts(8, value).int(20, ATTRIBUTE.ints);
}
