import { describe, expect, test } from "vitest";
import type { LayerNode, ModelGraph } from "../../wire/generated";
import { createLayerGraph, type Folding } from "../graph/layer_graph";
import { createLayer, createModel, createNested } from "../test_graphs";
import { createMarks } from "./diff_marks";
import { compareGraphs } from "./graph_diff";

/** The marks of the nodes by key. */
function marks(before: ModelGraph, after: ModelGraph, fold?: () => Folding) {
  const graph = createLayerGraph(after, fold);
  const found = createMarks(graph, compareGraphs(before, after));
  return Object.fromEntries(
    Array.from(found, ([node, { text }]) => [graph.nodes[node]?.key, text]),
  );
}

/** A copy with some layers inside of "inner" replaced. */
function withInner(change: (layer: LayerNode) => LayerNode | null): ModelGraph {
  const graph = createNested();
  const layers = graph.layers.map((layer) => ({
    ...layer,
    children: layer.children.map(change).filter((child) => child !== null),
  }));
  return { ...graph, layers };
}

describe("marks of a comparison", () => {
  test("every call of a changed layer is marked, and every group around it", () => {
    const after = withInner((layer) =>
      layer.path === "inner/a" ? { ...layer, dtype_policy: "float16" } : layer,
    );
    expect(marks(createNested(), after)).toEqual({
      "0:inner": "≠1",
      "1:inner": "≠1",
      "0:inner/a": "≠",
      "1:inner/a": "≠",
    });
  });

  test("what is removed counts in the layer that held it", () => {
    const after = withInner((layer) => (layer.path === "inner/b" ? null : layer));
    const found = marks(createNested(), after);
    expect(found["0:inner"]).toContain("−1");
    expect(found["0:inner/b"]).toBeUndefined();
  });

  test("an added group is marked once for all that is in it", () => {
    const nested = createNested();
    const layers = nested.layers.filter((layer) => layer.path !== "inner");
    const without = createModel(layers, [], []);
    const found = marks(without, nested);
    expect(found["0:inner"]).toBe("+");
    expect(found["0:inner/a"]).toBe("+");
  });

  test("a fold says what is in it", () => {
    const chain = (dtype: string) =>
      createModel(
        ["a_1", "a_2", "b"].map((path) =>
          createLayer({ path, dtype_policy: path === "b" ? "float32" : dtype }),
        ),
        [
          ["a_1", null],
          ["a_2", null],
          ["b", null],
        ],
        [
          [0, 1],
          [1, 2],
        ],
      );
    const folds = [{ kind: "prefix" as const, title: "a", count: 2, unit: "" }];
    const parent = Int32Array.of(3, 3, -1, -1);
    const found = marks(chain("float32"), chain("float16"), () => ({ folds, parent }));
    expect(found).toEqual({ "prefix:a:0:a_1": "≠2", "0:a_1": "≠", "0:a_2": "≠" });
  });

  test("says it in words as well", () => {
    const after = withInner((layer) =>
      layer.path === "inner/a" ? { ...layer, class_name: "Conv1D" } : layer,
    );
    const graph = createLayerGraph({ ...after, params: 1 });
    const found = createMarks(graph, compareGraphs(createNested(), after));
    expect([...found.values()].map(({ label }) => label)).toContain("1 changed inside");
    expect([...found.values()].map(({ label }) => label)).toContain("changed");
  });
});
