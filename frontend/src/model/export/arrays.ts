/** Named arrays with what is known about them, as they are saved into files. */

/** Values of an array, in C order. */
export type ArrayValues =
  | Uint8Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>;

/** One array. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: ArrayValues;
}

/** What a file holds. */
export interface ArrayFile {
  readonly arrays: readonly NamedArray[];
  /** What the arrays are of: the run, the step, the layer, ... */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The array's bytes; browsers run on little-endian machines alone. */
export function bytesOf({ values }: NamedArray): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
