import { describe, expect, test } from "vitest";
import { compareGraphs } from "../compare/graph_diff";
import { createLayerGraph } from "../graph/layer_graph";
import { createMatcher } from "../search/search";
import { createLayer, createModel, createNested } from "../test_graphs";
import {
  connectedTo,
  createRows,
  nextSorting,
  type Sorting,
  sumUp,
  type TableQuery,
} from "./summary_table";

const graph = createLayerGraph({ ...createNested(), params: 35 });
const sources = connectedTo(graph);
const START: TableQuery = {
  expanded: new Set(),
  sorting: null,
  matcher: null,
  flat: false,
  diff: null,
};
const paths = (query: Partial<TableQuery>) =>
  createRows(graph, sources, { ...START, ...query }).map((row) => row.layer.path);

describe("the table of layers", () => {
  test("is in the order of the model, nested models closed", () => {
    expect(paths({})).toEqual(["input", "inner", "out"]);
    const rows = createRows(graph, sources, START);
    expect(rows.map((row) => row.expandable)).toEqual([false, true, false]);
    expect(rows[1]?.share).toBeCloseTo(30 / 35);
  });

  test("shows what is inside of an expanded model below it", () => {
    const expanded = new Set(["inner"]);
    const rows = createRows(graph, sources, { ...START, expanded });
    expect(rows.map((row) => [row.layer.path, row.depth])).toEqual([
      ["input", 0],
      ["inner", 0],
      ["inner/in", 1],
      ["inner/a", 1],
      ["inner/b", 1],
      ["out", 0],
    ]);
  });

  test("sorts within each model", () => {
    const expanded = new Set(["inner"]);
    const by = (sorting: Sorting) => paths({ expanded, sorting });
    expect(by({ column: "params", descending: true })).toEqual([
      "inner",
      "inner/b",
      "inner/a",
      "inner/in",
      "out",
      "input",
    ]);
    expect(by({ column: "layer", descending: true })).toEqual([
      "out",
      "input",
      "inner",
      "inner/in",
      "inner/b",
      "inner/a",
    ]);
  });

  test("a filter shows matches and what holds them", () => {
    expect(paths({ matcher: createMatcher("inner/b") })).toEqual(["inner", "inner/b"]);
    expect(paths({ matcher: createMatcher("out") })).toEqual(["out"]);
    expect(paths({ matcher: createMatcher("nothing") })).toEqual([]);
  });

  test("flat, all layers are side by side, and sorted as one", () => {
    expect(paths({ flat: true })).toEqual([
      "input",
      "inner",
      "inner/in",
      "inner/a",
      "inner/b",
      "out",
    ]);
    const sorting = { column: "params", descending: true } as const;
    expect(paths({ flat: true, sorting }).slice(0, 3)).toEqual([
      "inner",
      "inner/b",
      "inner/a",
    ]);
    const matcher = createMatcher("inner/");
    expect(paths({ flat: true, matcher })).toEqual(["inner/in", "inner/a", "inner/b"]);
  });

  test("removed layers have lines where they were", () => {
    const before = createNested();
    const layers = [
      ...before.layers.slice(0, 2).map((layer) => ({
        ...layer,
        children: layer.children.filter(({ path }) => path !== "inner/a"),
      })),
      ...before.layers.slice(3),
    ];
    const after = createLayerGraph({ ...before, layers });
    const diff = compareGraphs(before, after.graph);
    const rows = createRows(after, new Map(), {
      ...START,
      diff,
      expanded: new Set(["inner"]),
    });
    expect(rows.map(({ key, sign }) => [key, sign])).toEqual([
      ["input", null],
      ["inner", null],
      ["inner/in", null],
      ["−inner/a", "removed"],
      // It took its input from the one that is gone.
      ["inner/b", "changed"],
      ["−out", "removed"],
    ]);
    expect(rows[3]).toMatchObject({ depth: 1, expandable: false, share: 0 });
  });

  test("sums up, and counts nothing twice", () => {
    const { layers } = graph;
    expect(sumUp(graph, layers)).toMatchObject({ layers: 6, params: 35 });
    const some = layers.filter(({ path }) =>
      ["inner", "inner/a", "out"].includes(path),
    );
    expect(sumUp(graph, some)).toMatchObject({ layers: 3, params: 35 });
    const inside = layers.filter(({ path }) => path.startsWith("inner/"));
    expect(sumUp(graph, inside)).toMatchObject({ layers: 3, params: 30 });
  });

  test("50,000 lines", () => {
    const many = Array.from({ length: 50_000 }, (_, i) =>
      createLayer({ path: `dense_${i}`, params: i % 977 }),
    );
    const large = createLayerGraph(createModel(many, [], []));
    const sorting = { column: "params", descending: true } as const;
    const rows = createRows(large, new Map(), { ...START, sorting });
    expect(rows).toHaveLength(50_000);
    expect(rows[0]?.layer.params).toBe(976);
    const matcher = createMatcher("params>900");
    const found = createRows(large, new Map(), { ...START, matcher });
    expect(found).toHaveLength(many.filter(({ params }) => params > 900).length);
  });

  test("says where inputs come from, and which call of a shared layer", () => {
    expect(sources.get("out")).toEqual(["inner (call 2)", "input"]);
    expect(sources.get("inner")).toEqual(["input", "inner (call 1)"]);
    expect(sources.get("inner/in")).toBeUndefined();
    expect(sources.get("inner/b")).toEqual(
      ["inner/a (call 1)", "inner/a (call 2)"].map((text) =>
        text.replace("inner/", ""),
      ),
    );
  });

  test("a click on a column's head sorts, turns round, and then stops", () => {
    const first = nextSorting(null, "params");
    expect(first).toEqual({ column: "params", descending: true });
    const second = nextSorting(first, "params");
    expect(second).toEqual({ column: "params", descending: false });
    expect(nextSorting(second, "params")).toBeNull();
    expect(nextSorting(second, "layer")).toEqual({
      column: "layer",
      descending: false,
    });
  });
});
