/**
 * What an ONNX file asks for and answers, read from its own bytes: inputs and outputs with their sizes, and which operators
 * it is made of. Weights are stepped over. Field numbers are those of onnx.proto3.
 */
import { StageError } from '../../base/errors.ts';

export interface OnnxValue {
  readonly name: string;
  /** ONNX element type; 1 = f32. */
  readonly type: number;
  /** null where the size is left open. */
  readonly dims: readonly (number | null)[];
}

export interface OnnxInterface {
  /** Without those that are weights. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly operators: ReadonlySet<string>;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const EXTERNAL = 1;

export function badMatting(message: string, fix: string, cause?: unknown): StageError {
  return new StageError('matte', 'E_BAD_PACK', message, { fix, cause });
}

type Field = readonly [field: number, value: number | Uint8Array];

class Malformed extends Error {}

/** Fields of a message, in their order; numbers above 2^53 lose digits, which no size has. */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (let k = 0; k < 10; k++) {
      if (at >= bytes.length) throw new Malformed('the file ends within a number');
      const byte = bytes[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new Malformed('a number is too long');
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (field === 0) throw new Malformed('a field has no number');
    if (wire === VARINT) yield [field, varint()];
    else if (wire === BYTES) {
      const length = varint();
      if (at + length > bytes.length) throw new Malformed('the file is cut off');
      yield [field, bytes.subarray(at, at + length)];
      at += length;
    } else if (wire === FIXED64 || wire === FIXED32) {
      at += wire === FIXED64 ? 8 : 4;
      if (at > bytes.length) throw new Malformed('the file is cut off');
    } else throw new Malformed('it is another kind of file');
  }
}

const textOf = (value: number | Uint8Array) =>
  typeof value === 'number' ? '' : new TextDecoder().decode(value);
const bytesOf = (value: number | Uint8Array) => {
  if (typeof value === 'number') throw new Malformed('a number stands where a message should');
  return value;
};

function first(bytes: Uint8Array, wanted: number): number | Uint8Array | null {
  for (const [field, value] of fieldsOf(bytes)) if (field === wanted) return value;
  return null;
}

function valueInfo(bytes: Uint8Array): OnnxValue {
  let [name, type] = ['', 0];
  const dims: (number | null)[] = [];
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 1) name = textOf(value);
    if (field !== 2) continue;
    const tensor = first(bytesOf(value), 1);
    if (tensor === null) continue;
    for (const [inner, content] of fieldsOf(bytesOf(tensor))) {
      if (inner === 1 && typeof content === 'number') type = content;
      if (inner !== 2) continue;
      for (const [, dimension] of fieldsOf(bytesOf(content))) {
        const size = first(bytesOf(dimension), 1);
        dims.push(typeof size === 'number' && size > 0 && size < 2 ** 31 ? size : null);
      }
    }
  }
  return { name, type, dims };
}

/**
 * @param name of the file, for the sentence.
 * @throws StageError E_BAD_PACK when it is no ONNX file, is cut off, or keeps its weights in another file.
 */
export function readOnnxInterface(bytes: Uint8Array, name: string): OnnxInterface {
  const fix =
    'Choose the .onnx file of a matting network: U-2-Net, IS-Net, BiRefNet or MODNet, for instance.';
  try {
    const graph = first(bytes, 7);
    if (graph === null) throw new Malformed('it holds no graph');
    const found = { inputs: [] as OnnxValue[], outputs: [] as OnnxValue[], operators: new Set<string>() };
    const weights = new Set<string>();
    for (const [field, value] of fieldsOf(bytesOf(graph))) {
      if (field === 1) found.operators.add(textOf(first(bytesOf(value), 4) ?? 0));
      if (field === 11) found.inputs.push(valueInfo(bytesOf(value)));
      if (field === 12) found.outputs.push(valueInfo(bytesOf(value)));
      if (field !== 5) continue;
      for (const [inner, content] of fieldsOf(bytesOf(value))) {
        if (inner === 8) weights.add(textOf(content));
        if (inner === 14 && content === EXTERNAL) {
          throw badMatting(
            `“${name}” keeps its weights in a second file.`,
            'Save the network as one .onnx file (in Python: onnx.save with save_as_external_data=False).',
          );
        }
      }
    }
    if (found.operators.size === 0) throw new Malformed('its graph is empty');
    return { ...found, inputs: found.inputs.filter((input) => !weights.has(input.name)) };
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    throw badMatting(`“${name}” cannot be read as ONNX: ${thrown.message}.`, fix, thrown);
  }
}
