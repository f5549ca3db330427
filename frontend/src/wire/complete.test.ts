import { expect, test } from "vitest";
import { completeActivations, completeModelGraph, completeProbe } from "./complete";
import type { ActivationIndex, ModelGraph, ProbeIndex } from "./generated";

test("a graph of an older version gets every field", () => {
  const older = {
    version: 1,
    name: "model",
    layers: [
      {
        path: "a",
        variables: [{ path: "a/kernel" }],
        children: [{ path: "a/b", variables: [], children: [] }],
      },
    ],
    nodes: [{ id: 0, layer: "a", parent: null }],
    links: [],
  } as unknown as ModelGraph;
  const graph = completeModelGraph(older);
  expect(graph).toMatchObject({
    outputs: [],
    multiply_adds: 0,
    nodes: [{ id: 0, inputs: [], multiply_adds: null, untraced: "" }],
    layers: [
      {
        non_default: [],
        source_line: 0,
        variables: [{ path: "a/kernel", initializer: "", regularizer: "" }],
        children: [{ path: "a/b", unknown_multiply_adds: 0 }],
      },
    ],
  });
});

test("a graph of this version is left as it is", () => {
  const graph = { outputs: [], layers: [], nodes: [] } as unknown as ModelGraph;
  expect(completeModelGraph(graph)).toBe(graph);
});

test("activations of an older version have no summary and no units", () => {
  const older = { layers: [{ path: "a" }] } as unknown as ActivationIndex;
  expect(completeActivations(older)).toMatchObject({
    measured_samples: 0,
    outputs: [],
    training: false,
    layers: [{ path: "a", name: "", summary: [], units: null, unit_counts: null }],
  });
});

test("a probe of an older version has no tokens", () => {
  const older = { inputs: [{ name: "a" }] } as unknown as ProbeIndex;
  expect(completeProbe(older)).toEqual({
    digest: "",
    inputs: [{ name: "a", tokens: [] }],
  });
});
