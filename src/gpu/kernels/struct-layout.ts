/**
 * Uniform structs declared once, in TypeScript: the WGSL text and the byte offsets both come from here, so the two
 * cannot drift apart. Alignment rules: WGSL specification, "Alignment and Size", uniform address space.
 */

const SCALARS = {
  u32: { align: 4, size: 4, count: 1, integer: true },
  i32: { align: 4, size: 4, count: 1, integer: true },
  f32: { align: 4, size: 4, count: 1, integer: false },
  vec2u: { align: 8, size: 8, count: 2, integer: true },
  vec2i: { align: 8, size: 8, count: 2, integer: true },
  vec2f: { align: 8, size: 8, count: 2, integer: false },
  vec4f: { align: 16, size: 16, count: 4, integer: false },
} as const;
type Scalar = keyof typeof SCALARS;

/** A fixed-size array of structs; its stride is a multiple of 16 bytes, as uniforms demand. */
interface StructArray {
  readonly of: StructLayout<string>;
  readonly length: number;
}

type FieldType = Scalar | StructArray;
export type FieldValue = number | ArrayLike<number> | readonly Readonly<Record<string, FieldValue>>[];

export interface StructLayout<Field extends string> {
  readonly name: string;
  readonly sizeBytes: number;
  readonly offsets: Readonly<Record<Field, number>>;
  /** The WGSL declaration, nested structs first. */
  readonly wgsl: string;
  /** Bytes of one struct; missing array elements stay zero. */
  pack(values: Readonly<Record<Field, FieldValue>>): ArrayBuffer;
}

/** Declares a struct; field order is memory order. */
export function defineStruct<const Fields extends Readonly<Record<string, FieldType>>>(
  name: string,
  fields: Fields,
): StructLayout<Extract<keyof Fields, string>> {
  const offsets: Record<string, number> = {};
  let end = 0;
  let align = 16; // a uniform struct is padded to 16 bytes, which also makes it fit for arrays
  const nested = new Set<string>();
  const lines: string[] = [];
  for (const [field, type] of Object.entries(fields)) {
    const place = placement(type);
    align = Math.max(align, place.align);
    end = roundUp(end, place.align);
    offsets[field] = end;
    end += place.size;
    if (typeof type === 'string') lines.push(`  ${field}: ${type},`);
    else {
      nested.add(type.of.wgsl);
      lines.push(`  ${field}: array<${type.of.name}, ${type.length}>,`);
    }
  }
  const sizeBytes = roundUp(end, align);
  const wgsl = `${[...nested].join('')}struct ${name} {\n${lines.join('\n')}\n}\n`;

  const writeFields = (view: DataView, at: number, values: Readonly<Record<string, FieldValue>>): void => {
    for (const [field, type] of Object.entries(fields)) {
      if (values[field] === undefined) throw new Error(`${name}.${field} has no value`);
      writeField(view, at + offsets[field], type, values[field]);
    }
  };
  const layout = {
    name,
    sizeBytes,
    offsets: offsets as Record<Extract<keyof Fields, string>, number>,
    wgsl,
    pack(values: Readonly<Record<string, FieldValue>>): ArrayBuffer {
      const bytes = new ArrayBuffer(sizeBytes);
      writeFields(new DataView(bytes), 0, values);
      return bytes;
    },
  };
  return layout;
}

function placement(type: FieldType): { align: number; size: number } {
  if (typeof type === 'string') return SCALARS[type];
  return { align: 16, size: type.of.sizeBytes * type.length };
}

function writeField(view: DataView, at: number, type: FieldType, value: FieldValue): void {
  if (typeof type !== 'string') {
    const items = value as readonly Readonly<Record<string, FieldValue>>[];
    if (items.length > type.length)
      throw new RangeError(`at most ${type.length} ${type.of.name}, got ${items.length}`);
    items.forEach((item, i) => {
      const bytes = new Uint8Array(type.of.pack(item));
      new Uint8Array(view.buffer, at + i * type.of.sizeBytes, bytes.length).set(bytes);
    });
    return;
  }
  const { count, integer } = SCALARS[type];
  const numbers = typeof value === 'number' ? [value] : (value as ArrayLike<number>);
  if (numbers.length !== count)
    throw new RangeError(`a ${type} takes ${count} values, got ${numbers.length}`);
  for (let i = 0; i < count; i++) {
    if (integer) view.setUint32(at + i * 4, numbers[i] >>> 0, true);
    else view.setFloat32(at + i * 4, numbers[i], true);
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
