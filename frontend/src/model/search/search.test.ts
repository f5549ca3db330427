import { describe, expect, test } from "vitest";
import { VARIABLE_INFO_DEFAULTS } from "../../wire/generated";
import { createLayerGraph } from "../graph/layer_graph";
import { FAMILIES, familyOf } from "../layer_family";
import { createLayer, createModel } from "../test_graphs";
import { createMatcher, NO_CONTEXT, searchLayers } from "./search";

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
    expect(createMatcher(" ").empty).toBe(true);
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

describe("search by what layers are", () => {
  const variable = (name: string, shape: readonly number[], trainable = true) => ({
    ...VARIABLE_INFO_DEFAULTS,
    path: name,
    name,
    shape,
    dtype: "float32",
    trainable,
    params: shape.reduce((product, size) => product * size, 1),
  });
  const model = [
    createLayer({ path: "input", class_name: "InputLayer", kind: "input" }),
    createLayer({
      path: "stem",
      class_name: "Conv2D",
      output_shapes: [[null, 56, 56, 64]],
      params: 1_792,
      trainable_params: 1_792,
      variables: [variable("kernel", [3, 3, 3, 64]), variable("bias", [64])],
      config: { kernel_size: [3, 3], filters: 64, activation: "relu" },
      multiply_adds: 5_000_000,
    }),
    createLayer({
      path: "pool",
      class_name: "MaxPooling2D",
      output_shapes: [[null, 28, 28, 64]],
      config: { pool_size: [2, 2] },
    }),
    createLayer({
      path: "old",
      class_name: "Dense",
      output_shapes: [[null, 56]],
      params: 200,
      trainable: false,
      variables: [variable("kernel", [10, 20], false)],
      config: { activation: "linear", units: 56 },
      calls: 3,
    }),
    createLayer({
      path: "conv_3x3",
      class_name: "Mine",
      module: "my_project.layers",
      output_shapes: [],
      unknown_multiply_adds: 1,
    }),
  ];
  const context = {
    params: 2_000,
    signs: new Map([["pool", "changed" as const]]),
    untraced: new Set(["input"]),
  };
  const paths = (query: string) =>
    searchLayers(model, createMatcher(query, context)).layers.map(({ path }) => path);

  test.each([
    ["3x3", ["stem", "conv_3x3"]],
    ["2x2", ["pool"]],
    ["56x56", ["stem"]],
    ["None,56,56", ["stem"]],
    ["(None, 56)", ["old"]],
    ["(None, 28, 28, 64)", ["pool"]],
    ["none,56", ["stem", "old"]],
    ["*,28,28", ["pool"]],
    ["10x20", ["old"]],
    ["kernel:10x20", ["old"]],
    ["out:10x20", []],
    ["out:64", ["stem", "pool"]],
    ["params>1e3", ["stem"]],
    ["params>=200 params<1k", ["old"]],
    ["share>50%", ["stem"]],
    ["macs>1M", ["stem"]],
    ["calls=3", ["old"]],
    ["filters=64", ["stem"]],
    ["frozen", ["old"]],
    ["is:frozen", ["old"]],
    ["is:params", ["stem", "old"]],
    ["is:trained", ["stem"]],
    ["is:unknown", ["input", "conv_3x3"]],
    ["is:custom", ["conv_3x3"]],
    ["is:shared", ["old"]],
    ["is:changed", ["pool"]],
    ["is:nonsense", []],
    ["class:conv", ["stem"]],
    ["family:pool", ["pool"]],
    ["activation:relu", ["stem"]],
    ["activation:relu -class:conv", []],
    ["-is:params -input", ["pool", "conv_3x3"]],
    ["constructor:x", []],
  ])("%s", (query, expected) => {
    expect(paths(query)).toEqual(expected);
  });

  test("a word that is a property still finds names first", () => {
    const named = createLayer({ path: "frozen_part" });
    const found = searchLayers([...model, named], "frozen");
    expect(found.layers.map(({ path }) => path)).toEqual(["frozen_part", "old"]);
  });

  test("a name with a colon is found", () => {
    const named = createLayer({ path: "part:0" });
    expect(searchLayers([named], "part:0").total).toBe(1);
  });

  test("without a total there is no share", () => {
    expect(searchLayers(model, createMatcher("share>=0", NO_CONTEXT)).total).toBe(0);
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
