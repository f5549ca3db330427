/**
 * Reads safetensors: 8 bytes length, a JSON header, then the arrays' bytes.
 *
 * Every offset is checked before it is used, since a log may come from somebody
 * else.
 */

import { WireError } from "./decode";

export type TensorValues =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** One array, in C order. */
export interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

/** Arrays by name; a Map, so that no name is special. */
export type Tensors = ReadonlyMap<string, Tensor>;

interface TypedArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): TensorValues;
}

const CONSTRUCTORS: ReadonlyMap<string, TypedArrayConstructor> = new Map<
  string,
  TypedArrayConstructor
>([
  ["U8", Uint8Array],
  ["BOOL", Uint8Array],
  ["I8", Int8Array],
  ["U16", Uint16Array],
  ["I16", Int16Array],
  ["U32", Uint32Array],
  ["I32", Int32Array],
  ["F32", Float32Array],
  ["F64", Float64Array],
  ["I64", BigInt64Array],
  ["U64", BigUint64Array],
]);

const LENGTH_BYTES = 8;
/** Longest header that is read, as in the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;
/** More dimensions than this are not an array of ours. */
const MAX_DIMENSIONS = 32;

/**
 * Reads all arrays of a safetensors document.
 *
 * Arrays are views into `buffer` where their position allows it, and copies
 * where a typed array could not start.
 *
 * @param buffer The whole document.
 * @param what What it is, for the error's text.
 */
export function decodeSafetensors(buffer: ArrayBuffer, what: string): Tensors {
  const { header, dataStart } = readHeader(buffer, what);
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== "__metadata__") {
      tensors.set(name, readTensor(buffer, dataStart, entry, `${what}, ${name}`));
    }
  }
  return tensors;
}

function readHeader(
  buffer: ArrayBuffer,
  what: string,
): { header: Record<string, unknown>; dataStart: number } {
  if (buffer.byteLength < LENGTH_BYTES) {
    throw new WireError(`${what} is damaged: it is shorter than its header.`);
  }
  const length = new DataView(buffer).getBigUint64(0, true);
  if (
    length > BigInt(buffer.byteLength - LENGTH_BYTES) ||
    length > BigInt(MAX_HEADER_BYTES)
  ) {
    throw new WireError(`${what} is damaged: its header is longer than itself.`);
  }
  const bytes = new Uint8Array(buffer, LENGTH_BYTES, Number(length));
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new WireError(`${what} is damaged: its header is not valid JSON.`);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new WireError(`${what} is damaged: its header names no arrays.`);
  }
  return {
    header: header as Record<string, unknown>,
    dataStart: LENGTH_BYTES + Number(length),
  };
}

function readTensor(
  buffer: ArrayBuffer,
  dataStart: number,
  entry: unknown,
  what: string,
): Tensor {
  const { dtype, shape, data_offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !isSizes(shape) || !isSizes(data_offsets)) {
    throw new WireError(`${what} is damaged: its description is malformed.`);
  }
  const Values = CONSTRUCTORS.get(dtype);
  if (Values === undefined) {
    throw new WireError(
      `${what} is of type ${dtype.slice(0, 20)}, which is not read here.`,
    );
  }
  const [begin, end] = data_offsets;
  const count = shape.reduce((product, size) => product * size, 1);
  const itemBytes = Values.BYTES_PER_ELEMENT;
  if (
    data_offsets.length !== 2 ||
    begin === undefined ||
    end === undefined ||
    shape.length > MAX_DIMENSIONS ||
    end < begin ||
    end > buffer.byteLength - dataStart ||
    end - begin !== count * itemBytes
  ) {
    throw new WireError(`${what} is damaged: it lies outside of its bytes.`);
  }
  const start = dataStart + begin;
  const values =
    start % itemBytes === 0
      ? new Values(buffer, start, count)
      : new Values(buffer.slice(start, dataStart + end), 0, count);
  return { dtype, shape, values };
}

function isSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)
  );
}

/**
 * Takes an array that must be there and be of a known type.
 *
 * @param tensors Arrays of a document.
 * @param name Name of the array.
 * @param type Constructor of its typed array.
 * @param what What the document is, for the error's text.
 */
export function takeTensor<T extends TensorValues>(
  tensors: Tensors,
  name: string,
  type: abstract new (...args: never[]) => T,
  what: string,
): { shape: readonly number[]; values: T } {
  const tensor = tensors.get(name);
  if (tensor === undefined) {
    throw new WireError(`${what} has no array "${name}".`);
  }
  if (!(tensor.values instanceof type)) {
    throw new WireError(`${what}: "${name}" is of type ${tensor.dtype}.`);
  }
  return { shape: tensor.shape, values: tensor.values };
}
