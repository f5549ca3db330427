import { inflateRawSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { crc32 } from "./crc32";
import { writeZip } from "./zip";

interface Read {
  name: string;
  method: number;
  bytes: Uint8Array;
}

/** Reads an archive by its directory, as every program does. */
async function readZip(blob: Blob): Promise<Read[]> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 22;
  expect(view.getUint32(end, true)).toBe(0x06054b50);
  let at = view.getUint32(end + 16, true);
  expect(at + view.getUint32(end + 12, true)).toBe(end);
  return Array.from({ length: view.getUint16(end + 10, true) }, () => {
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const nameLength = view.getUint16(at + 28, true);
    const local = view.getUint32(at + 42, true);
    expect(view.getUint32(local, true)).toBe(0x04034b50);
    const name = new TextDecoder().decode(
      bytes.subarray(local + 30, local + 30 + nameLength),
    );
    const start = local + 30 + nameLength + view.getUint16(local + 28, true);
    const stored = bytes.subarray(start, start + packed);
    const plain = method === 8 ? new Uint8Array(inflateRawSync(stored)) : stored;
    expect(plain.length).toBe(view.getUint32(at + 24, true));
    expect(crc32(plain)).toBe(view.getUint32(at + 16, true));
    at += 46 + nameLength;
    return { name, method, bytes: plain };
  });
}

describe("zip archives", () => {
  const text = new TextEncoder().encode("a".repeat(1000));
  const noise = Uint8Array.from({ length: 64 }, (_, at) => (at * 97 + 13) % 251);

  it("has the checksum that everybody uses", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  it("holds its files, compressed where that makes them smaller", async () => {
    const files = [
      { name: "ü/maps.npy", bytes: text },
      { name: "noise", bytes: noise },
      { name: "empty", bytes: new Uint8Array(0) },
    ];
    const read = await readZip(await writeZip(files));
    expect(read.map(({ name, method }) => [name, method])).toEqual([
      ["ü/maps.npy", 8],
      ["noise", 0],
      ["empty", 0],
    ]);
    expect(read.map(({ bytes }) => [...bytes])).toEqual(
      files.map(({ bytes }) => [...bytes]),
    );
  });

  it("stores its files where the browser cannot compress", async () => {
    vi.stubGlobal("CompressionStream", undefined);
    try {
      const read = await readZip(await writeZip([{ name: "a", bytes: text }]));
      expect(read[0]).toMatchObject({ method: 0 });
      expect(read[0]?.bytes.length).toBe(1000);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
