import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { valuesOf } from "../testing/fake_logs";
import { WireError } from "./decode";
import { decodeSafetensors, takeTensor } from "./safetensors";

function encode(header: unknown, data: Uint8Array): ArrayBuffer {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const buffer = new ArrayBuffer(8 + text.length + data.length);
  new DataView(buffer).setBigUint64(0, BigInt(text.length), true);
  new Uint8Array(buffer).set(text, 8);
  new Uint8Array(buffer).set(data, 8 + text.length);
  return buffer;
}

const THREE_BYTES = { dtype: "U8", shape: [3], data_offsets: [0, 3] };

describe("decodeSafetensors", () => {
  it("reads what Python's safetensors has written", () => {
    // Written by tests/fixtures/make_safetensors.py.
    const file = readFileSync("../tests/fixtures/safetensors/all_types.safetensors");
    const tensors = decodeSafetensors(
      file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength),
      "The fixture",
    );
    const values = (name: string) => valuesOf(tensors, name);
    expect(values("uint8")).toEqual([0, 1, 255]);
    expect(values("int8")).toEqual([-128, 0, 127]);
    expect(values("int16")).toEqual([-32768, 32767]);
    expect(values("int32")).toEqual([-2147483648, 2147483647]);
    expect(values("int64")).toEqual([-(2n ** 53n) - 1n, 2n ** 53n + 1n]);
    expect(values("float32")).toEqual([0.5, Number.NaN, Infinity, -Infinity, -0]);
    expect(values("float64")).toEqual([0.1, 1e300]);
    expect(values("bool")).toEqual([1, 0]);
    expect(values("scalar")).toEqual([7.25]);
    expect(tensors.get("scalar")?.shape).toEqual([]);
    expect(values("empty")).toEqual([]);
    expect(tensors.get("empty")?.shape).toEqual([0, 4]);
    expect(tensors.get("matrix")?.shape).toEqual([2, 3]);
    expect(values("matrix")).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("copies arrays that lie where a typed array cannot start", () => {
    const data = new Uint8Array(1 + 8);
    new DataView(data.buffer).setFloat32(1, 1.5, true);
    new DataView(data.buffer).setFloat32(5, -2, true);
    // One of these headers leaves the floats at an odd place, whatever its length.
    for (const padding of ["", " ", "  ", "   "]) {
      const header =
        JSON.stringify({
          byte: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
          floats: { dtype: "F32", shape: [2], data_offsets: [1, 9] },
        }) + padding;
      const tensors = decodeSafetensors(encode(header, data), "It");
      expect(valuesOf(tensors, "floats")).toEqual([1.5, -2]);
    }
  });

  it("takes any name for a name", () => {
    const header = `{"__proto__": ${JSON.stringify(THREE_BYTES)},
      "constructor": ${JSON.stringify(THREE_BYTES)}, "__metadata__": {"a": "b"}}`;
    const tensors = decodeSafetensors(encode(header, new Uint8Array(3)), "It");
    expect([...tensors.keys()]).toEqual(["__proto__", "constructor"]);
  });

  it.each([
    ["shorter than a header", new ArrayBuffer(7)],
    ["header longer than the data", new Uint8Array(8).fill(255).buffer],
    ["no JSON", encode("{", new Uint8Array())],
    ["no UTF-8", encode("", new Uint8Array())],
    ["a list", encode([], new Uint8Array())],
    ["no description", encode({ a: null }, new Uint8Array(3))],
    ["no shape", encode({ a: { ...THREE_BYTES, shape: 3 } }, new Uint8Array(3))],
    [
      "a negative size",
      encode({ a: { ...THREE_BYTES, shape: [-3] } }, new Uint8Array(3)),
    ],
    ["a fraction", encode({ a: { ...THREE_BYTES, shape: [1.5] } }, new Uint8Array(3))],
    [
      "sizes that overflow",
      encode(
        { a: { ...THREE_BYTES, shape: [2 ** 52, 2 ** 52, 2 ** 52] } },
        new Uint8Array(3),
      ),
    ],
    [
      "less than its shape",
      encode({ a: { ...THREE_BYTES, shape: [4] } }, new Uint8Array(4)),
    ],
    ["beyond the end", encode({ a: THREE_BYTES }, new Uint8Array(2))],
    [
      "end before begin",
      encode({ a: { ...THREE_BYTES, data_offsets: [3, 0] } }, new Uint8Array(3)),
    ],
    [
      "three offsets",
      encode({ a: { ...THREE_BYTES, data_offsets: [0, 3, 3] } }, new Uint8Array(3)),
    ],
    [
      "unknown type",
      encode({ a: { ...THREE_BYTES, dtype: "F8_E4M3" } }, new Uint8Array(3)),
    ],
  ])("refuses %s with a sentence", (_, buffer) => {
    expect(() => decodeSafetensors(buffer, "The map")).toThrow(WireError);
    expect(() => decodeSafetensors(buffer, "The map")).toThrow(/^The map.*\.$/);
  });

  it("survives any damage of one byte", () => {
    const whole = encode({ a: THREE_BYTES }, new Uint8Array([1, 2, 3]));
    for (let at = 0; at < whole.byteLength; at += 1) {
      for (const value of [0, 127, 255]) {
        const damaged = whole.slice(0);
        new Uint8Array(damaged)[at] = value;
        try {
          decodeSafetensors(damaged, "It");
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    }
  });
});

describe("takeTensor", () => {
  const tensors = decodeSafetensors(
    encode({ a: THREE_BYTES }, new Uint8Array(3)),
    "It",
  );

  it("says what is missing or of another type", () => {
    expect(takeTensor(tensors, "a", Uint8Array, "It").values.length).toBe(3);
    expect(() => takeTensor(tensors, "b", Uint8Array, "It")).toThrow(
      'It has no array "b".',
    );
    expect(() => takeTensor(tensors, "a", Float32Array, "It")).toThrow(
      'It: "a" is of type U8.',
    );
  });
});
