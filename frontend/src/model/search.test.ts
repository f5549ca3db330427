import { describe, expect, test } from "vitest";
import { FAMILIES, familyOf } from "./layer_family";
import { createLayerGraph } from "./layer_graph";
import { matchesQuery, searchLayers } from "./search";
import { createLayer, createModel } from "./test_graphs";

const layers = [
  createLayer({ path: "encoder/conv_in", class_name: "Conv2D" }),
  createLayer({ path: "encoder/norm", class_name: "BatchNormalization" }),
  createLayer({ path: "my_conv", class_name: "Dense" }),
  createLayer({ path: "conv", class_name: "Dense" }),
  createLayer({ path: "conv_tower/add", class_name: "Add" }),
];
const found = (query: string, limit?: number) =>
  searchLayers(layers, query, limit).layers.map((layer) => layer.path);

describe("search", () => {
  test("finds by name, class and path, best first", () => {
    expect(found("conv")).toEqual([
      "conv",
      "encoder/conv_in",
      "my_conv",
      "conv_tower/add",
    ]);
    expect(found("dense")).toEqual(["my_conv", "conv"]);
    expect(found("ENCODER")).toEqual(["encoder/conv_in", "encoder/norm"]);
  });

  test("wants every word", () => {
    expect(found("encoder batch")).toEqual(["encoder/norm"]);
    expect(found("encoder nothing")).toEqual([]);
  });

  test("counts what it does not list; finds nothing without a word", () => {
    expect(searchLayers(layers, "conv", 2)).toMatchObject({ total: 4 });
    expect(found("conv", 2)).toHaveLength(2);
    expect(found("   ")).toEqual([]);
    expect(matchesQuery(layers[0] as (typeof layers)[0], " ")).toBe(true);
  });

  test("takes any text as it is", () => {
    const names = ["__proto__", "constructor", "<b>", 'say "hi"', "x".repeat(10_000)];
    const hostile = names.map((path) => createLayer({ path, name: path }));
    for (const name of names) {
      expect(searchLayers(hostile, name).layers[0]?.path).toBe(name);
    }
    expect(searchLayers(hostile, "(.*[").total).toBe(0);
    const model = createModel(
      hostile,
      names.map((name) => [name, null] as const),
      [],
    );
    const graph = createLayerGraph(model);
    expect(graph.byPath.get("__proto__")?.name).toBe("__proto__");
    expect(graph.callsOf.get("constructor")).toEqual([1]);
    expect(graph.holder.get("__proto__")).toBeUndefined();
  });
});

describe("families of layers", () => {
  test.each([
    ["Conv2D", "convolution"],
    ["SeparableConv2D", "convolution"],
    ["ConvLSTM2D", "recurrent"],
    ["BatchNormalization", "normalization"],
    ["LayerNormalization", "normalization"],
    ["MultiHeadAttention", "attention"],
    ["GlobalAveragePooling2D", "pooling"],
    ["SpatialDropout2D", "regularization"],
    ["GaussianNoise", "regularization"],
    ["Embedding", "dense"],
    ["EinsumDense", "dense"],
    ["ReLU", "activation"],
    ["Concatenate", "merging"],
    ["GRU", "recurrent"],
    ["SomethingOfMine", "other"],
    ["__proto__", "other"],
  ])("%s", (name, family) => {
    expect(familyOf({ kind: "layer", class_name: name })).toBe(family);
  });

  test("inputs and models go by what they are", () => {
    expect(familyOf({ kind: "model", class_name: "ConvNet" })).toBe("model");
    expect(familyOf({ kind: "input", class_name: "InputLayer" })).toBe("input");
    expect(new Set(FAMILIES).size).toBe(FAMILIES.length);
  });
});
