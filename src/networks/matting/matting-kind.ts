/**
 * Which family a visitor's matting network belongs to, and so how it wants its picture: from the sizes and operators in
 * the file, and from its name where people keep it. Norms are those of the authors' own inference code.
 */
import { badMatting, type OnnxInterface, type OnnxValue } from './onnx-interface.ts';

/**
 * - u2net: U-2-Net and its kin (Qin et al. 2020): divided by the largest value, ImageNet mean and deviation, 320 px;
 * - isnet: IS-Net and RMBG-1.4 (Qin et al. 2022): divided by the largest value, minus 0.5, 1024 px;
 * - birefnet: BiRefNet and RMBG-2 (Zheng et al. 2024): ImageNet mean and deviation, 1024 px;
 * - modnet: MODNet (Ke et al. 2022): -1 to 1, 512 px.
 */
export const MATTING_KINDS = ['u2net', 'isnet', 'birefnet', 'modnet'] as const;
export type MattingKind = (typeof MATTING_KINDS)[number];

export interface Norm {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
  /** The picture is divided by its own largest value first. */
  readonly byLargest: boolean;
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;

export const NORMS: Readonly<Record<MattingKind, Norm>> = {
  u2net: { ...IMAGENET, byLargest: true },
  isnet: { mean: [0.5, 0.5, 0.5], deviation: [1, 1, 1], byLargest: true },
  birefnet: { ...IMAGENET, byLargest: false },
  modnet: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5], byLargest: false },
};

/** Where the file leaves its size open. */
const USUAL_SIDE: Readonly<Record<MattingKind, number>> = {
  u2net: 320,
  isnet: 1024,
  birefnet: 1024,
  modnet: 512,
};

const NAMES: readonly (readonly [RegExp, MattingKind])[] = [
  [/birefnet|rmbg[-_. ]?(v?2|2\.0)/i, 'birefnet'],
  [/is-?net|rmbg|(^|[^a-z])dis([^a-z]|$)/i, 'isnet'],
  [/modnet/i, 'modnet'],
  [/u-?2-?net|u2netp?/i, 'u2net'],
];

/** What is known of a network before it runs. */
export interface MattingShape {
  readonly kind: MattingKind;
  readonly width: number;
  readonly height: number;
  /** [1, height, width, 3] instead of [1, 3, height, width]. */
  readonly channelsLast: boolean;
  /** The output that is the matte. */
  readonly output: string;
}

const FLOAT = 1;
const FLOAT16 = 10;
const MIN_SIDE = 32;
const MAX_SIDE = 2048;

function kindOf(name: string, { operators }: OnnxInterface, side: number | null): MattingKind {
  const named = NAMES.find(([pattern]) => pattern.test(name));
  if (named) return named[1];
  if (operators.has('Softmax') || operators.has('LayerNormalization')) return 'birefnet';
  if (operators.has('InstanceNormalization')) return 'modnet';
  return side !== null && side >= 768 ? 'isnet' : 'u2net';
}

const shapeText = ({ dims }: OnnxValue) => `[${dims.map((d) => d ?? '?').join(', ')}]`;

/**
 * @param fileName helps where the file itself is not clear.
 * @throws StageError E_BAD_PACK saying what the file is instead of a matting network.
 */
export function mattingShape(found: OnnxInterface, fileName: string): MattingShape {
  const fix =
    'Choose a network that takes one picture and gives one matte: U-2-Net, IS-Net, BiRefNet or MODNet.';
  const [input] = found.inputs;
  if (found.inputs.length !== 1) {
    const names = found.inputs.map(({ name }) => name).join(', ');
    throw badMatting(
      `“${fileName}” takes ${found.inputs.length} inputs${names && ` (${names})`} where a matting network takes one picture.`,
      fix,
    );
  }
  if (input.type === FLOAT16) {
    throw badMatting(
      `“${fileName}” takes half-precision numbers, which browsers cannot give on the processor.`,
      'Use the f32 version of this network.',
    );
  }
  if (input.type !== FLOAT) {
    throw badMatting(`“${fileName}” takes whole numbers, not a picture of f32 values.`, fix);
  }
  const channelsLast = input.dims.length === 4 && input.dims[3] === 3 && input.dims[1] !== 3;
  const channels = input.dims[channelsLast ? 3 : 1];
  if (input.dims.length !== 4 || (channels !== null && channels !== 3)) {
    throw badMatting(
      `“${fileName}” takes ${shapeText(input)}, not a colour picture [1, 3, height, width].`,
      fix,
    );
  }
  if (input.dims[0] !== null && input.dims[0] !== 1) {
    throw badMatting(
      `“${fileName}” takes ${input.dims[0]} pictures at a time.`,
      'Export it again for one picture.',
    );
  }
  const isMap = ({ type, dims }: OnnxValue) =>
    (type === FLOAT || type === 0) &&
    (dims.length === 0 ||
      ((dims.length === 3 || dims.length === 4) && dims.some((d) => d === 1 || d === null)));
  const output = found.outputs.find(isMap);
  if (!output) {
    const given = found.outputs.map(shapeText).join(', ') || 'nothing';
    throw badMatting(`“${fileName}” gives ${given}: that is no matte.`, fix);
  }
  const [height, width] = channelsLast ? input.dims.slice(1, 3) : input.dims.slice(2);
  const kind = kindOf(fileName, found, height);
  const shape = {
    kind,
    width: width ?? USUAL_SIDE[kind],
    height: height ?? USUAL_SIDE[kind],
    channelsLast,
    output: output.name,
  };
  if (Math.min(shape.width, shape.height) < MIN_SIDE || Math.max(shape.width, shape.height) > MAX_SIDE) {
    throw badMatting(
      `“${fileName}” works at ${shape.width} × ${shape.height} px; between ${MIN_SIDE} and ${MAX_SIDE} px are possible here.`,
      fix,
    );
  }
  return shape;
}
