import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLayer, createNested } from "../../model/test_graphs";
import { createStore } from "../../state/store";
import { FakeDataSource } from "../../testing/fake_data_source";
import { fakeRun } from "../../testing/fake_logs";
import { createFakePage } from "../../testing/fake_page";
import { until } from "../../testing/until";
import {
  LAYER_STATISTICS,
  type LayerStatistics,
  type LayerTrend,
  type LoggedNumber,
  type ModelGraph,
  VARIABLE_INFO_DEFAULTS,
} from "../../wire/generated";
import { ArchitectureView } from "./architecture_view";

const undo: (() => void)[] = [];

async function show(
  graph: ModelGraph,
  address: Record<string, string> = {},
  change: {
    readonly layerStatistics?: (step: number) => LayerStatistics;
    readonly layerTrend?: (layer: string) => LayerTrend;
  } = {},
) {
  const run = fakeRun("r", []);
  const steps = { model_graph: [0], activations: [4], dynamics: [1, 9] };
  const source = new FakeDataSource([
    { ...run, ...change, graphs: new Map([[0, graph]]), info: { ...run.info, steps } },
  ]);
  const page = createFakePage({ run: "r", ...address });
  const store = createStore(source, page);
  const root = document.createElement("div");
  document.body.append(root);
  undo.push(() => {
    render(null, root);
    root.remove();
    store.dispose();
  });
  await until(() => store.graph.value.state === "ready");
  await act(() => render(<ArchitectureView store={store} />, root));
  return { root, store, page, source };
}

function textOf(root: HTMLElement, selector: string): string {
  return root.querySelector(selector)?.textContent ?? "";
}

function statistics(step: number, values: readonly LoggedNumber[]): LayerStatistics {
  return {
    version: 1,
    step,
    layers: ["inner/a", "inner/b", "out"],
    columns: LAYER_STATISTICS.map((name) => ({ name, step: step - 1, values })),
  };
}

async function settle(condition: () => boolean): Promise<void> {
  await until(condition);
}

beforeEach(() => {
  // Nothing is laid out here, so that everything would be out of view.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const action of undo.splice(0)) {
    action();
  }
});

