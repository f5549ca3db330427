import { describe, expect, test } from "vitest";
import { createLayerGraph } from "../graph/layer_graph";
import { connectedTo } from "../table/summary_table";
import { createLayer, createModel, createNested } from "../test_graphs";
import { toCsv } from "./layers_csv";

/** A reader of RFC 4180, written from its grammar. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g,
  )) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end !== ",") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

function table(model: ReturnType<typeof createNested>): Record<string, string>[] {
  const graph = createLayerGraph(model);
  const text = toCsv(graph, connectedTo(graph)).join("");
  const [head = [], ...rows] = parse(text);
  return rows.map((row) => {
    expect(row).toHaveLength(head.length);
    return Object.fromEntries(row.map((cell, i) => [head[i], cell]));
  });
}

describe("the table as a file", () => {
  test("has every layer, nested ones too, with plain numbers", () => {
    const rows = table({ ...createNested(), params: 35 });
    expect(rows.map((row) => row.path)).toEqual([
      "input",
      "inner",
      "inner/in",
      "inner/a",
      "inner/b",
      "out",
    ]);
    expect(rows[3]).toMatchObject({
      inside_of: "inner",
      params: "10",
      share_of_params: String(10 / 35),
      output_shapes: "(None, 8)",
    });
    expect(rows[5]).toMatchObject({ connected_to: "inner (call 2); input" });
  });

  test.each([
    'quotes " and ""',
    "a,b;c",
    "two\r\nlines",
    "two\nlines",
    "名前 🙂",
    "x".repeat(10_000),
  ])("gives back the name %.30s", (name) => {
    const layer = createLayer({ path: `p/${name}`, name });
    const [row] = table(createModel([layer], [[layer.path, null]], []));
    expect(row?.name).toBe(name);
  });

  test.each([
    "=HYPERLINK(1)",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
  ])("holds no formula: %s", (name) => {
    const layer = createLayer({ path: name, name, class_name: name });
    const [row] = table(createModel([layer], [[layer.path, null]], []));
    expect(row?.name).toBe(`'${name}`);
    expect(row?.path).toBe(`'${name}`);
    expect(row?.class_name).toBe(`'${name}`);
  });
});
