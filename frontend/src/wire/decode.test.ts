import { describe, expect, it } from "vitest";
import { checkVersion, decodeDocument, NewerVersionError, WireError } from "./decode";
import { WIRE_VERSION } from "./generated";

describe("checkVersion", () => {
  it("reads this version and older ones", () => {
    checkVersion(WIRE_VERSION, "It");
    checkVersion(1, "It");
  });

  it("refuses newer data with one clear sentence", () => {
    const read = () => checkVersion(WIRE_VERSION + 1, "The probe");
    expect(read).toThrow(NewerVersionError);
    expect(read).toThrow(
      `The probe was written in format ${WIRE_VERSION + 1}; this tb_kerasviz reads ` +
        `formats up to ${WIRE_VERSION}. Upgrade it: pip install --upgrade tb_kerasviz`,
    );
  });

  it.each([
    undefined,
    null,
    "1",
    0,
    -1,
    1.5,
    Number.NaN,
    true,
  ])("refuses %s", (version) => {
    expect(() => checkVersion(version, "It")).toThrow(/no valid format version/);
  });
});

describe("decodeDocument", () => {
  it("reads a document", () => {
    expect(decodeDocument('{"version": 1, "x": [null]}', "It")).toEqual({
      version: 1,
      x: [null],
    });
  });

  it.each(["", "{", "[]", "null", '"text"', "{}"])("refuses %j", (text) => {
    expect(() => decodeDocument(text, "The model graph")).toThrow(WireError);
    expect(() => decodeDocument(text, "The model graph")).toThrow(/^The model graph/);
  });
});
