/** Writes `.npz` files, which `numpy.load` opens. */

import { type ArrayFile, type ArrayValues, bytesOf, type NamedArray } from "./arrays";
import { writeZip } from "./zip";

/** Headers end at a multiple of it, so that the values are aligned. */
const ALIGNMENT = 64;

/**
 * Writes arrays as `.npz`.
 *
 * What is known about them is one more array, `metadata`: a text of JSON, without
 * dimensions, so that `json.loads(str(file["metadata"]))` reads it.
 */
export function toNpz({ arrays, metadata }: ArrayFile): Promise<Blob> {
  const files = arrays.map((array) => ({
    name: `${array.name}.npy`,
    bytes: writeNpy(array),
  }));
  const text = writeNpyText(JSON.stringify(metadata));
  return writeZip([...files, { name: "metadata.npy", bytes: text }]);
}

/** One array in NumPy's own format, version 1.0. */
export function writeNpy(array: NamedArray): Uint8Array<ArrayBuffer> {
  return joinNpy(descriptionOf(array.values), array.shape, bytesOf(array));
}

/** A text as an array without dimensions. */
function writeNpyText(text: string): Uint8Array<ArrayBuffer> {
  const characters = Uint32Array.from(text, (one) => one.codePointAt(0) ?? 0);
  return joinNpy(`<U${characters.length}`, [], new Uint8Array(characters.buffer));
}

function joinNpy(
  description: string,
  shape: readonly number[],
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  // A tuple of one has a comma in Python.
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const words = `{'descr': '${description}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = 10;
  const length = Math.ceil((start + words.length + 1) / ALIGNMENT) * ALIGNMENT - start;
  const header = `${words.padEnd(length - 1)}\n`;
  const file = new Uint8Array(start + length + bytes.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  file.set(new TextEncoder().encode(header), start);
  file.set(bytes, start + length);
  return file;
}

function descriptionOf(values: ArrayValues): string {
  if (values instanceof Float32Array) {
    return "<f4";
  }
  if (values instanceof Float64Array) {
    return "<f8";
  }
  if (values instanceof Uint32Array) {
    return "<u4";
  }
  return values instanceof BigInt64Array ? "<i8" : "|u1";
}
