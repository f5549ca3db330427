import { describe, expect, test } from "vitest";
import type { LayerStatistics, LoggedNumber, ModelGraph } from "../../wire/generated";
import { createLayerGraph } from "../graph/layer_graph";
import { createNested } from "../test_graphs";
import { findMetric, isLogged, METRICS, type Metric, type MetricId } from "./metrics";
import { KNOWN, NO_DATA, nodeValues, PARTIAL, valueText } from "./overlay";

function metric(id: MetricId): Metric {
  return findMetric(id) as Metric;
}

function logged(
  name: MetricId,
  values: Readonly<Record<string, LoggedNumber>>,
  step: number | null = 7,
): LayerStatistics {
  return {
    version: 1,
    step: 9,
    layers: Object.keys(values),
    columns: [{ name, step, values: Object.values(values) }],
  };
}

/** The nested model with multiply-adds of its leaf calls, in their order. */
function costed(costs: Readonly<Record<number, number | null>>): ModelGraph {
  const graph = createNested();
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({
      ...node,
      multiply_adds: costs[node.id] ?? null,
    })),
  };
}

// 0 input, 1 inner (2 in, 3 a, 4 b), 5 inner again (6 in, 7 a, 8 b), 9 out.
const graph = createLayerGraph(createNested());

describe("parameters", () => {
  test("are those of the layer, on each of its calls", () => {
    const values = nodeValues(graph, metric("params"), null);
    expect([...values.values]).toEqual([0, 30, 0, 10, 20, 30, 0, 10, 20, 5]);
    expect(values.states.every((state) => state === KNOWN)).toBe(true);
    expect(values.step).toBeNull();
  });
});

describe("multiply-adds", () => {
  test("of a group are the sum of what is in this call of it", () => {
    const known = costed({ 0: 0, 2: 0, 3: 100, 4: 20, 6: 0, 7: 300, 8: 4, 9: 5 });
    const values = nodeValues(createLayerGraph(known), metric("multiply_adds"), null);
    expect(values.values[1]).toBe(120);
    expect(values.values[5]).toBe(304);
    expect(values.states[1]).toBe(KNOWN);
  });

  test("lack what is unknown, and say so", () => {
    const partly = costed({ 0: 0, 2: 0, 3: 1_234_567, 6: null, 9: 5 });
    const values = nodeValues(createLayerGraph(partly), metric("multiply_adds"), null);
    expect(values.states[1]).toBe(PARTIAL);
    expect(valueText(values, 1)).toBe("≥ 1,234,567");
    expect(valueText(values, 1, true)).toBe("≥ 1.2 M");
    expect(values.states[5]).toBe(NO_DATA);
    expect(valueText(values, 5)).toBe("unknown");
    expect(valueText(values, 9)).toBe("5");
  });
});

describe("a statistic", () => {
  test("is the layer's own, also of a layer that holds others", () => {
    const statistics = logged("grad_norm_mean", { inner: 3, "inner/a": 8, out: 0.5 });
    const values = nodeValues(graph, metric("grad_norm_mean"), statistics);
    expect(values.step).toBe(7);
    expect(values.values[1]).toBe(3);
    expect(values.values[3]).toBe(8);
    expect(values.values[7]).toBe(8);
    expect(values.values[9]).toBe(0.5);
    expect(valueText(values, 4)).toBe("no data");
  });

  test("of a group without one is the largest inside, whatever its sign", () => {
    const statistics = logged("activation_mean", { "inner/a": -2, "inner/b": 1 });
    const values = nodeValues(graph, metric("activation_mean"), statistics);
    expect(values.values[1]).toBe(-2);
    expect(values.values[5]).toBe(-2);
  });

  test("that is no number is never hidden by one that is", () => {
    const statistics = logged("grad_norm_max", { "inner/a": "NaN", "inner/b": 5 });
    const values = nodeValues(graph, metric("grad_norm_max"), statistics);
    expect(values.values[1]).toBeNaN();
    expect(valueText(values, 1)).toBe("NaN");
    const infinite = logged("grad_norm_max", { "inner/a": 1, "inner/b": "-Infinity" });
    const other = nodeValues(graph, metric("grad_norm_max"), infinite);
    expect(valueText(other, 1)).toBe("-Inf");
  });

  test("that was not logged is no zero", () => {
    const statistics = logged("weight_norm", { out: null });
    const values = nodeValues(graph, metric("weight_norm"), statistics);
    expect(values.states[9]).toBe(NO_DATA);
    const none = nodeValues(graph, metric("update_ratio"), statistics);
    expect(none.states.every((state) => state === NO_DATA)).toBe(true);
    expect(none.step).toBeNull();
  });
});

describe("metrics", () => {
  test("know what a run must hold for them", () => {
    const steps = { model_graph: [0], activations: [3], weights: [] };
    const ids = METRICS.filter((one) => isLogged(one, steps)).map((one) => one.id);
    expect(ids).toContain("params");
    expect(ids).toContain("activation_std");
    expect(ids).not.toContain("grad_norm_mean");
    expect(ids).not.toContain("weight_norm");
  });

  test("there is none of an inherited name", () => {
    expect(findMetric("constructor")).toBeNull();
  });
});