describe("the colours", () => {
  const label = (root: HTMLElement, path: string): string =>
    root.querySelector(`[data-path="${path}"]`)?.getAttribute("aria-label") ?? "";

  test("are chosen by name, and kept in the address", async () => {
    const { root, page, store } = await show(createNested());
    const select = root.querySelector<HTMLSelectElement>(".kv-arch-color select");
    if (select === null) {
      throw new Error("There is no choice.");
    }
    const disabled = [...select.options].filter((option) => option.disabled);
    expect(disabled).toEqual([]);
    select.value = "params";
    await act(() => {
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
    expect(page.entries.get("color")).toBe("params");
    await settle(() => label(root, "out").includes("Parameters: 5"));
    expect(textOf(root, ".kv-overlay-legend h3")).toBe("Parameters");
    expect(textOf(root, ".kv-overlay-legend")).toContain("the sum of what is inside");
    const close = root.querySelector<HTMLElement>(
      ".kv-overlay-buttons button:last-child",
    );
    await act(() => close?.click());
    expect(store.color.value).toBeNull();
    expect(root.querySelector(".kv-overlay-legend")).toBeNull();
    await settle(() => !label(root, "out").includes("Parameters:"));
  });

  test("of a statistic say its step, and what has none or is no number", async () => {
    const { root } = await show(
      createNested(),
      { color: "grad_norm_max" },
      { layerStatistics: (step) => statistics(step, [2, null, "NaN"]) },
    );
    await settle(() => label(root, "inner").includes("Gradient norm, max: 2"));
    expect(label(root, "out")).toContain("Gradient norm, max: NaN");
    expect(label(root, "input")).toContain("no data");
    const legend = textOf(root, ".kv-overlay-legend");
    expect(legend).toContain("step 8 (the last that has it)");
    expect(legend).toContain("no data (1)");
    expect(legend).toContain("× NaN (1)");
  });

  test("that cannot be had say why", async () => {
    const { root } = await show(createNested(), { color: "weight_norm" });
    await settle(() => textOf(root, ".kv-overlay-legend").includes("None of it"));
    expect(textOf(root, ".kv-overlay-legend")).toContain("KerasViz(dynamics=1)");
  });

  test("that could not be read say so", async () => {
    const { root } = await show(
      createNested(),
      { color: "weight_norm" },
      {
        layerStatistics: () => {
          throw new Error("The log is damaged.");
        },
      },
    );
    await settle(() => textOf(root, ".kv-overlay-legend").includes("damaged"));
  });
});

describe("the panel", () => {
  test("shows what costs, where it is from and what its variables start as", async () => {
    const layer = createLayer({
      path: "own",
      class_name: "Mine",
      params: 12,
      source_file: "train/layers.py",
      source_line: 17,
      multiply_adds: 1_200,
      unknown_multiply_adds: 2,
      activation_bytes: 2_048,
      input_shapes: [[null, 3]],
      input_dtypes: ["float16"],
      config: { units: 4, activation: "relu", use_bias: true },
      non_default: ["units"],
      variables: [
        {
          ...VARIABLE_INFO_DEFAULTS,
          path: "own/kernel",
          name: "kernel",
          shape: [3, 4],
          dtype: "float32",
          trainable: true,
          params: 12,
          initializer: "GlorotUniform(seed=1)",
          regularizer: "L2(l2=0.01)",
        },
      ],
    });
    const nested = createNested();
    const { root } = await show({ ...nested, layers: [layer] }, { layer: "own" });
    const all = textOf(root, ".kv-arch-panel-body");
    for (const text of [
      "train/layers.py:17",
      "≥ 1,200 per sample (unknown: 2 calls)",
      "2.00 KB per sample",
      "(None, 3) float16",
      "GlorotUniform(seed=1)",
      "L2(l2=0.01)",
    ]) {
      expect(all).toContain(text);
    }
    const folded = textOf(root, ".kv-arch-rest");
    expect(folded).toContain("2 entries as by default");
    expect(folded).not.toContain("units");
    const term = [...root.querySelectorAll("dt")].find(
      (one) => one.textContent === "Multiply-adds",
    );
    expect(term?.title).toContain("one sample");
  });

  test("shows how each statistic went, and colours the graph by it", async () => {
    const layerTrend = (layer: string): LayerTrend => ({
      version: 1,
      layer,
      columns: [
        { name: "grad_norm_mean", steps: [1, 2, 12], values: [0.5, 0.25, 9], cut: "" },
        { name: "weight_norm", steps: [1, 2], values: [3, 3], cut: "" },
        { name: "activation_std", steps: [1], values: [null], cut: "" },
      ],
    });
    const address = { layer: "out", step: "4" };
    const { root, store, source } = await show(createNested(), address, { layerTrend });
    expect(source.asked.filter((one) => one.startsWith("trend"))).toEqual([]);
    await settle(() => root.querySelector(".kv-trend") !== null);
    const rows = [...root.querySelectorAll(".kv-trend")].map((row) => row.textContent);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain("Gradient norm, mean0.25 step 2");
    expect(rows[1]).toContain("the same at all 2 points");
    const curve = root.querySelector<HTMLElement>(".kv-trend-curve");
    await act(() => {
      const key = new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true });
      curve?.dispatchEvent(key);
    });
    expect(textOf(root, ".kv-trend-value")).toBe("9 step 12");
    await act(() => root.querySelector<HTMLElement>(".kv-trend-head button")?.click());
    expect(store.color.value).toBe("grad_norm_mean");
  });

  test("lists notes on the model, which lead to their layers", async () => {
    const nested = createNested();
    const spare = createLayer({ path: "spare", calls: 0 });
    const graph = { ...nested, layers: [...nested.layers, spare] };
    const { root, store } = await show(graph);
    expect(textOf(root, ".kv-note")).toContain("Never called: spare");
    await act(() => root.querySelector<HTMLElement>(".kv-note button")?.click());
    expect(store.layer.value).toBe("spare");
    expect(textOf(root, ".kv-note")).toContain("no call of it was seen");
  });

  test("says why a call could not be traced", async () => {
    const nested = createNested();
    const nodes = nested.nodes.map((node) =>
      node.layer === "out" ? { ...node, untraced: "it needs a batch of data" } : node,
    );
    const { root } = await show({ ...nested, nodes }, { layer: "out" });
    expect(textOf(root, ".kv-arch-panel-note")).toContain("it needs a batch of data");
  });
});
