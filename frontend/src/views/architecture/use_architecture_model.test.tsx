import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { createLayer, createModel } from "../../model/test_graphs";
import { until } from "../../testing/until";
import type { ModelGraph } from "../../wire/generated";
import { type ArchitectureModel, architectureModel } from "./architecture_model";
import { useArchitectureModel } from "./use_architecture_model";

function chain(length: number, name: string): ModelGraph {
  const layers = Array.from({ length }, (_, i) =>
    createLayer({ path: `${name}_${i}` }),
  );
  return createModel(
    layers,
    layers.map(({ path }) => [path, null]),
    layers.slice(1).map((_, i) => [i, i + 1]),
  );
}

let shown: ArchitectureModel | null = null;

function Probe({ graph }: { graph: ModelGraph }) {
  shown = useArchitectureModel(graph);
  return null;
}

test("a small graph is there at once", () => {
  const graph = chain(20, "a");
  act(() => render(<Probe graph={graph} />, document.createElement("div")));
  expect(shown?.graph.graph).toBe(graph);
});

test("a large one comes later, is the one last asked for, and is kept", async () => {
  const root = document.createElement("div");
  const [first, second] = [chain(6_000, "b"), chain(6_000, "c")];
  act(() => render(<Probe graph={first} />, root));
  expect(shown).toBeNull();
  act(() => render(<Probe graph={second} />, root));
  expect(shown).toBeNull();
  await until(() => shown !== null);
  expect(shown?.graph.graph).toBe(second);
  expect(architectureModel(second)).toBe(shown);
  act(() => render(null, root));
});
