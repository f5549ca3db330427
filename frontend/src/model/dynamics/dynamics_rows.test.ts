import { describe, expect, it } from "vitest";
import { LAYER_NODE_DEFAULTS, type LayerNode } from "../../wire/generated";
import { closedAbove, findFollowed, followLayers, listRows } from "./dynamics_rows";

function layer(
  path: string,
  variables: string[],
  children: LayerNode[] = [],
): LayerNode {
  return {
    ...LAYER_NODE_DEFAULTS,
    path,
    name: path,
    class_name: children.length > 0 ? "Functional" : "Dense",
    variables: variables.map((name) => ({ path: `${path}/${name}` })),
    children,
  } as unknown as LayerNode;
}

const GRAPH = [
  layer("input", []),
  layer("stem", ["kernel", "bias"]),
  layer("block", [], [layer("block/conv", ["kernel"]), layer("block/relu", [])]),
];
const VARIABLES = ["block/conv/kernel", "stem/kernel", "stem/bias", "scale"];

describe("rows", () => {
  it("are in graph order, without layers that have nothing", () => {
    const rows = listRows(followLayers(GRAPH, VARIABLES), VARIABLES, new Set());
    expect(rows.map(({ name, depth }) => [name, depth])).toEqual([
      ["stem", 0],
      ["block", 0],
      ["conv", 1],
      ["the model's own", 0],
    ]);
    expect(rows[0]).toMatchObject({ variables: [1, 2], opens: true, isOpen: false });
    expect(rows[1]).toMatchObject({ variables: [0], opens: true, isOpen: true });
    expect(rows[2]).toMatchObject({ variables: [0], opens: false });
  });

  it("open to their variables, and close", () => {
    const layers = followLayers(GRAPH, VARIABLES);
    const rows = listRows(layers, VARIABLES, new Set(["stem", "block"]));
    expect(rows.map(({ name }) => name)).toEqual([
      "stem",
      "kernel",
      "bias",
      "block",
      "the model's own",
    ]);
    expect(rows[1]).toMatchObject({ kind: "variable", layer: "stem", variables: [1] });
  });

  it("of large models are closed at first", () => {
    const many = Array.from({ length: 100 }, (_, at) =>
      layer(`m${at}`, [], [layer(`m${at}/a`, ["kernel"])]),
    );
    const variables = many.map(({ path }) => `${path}/a/kernel`);
    expect(listRows(followLayers(many, variables), variables, new Set())).toHaveLength(
      100,
    );
  });

  it("are of the variables' paths where there is no graph", () => {
    const rows = listRows(followLayers([], VARIABLES), VARIABLES, new Set());
    expect(rows.map(({ layer: path }) => path)).toEqual(["block/conv", "stem", ""]);
  });

  it("of what is closed can be opened down to a layer", () => {
    const layers = followLayers(GRAPH, VARIABLES);
    expect(closedAbove(layers, "block/conv", new Set(["block"]))).toEqual(["block"]);
    expect(closedAbove(layers, "block/conv", new Set())).toEqual([]);
    expect(closedAbove(layers, "unknown", new Set(["block"]))).toEqual([]);
  });

  it("are found at any depth", () => {
    const layers = followLayers(GRAPH, VARIABLES);
    expect(findFollowed(layers, "block/conv")?.all).toEqual([0]);
    expect(findFollowed(layers, "input")).toBeNull();
  });
});
