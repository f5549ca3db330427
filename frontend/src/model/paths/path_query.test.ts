import { expect, test } from "vitest";
import { formatPathCount, formatPathQuery, parsePathQuery } from "./path_query";

test.each([
  { from: "0:stem", to: null },
  { from: "0:stem", to: "1:block/conv" },
  { from: '0:a"]["b', to: "0:~,→&=%" },
])("a query comes back from the address: %j", (query) => {
  expect(parsePathQuery(formatPathQuery(query))).toEqual(query);
});

test.each([
  "",
  "stem",
  "[]",
  "[1]",
  '["a",2]',
  '["a","b","c"]',
  '{"from":"a"}',
  "[",
  "null",
])("anything else is none: %s", (text) => {
  expect(parsePathQuery(text)).toBeNull();
});

test("counts are exact, then rounded, then said to be too many", () => {
  expect(formatPathCount(0)).toBe("0 paths");
  expect(formatPathCount(1)).toBe("1 path");
  expect(formatPathCount(1_234_567)).toBe("1,234,567 paths");
  expect(formatPathCount(2 ** 96)).toBe("about 7.9 × 10²⁸ paths");
  expect(formatPathCount(Number.POSITIVE_INFINITY)).toBe("more than 10³⁰⁸ paths");
  expect(formatPathCount(Number.NaN)).toBe(
    "endlessly many paths, since the data go round in a circle,",
  );
});
