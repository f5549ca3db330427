import { describe, expect, test } from "vitest";
import { createLayerGraph } from "./layer_graph";
import {
  connectedTo,
  createRows,
  nextSorting,
  type Sorting,
  type TableQuery,
} from "./summary_table";
import { createNested } from "./test_graphs";

const graph = createLayerGraph({ ...createNested(), params: 35 });
const sources = connectedTo(graph);
const START: TableQuery = { expanded: new Set(), sorting: null, filter: "" };
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
    expect(paths({ filter: "inner/b" })).toEqual(["inner", "inner/b"]);
    expect(paths({ filter: "out" })).toEqual(["out"]);
    expect(paths({ filter: "nothing" })).toEqual([]);
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
