import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "../../wire/safetensors";
import { writeNpy } from "./npz";
import { toSafetensors } from "./safetensors_file";

describe("NumPy files", () => {
  it("begin with a header that ends at a multiple of 64", () => {
    const file = writeNpy({
      name: "x",
      shape: [2, 3],
      values: Float32Array.of(0, 1, 2, 3, 4, Number.NaN),
    });
    expect([...file.subarray(0, 8)]).toEqual([0x93, 78, 85, 77, 80, 89, 1, 0]);
    const words = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    expect(new TextDecoder().decode(file.subarray(10, 128))).toBe(
      `${words.padEnd(117)}\n`,
    );
    expect(new DataView(file.buffer).getUint16(8, true)).toBe(118);
    expect([...new Float32Array(file.buffer.slice(128))]).toEqual([
      0,
      1,
      2,
      3,
      4,
      Number.NaN,
    ]);
  });

  it("writes shapes as Python does", () => {
    const header = (shape: number[], values: BigInt64Array<ArrayBuffer>) =>
      new TextDecoder("latin1").decode(writeNpy({ name: "x", shape, values }));
    expect(header([1], BigInt64Array.of(7n))).toContain("'shape': (1,), }");
    expect(header([], BigInt64Array.of(7n))).toContain("'shape': (), }");
    expect(header([0], BigInt64Array.of())).toContain("'descr': '<i8'");
  });
});

describe("safetensors files", () => {
  it("are read back, aligned, with what is known about them", async () => {
    const blob = toSafetensors({
      arrays: [
        { name: "bytes", shape: [3], values: Uint8Array.of(1, 2, 3) },
        { name: "maps", shape: [1, 2], values: Float32Array.of(1.5, -2) },
        { name: "channels", shape: [1], values: BigInt64Array.of(5n) },
        { name: "counts", shape: [2], values: Uint32Array.of(1, 4_000_000_000) },
      ],
      metadata: { layer: "a/ü", step: "3" },
    });
    const buffer = await blob.arrayBuffer();
    const tensors = decodeSafetensors(buffer, "The file");
    expect([...(tensors.get("maps")?.values ?? [])]).toEqual([1.5, -2]);
    expect(tensors.get("maps")?.shape).toEqual([1, 2]);
    expect([...(tensors.get("channels")?.values ?? [])]).toEqual([5n]);
    expect([...(tensors.get("counts")?.values ?? [])]).toEqual([1, 4_000_000_000]);
    expect([...(tensors.get("bytes")?.values ?? [])]).toEqual([1, 2, 3]);
    const length = Number(new DataView(buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(buffer.slice(8, 8 + length)));
    expect(header.__metadata__).toEqual({ layer: "a/ü", step: "3" });
    expect(header.maps.data_offsets[0] % 4).toBe(0);
  });
});
