import { describe, expect, it } from "vitest";
import { formatHash, parseHash } from "./hash";

const HOSTILE = [
  "",
  "a=b&c=d",
  "p.kerasviz.run=x",
  "<script>alert(1)</script>",
  "__proto__",
  "100% %41 +",
  "#?/\\",
  "\u202e\u0000 \n",
  "x".repeat(10_000),
  "🙂 é",
];

describe("the hash", () => {
  it.each(HOSTILE)("gives back what was written: %j", (value) => {
    const entries = new Map([
      ["layer", value],
      ["__proto__", value],
    ]);
    expect(parseHash(formatHash("", entries))).toEqual(entries);
  });

  it("keeps what is not ours, in its order", () => {
    const before = "#kerasviz&p.other.key=1&p.kerasviz.run=old&tagFilter=%2Fa";
    const after = formatHash(before, new Map([["run", "a/b"]]));
    expect(after).toBe("#kerasviz&p.other.key=1&tagFilter=%2Fa&p.kerasviz.run=a%2Fb");
    expect(parseHash(after)).toEqual(new Map([["run", "a/b"]]));
  });

  it("names our tab where there was no hash", () => {
    expect(formatHash("", new Map())).toBe("#kerasviz");
    expect(formatHash("#scalars", new Map([["a", "b"]]))).toBe(
      "#scalars&p.kerasviz.a=b",
    );
  });

  it.each([
    "#kerasviz&p.kerasviz.layer=%E0%A4%A",
    "#kerasviz&p.kerasviz.layer",
    "#&&&===&%",
    `#p.kerasviz.layer=${"x".repeat(200_000)}`,
    "#p.kerasvizlayer=1&P.KERASVIZ.layer=2",
  ])("reads nothing from %.40j", (hash) => {
    expect(parseHash(hash)).toEqual(new Map());
  });
});
