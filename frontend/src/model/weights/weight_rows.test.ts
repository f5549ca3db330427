import { describe, expect, it } from "vitest";
import type { LayerNode, WeightCapture } from "../../wire/generated";
import { followLayers } from "../dynamics/dynamics_rows";
import { chooseVariable, type RowsQuery, weightRows } from "./weight_rows";

function layer(
  path: string,
  variables: string[],
  children: LayerNode[] = [],
): LayerNode {
  return {
    path,
    name: path,
    class_name: path === "dense" ? "Dense" : "Model",
    variables: variables.map((one) => ({ path: one })),
    children,
  } as unknown as LayerNode;
}

const GRAPH = [
  layer("dense", ["dense/kernel", "dense/bias"]),
  layer("relu", []),
  layer("inner", [], [layer("inner/conv", ["inner/conv/kernel"])]),
];
// Not in the order of the graph.
const CAPTURES = ["inner/conv/kernel", "dense/kernel", "dense/bias", "free/scale"].map(
  (path) => ({ path }) as WeightCapture,
);

const FOLLOWED = followLayers(
  GRAPH,
  CAPTURES.map(({ path }) => path),
);

function shown(text: string, query: Partial<RowsQuery> = {}): string[] {
  return weightRows(FOLLOWED, CAPTURES, {
    text,
    order: "layer",
    reversed: false,
    ...query,
  }).map((row) => (row.kind === "layer" ? `# ${row.path}` : row.capture.path));
}

describe("weightRows", () => {
  it("groups by layers in graph order and keeps what the graph does not hold", () => {
    expect(shown("")).toEqual([
      "# dense",
      "dense/kernel",
      "dense/bias",
      "# inner/conv",
      "inner/conv/kernel",
      "# free",
      "free/scale",
    ]);
  });

  it("filters by path and by class", () => {
    expect(shown(" KERNEL ")).toEqual([
      "# dense",
      "dense/kernel",
      "# inner/conv",
      "inner/conv/kernel",
    ]);
    expect(shown("Dense")).toEqual(["# dense", "dense/kernel", "dense/bias"]);
    expect(shown("nothing")).toEqual([]);
  });
});

describe("weightRows in another order", () => {
  it("has no headings, and filters as before", () => {
    expect(shown("", { order: "name" })).toEqual([
      "dense/bias",
      "dense/kernel",
      "free/scale",
      "inner/conv/kernel",
    ]);
    expect(shown("kernel", { order: "name", reversed: true })).toEqual([
      "inner/conv/kernel",
      "dense/kernel",
    ]);
  });

  it("keeps each variable's layer", () => {
    const [row] = weightRows(FOLLOWED, CAPTURES, {
      text: "conv",
      order: "name",
      reversed: false,
    });
    expect(row).toMatchObject({
      kind: "variable",
      layer: "inner/conv",
      name: "kernel",
    });
  });
});

describe("chooseVariable", () => {
  it.each([
    [null, null, "dense/kernel"],
    ["inner", null, "inner/conv/kernel"],
    ["dense", "dense/bias", "dense/bias"],
    ["dense", "inner/conv/kernel", "dense/kernel"],
    ["relu", "dense/bias", "dense/bias"],
    ["relu", null, "dense/kernel"],
    [null, "free/scale", "free/scale"],
  ])("of the layer %s and the variable %s takes %s", (path, wanted, expected) => {
    expect(chooseVariable(FOLLOWED, CAPTURES, path, wanted)).toBe(expected);
  });

  it("has nothing to choose in an empty capture", () => {
    expect(chooseVariable([], [], "dense", null)).toBeNull();
  });
});
