/** Writes zip archives: what `.npz` files are. */

import { crc32 } from "./crc32";

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const STORED = 0;
const DEFLATED = 8;
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
/** 1980-01-01, the first day there is: the same data make the same file. */
const DATE = 0x21;
/** Beyond it an archive needs another form, which is not written here. */
const MOST_BYTES = 0xffffffff;

/**
 * Writes an archive.
 *
 * Files are compressed where the browser can do so and it makes them smaller.
 *
 * @throws RangeError The archive would be larger than 4 GiB.
 */
export async function writeZip(entries: readonly ZipEntry[]): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const packed = await deflate(bytes);
    const smaller = packed !== null && packed.length < bytes.length;
    const data = smaller ? packed : bytes;
    const title = new TextEncoder().encode(name);
    const common = [
      u16(FLAGS),
      u16(smaller ? DEFLATED : STORED),
      u16(0),
      u16(DATE),
      u32(crc32(bytes)),
      u32(data.length),
      u32(bytes.length),
      u16(title.length),
      u16(0),
    ];
    const local = [u32(0x04034b50), u16(VERSION), ...common, title];
    directory.push(
      ...[u32(0x02014b50), u16(VERSION), u16(VERSION), ...common],
      ...[u16(0), u16(0), u16(0), u32(0), u32(offset), title],
    );
    parts.push(...local, data);
    offset += lengthOf(local) + data.length;
    if (offset > MOST_BYTES) {
      throw new RangeError("the file would be larger than 4 GiB");
    }
  }
  const end = [
    ...[u32(0x06054b50), u16(0), u16(0), u16(entries.length), u16(entries.length)],
    ...[u32(lengthOf(directory)), u32(offset), u16(0)],
  ];
  return new Blob([...parts, ...directory, ...end], { type: "application/zip" });
}

/** Compresses bytes; null where the browser cannot. */
async function deflate(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (typeof CompressionStream === "undefined") {
    return null;
  }
  const packed = new Blob([bytes])
    .stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function u16(value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(value & 255, (value >>> 8) & 255);
}

function u32(value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(
    value & 255,
    (value >>> 8) & 255,
    (value >>> 16) & 255,
    value >>> 24,
  );
}
