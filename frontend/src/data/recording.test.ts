// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ActivationData } from "../model/tensor_view";
import { createRecordedFetch, type Recording } from "../testing/recorded_fetch";
import { takeTensor } from "../wire/safetensors";
import { HttpDataSource } from "./http_data_source";

// What Python wrote in a real training and the plugin served: the whole way.
const recording = JSON.parse(
  readFileSync("../tests/fixtures/recording.json", "utf-8"),
) as Recording;

async function setUp() {
  const source = new HttpDataSource("./", createRecordedFetch(recording));
  const { runs } = await source.runs();
  const [run] = runs;
  if (run === undefined) {
    throw new Error("The recording holds no run.");
  }
  const step = (kind: string) => run.steps[kind]?.[0] ?? -1;
  const index = await source.activations(run.name, step("activations"));
  return { source, run: run.name, step, index };
}

describe("a recorded run", () => {
  it("has a graph whose links join its nodes", async () => {
    const { source, run, step } = await setUp();
    const graph = await source.modelGraph(run, step("model_graph"));
    expect(graph.nodes.length).toBeGreaterThan(10);
    expect(graph.nodes.map((node) => node.id)).toEqual([...graph.nodes.keys()]);
    for (const ends of graph.links) {
      expect(ends.every((id) => graph.nodes[id] !== undefined)).toBe(true);
    }
  });

  it("has a status whose counts add up", async () => {
    const { source, run } = await setUp();
    const status = await source.status(run);
    const dropped = Object.values(status.dropped).reduce((sum, one) => sum + one, 0);
    expect(status.accepted).toBeGreaterThanOrEqual(status.written + dropped);
    expect(status.written).toBeGreaterThan(0);
  });

  it("has a probe of pictures", async () => {
    const { source, run, step } = await setUp();
    const probe = await source.probe(run, step("probe"));
    const [input] = probe.inputs;
    const tensors = await source.probeData(run, step("probe"), 0, 0);
    const picture = takeTensor(tensors, "picture", Uint8Array, "The probe");
    expect(input?.picture).toBe(true);
    expect(picture.shape).toEqual(input?.shape.slice(1));
    expect(picture.values.some((level) => level > 0)).toBe(true);
  });

  it("has a miniature of each output", async () => {
    const { source, run, index } = await setUp();
    const tensors = await source.thumbnails(run, index.step, 0);
    const codes = takeTensor(tensors, "codes", Uint8Array, "The miniatures");
    expect(codes.shape[0]).toBe(index.layers.length);
  });

  it("has outputs whose values agree with their statistics", async () => {
    const { source, run, index } = await setUp();
    const kinds = new Set<string>();
    for (const sample of [0, 1]) {
      for (const entry of index.layers) {
        kinds.add(entry.kind);
        const { path: layer, call, output } = entry;
        const key = { layer, call, output, sample };
        const tensors = await source.activationData(run, index.step, key);
        const data = ActivationData.create(tensors, entry);
        if (entry.cut !== "") {
          continue;
        }
        for (let position = 0; position < data.count; position += 1) {
          const channel = data.channelAt(position);
          const values = Array.from({ length: data.cells }, (_, cell) =>
            data.valueAt(position, cell),
          );
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          const range = data.stat(channel, "max") - data.stat(channel, "min");
          // A code is off by half a step of the channel's range at most.
          const close = range / 255 + 1e-6;
          const miss = (name: "min" | "max" | "mean", value: number) =>
            Math.abs(data.stat(channel, name) - value);
          expect(miss("min", Math.min(...values))).toBeLessThanOrEqual(close);
          expect(miss("max", Math.max(...values))).toBeLessThanOrEqual(close);
          expect(miss("mean", mean)).toBeLessThanOrEqual(close);
        }
      }
    }
    expect(kinds).toEqual(new Set(["map", "sequence", "vector"]));
  });

  it("says so where something was not recorded", async () => {
    const { source, run } = await setUp();
    await expect(source.modelGraph(run, 999)).rejects.toThrow("This was not recorded.");
  });
});
