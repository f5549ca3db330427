import { describe, expect, it } from "vitest";
import type { LayerNode, WeightCapture } from "../../wire/generated";
import { chooseVariable, relativeChange, weightRows } from "./weight_rows";

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

function shown(text: string): string[] {
  return weightRows(GRAPH, CAPTURES, text).map((row) =>
    row.kind === "layer" ? `# ${row.path}` : row.capture.path,
  );
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
    expect(chooseVariable(GRAPH, CAPTURES, path, wanted)).toBe(expected);
  });

  it("has nothing to choose in an empty capture", () => {
    expect(chooseVariable(GRAPH, [], "dense", null)).toBeNull();
  });
});

describe("relativeChange", () => {
  it("is not known beside nothing", () => {
    expect(relativeChange(1, 4)).toBe(0.25);
    expect(relativeChange(1, 0)).toBeNaN();
    expect(relativeChange(null, 4)).toBeNaN();
  });
});
