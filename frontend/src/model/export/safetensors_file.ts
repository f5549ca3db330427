/** Writes safetensors files, which the package of that name opens. */

import { type ArrayFile, type ArrayValues, bytesOf } from "./arrays";

/** Arrays begin at a multiple of it. */
const ALIGNMENT = 8;

/** Writes arrays as safetensors; what is known about them is its metadata. */
export function toSafetensors({ arrays, metadata }: ArrayFile): Blob {
  // Arrays of larger elements first, so that each is aligned to its own.
  const ordered = [...arrays].sort(
    (a, b) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT,
  );
  let end = 0;
  const entries = ordered.map((array): [string, unknown] => {
    const begin = end;
    end += array.values.byteLength;
    return [
      array.name,
      {
        dtype: dtypeOf(array.values),
        shape: array.shape,
        data_offsets: [begin, end],
      },
    ];
  });
  const header = JSON.stringify({
    __metadata__: metadata,
    ...Object.fromEntries(entries),
  });
  const words = new TextEncoder().encode(header);
  const length = Math.ceil(words.length / ALIGNMENT) * ALIGNMENT;
  const padding = new Uint8Array(length - words.length).fill(0x20);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(length), true);
  return new Blob([size, words, padding, ...ordered.map(bytesOf)], {
    type: "application/octet-stream",
  });
}

function dtypeOf(values: ArrayValues): string {
  if (values instanceof Float32Array) {
    return "F32";
  }
  if (values instanceof Float64Array) {
    return "F64";
  }
  if (values instanceof Uint32Array) {
    return "U32";
  }
  return values instanceof BigInt64Array ? "I64" : "U8";
}
