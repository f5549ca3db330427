import { describe, expect, test } from "vitest";
import { hasTerm, parseQuery, parseShape, toggleTerm } from "./query";

const wanted = (text: string) => parseQuery(text).terms.map((term) => term.wanted);

describe("reading queries", () => {
  test("parts words; quotes keep them together; a minus turns them round", () => {
    expect(parseQuery('Conv -"two words" -"open').terms).toEqual([
      { wanted: { kind: "text", text: "conv" }, negated: false },
      { wanted: { kind: "text", text: "two words" }, negated: true },
      { wanted: { kind: "text", text: "open" }, negated: true },
    ]);
    expect(wanted('class:"My Layer"')).toEqual([
      { kind: "field", field: "class", text: "my layer" },
    ]);
    expect(parseQuery("  ")).toEqual({ terms: [], problems: [] });
  });

  test("reads numbers with units", () => {
    const value = (text: string) => {
      const term = wanted(`params>${text}`)[0];
      return term?.kind === "number" ? term.value : null;
    };
    expect(value("1e6")).toBe(1e6);
    expect(value("1,000,000")).toBe(1e6);
    expect(value("2.5k")).toBe(2_500);
    expect(value("3M")).toBe(3e6);
    expect(value("1kb")).toBe(1_024);
    expect(value("5%")).toBeCloseTo(0.05);
    expect(wanted("params>=1")[0]).toMatchObject({ comparison: ">=" });
  });

  test("says what it cannot read, and leaves out what is being typed", () => {
    expect(parseQuery("params>many conv").problems).toHaveLength(1);
    expect(wanted("params>many conv")).toHaveLength(1);
    expect(parseQuery("out:round").problems).toHaveLength(1);
    expect(parseQuery("params> class: is:")).toEqual({ terms: [], problems: [] });
  });

  test("reads shapes as they are written and as they are pasted", () => {
    expect(parseShape("3x3")).toEqual({ sizes: [3, 3], whole: false });
    expect(parseShape("3×3")).toEqual({ sizes: [3, 3], whole: false });
    expect(parseShape("None,56,*")).toEqual({ sizes: [null, 56, "any"], whole: false });
    expect(parseShape("(None,)")).toEqual({ sizes: [null], whole: true });
    expect(parseShape("3x")).toEqual({ sizes: [3], whole: false });
    for (const text of ["", "x", "()", "3xthree", "None.56", "-3x3"]) {
      expect(parseShape(text)).toBeNull();
    }
    expect(wanted("(None, 56, 56, 64) relu")).toHaveLength(2);
    expect(wanted('"3x3"')).toEqual([{ kind: "text", text: "3x3" }]);
    expect(wanted("64")).toEqual([{ kind: "text", text: "64" }]);
  });

  test("terms are put in and taken out", () => {
    expect(toggleTerm("conv", "is:frozen")).toBe("conv is:frozen");
    expect(toggleTerm('is:frozen "a b"', "is:frozen")).toBe('"a b"');
    expect(hasTerm('conv IS:FROZEN "a b"', "is:frozen")).toBe(true);
    expect(hasTerm("conv", "is:frozen")).toBe(false);
  });

  test("any text is read, and quickly", () => {
    for (const text of [
      '"'.repeat(5_000),
      "(".repeat(5_000),
      "1x".repeat(5_000),
      `${"9".repeat(5_000)}x9`,
      "params>".repeat(900),
      "is:__proto__ __proto__:x __proto__>1",
      "\u0000\ud800",
    ]) {
      expect(Array.isArray(parseQuery(text).terms)).toBe(true);
    }
  });
});
