import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createLayer, createModel } from "../../model/test_graphs";
import { createStore, type Store } from "../../state/store";
import { FakeDataSource } from "../../testing/fake_data_source";
import { fakeRun } from "../../testing/fake_logs";
import { createFakePage } from "../../testing/fake_page";
import { until } from "../../testing/until";
import type { ModelGraph } from "../../wire/generated";
import { loadAhead } from "../parts/lazy_code";
import { ArchitectureView } from "./architecture_view";
import { keyHelpOpen } from "./key_help";

const shown: { root: HTMLElement; store: Store }[] = [];

/** A chain of layers with these numbers of units. */
function chain(units: Record<string, number>, optimizer = ""): ModelGraph {
  const paths = Object.keys(units);
  const layers = paths.map((path) =>
    createLayer({
      path,
      config: { units: units[path] },
      params: units[path] ?? 0,
      output_shapes: [[null, units[path] ?? 0]],
    }),
  );
  const params = layers.reduce((sum, layer) => sum + layer.params, 0);
  const calls = paths.map((path) => [path, null] as const);
  const links = paths.slice(1).map((_, i) => [i, i + 1] as const);
  return { ...createModel(layers, calls, links), params, optimizer };
}

function runOf(name: string, graphs: Record<number, ModelGraph>) {
  const run = fakeRun(name, []);
  const steps = Object.keys(graphs).map(Number);
  return {
    ...run,
    info: { ...run.info, steps: { model_graph: steps } },
    graphs: new Map(steps.map((step) => [step, graphs[step] as ModelGraph])),
  };
}

async function show(address: Record<string, string>) {
  const source = new FakeDataSource([
    runOf("a", {
      0: chain({ first: 4, second: 5, gone: 6 }, "Adam"),
      9: chain({ first: 4, second: 8, new: 7 }, "SGD"),
    }),
    runOf("b", { 0: chain({ first: 4, second: 8, new: 7 }, "SGD") }),
    runOf("c", {
      0: chain({ first: 4 }, "Adam"),
      1: { ...chain({ first: 4 }, "Adam"), optimizer_params: 8 },
    }),
  ]);
  const page = createFakePage({ run: "a", ...address });
  const store = createStore(source, page);
  const root = document.createElement("div");
  document.body.append(root);
  shown.push({ root, store });
  await until(() => store.graph.value.state === "ready");
  await until(() => store.comparison.graph.value.state !== "loading");
  await until(() => store.comparison.previous.value.state !== "loading");
  await act(() => render(<ArchitectureView store={store} />, root));
  const text = (selector: string) => root.querySelector(selector)?.textContent ?? null;
  const press = async (name: string) => {
    const button = Array.from(root.querySelectorAll("button")).find(
      (one) => (one.getAttribute("aria-label") ?? one.textContent) === name,
    );
    expect(button, name).toBeDefined();
    await act(() => button?.click());
  };
  return { root, store, page, text, press };
}

async function key(target: EventTarget, name: string): Promise<void> {
  await act(() => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  });
}

// The table has code of its own.
beforeAll(() => loadAhead(async () => {}));

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
});

afterEach(() => {
  vi.restoreAllMocks();
  keyHelpOpen.value = false;
  for (const { root, store } of shown.splice(0)) {
    render(null, root);
    root.remove();
    store.dispose();
  }
});

describe("versions", () => {
  test("say which one is shown and what changed", async () => {
    const { text, press, page } = await show({});
    expect(text(".kv-versions")).toContain("Architecture of step 9, version 2 of 2");
    expect(text(".kv-versions-changes")).toBe(
      "since version 1: 1 layer added, 1 layer removed, 1 layer configured anew, " +
        "optimizer Adam → SGD",
    );
    await press("Compare with version 1");
    expect(page.entries.get("with_step")).toBe("0");
    await press("Compare with version 1");
    expect(page.entries.has("with_step")).toBe(false);
  });

  test("the first has none before it; a single one says nothing", async () => {
    const { text } = await show({ step: "0" });
    expect(text(".kv-versions")).toContain("version 1 of 2");
    expect(text(".kv-versions")).toContain("the first");
    expect((await show({ run: "b" })).text(".kv-versions")).toBeNull();
  });
});

test("that the optimizer made its variables is no change worth a line", async () => {
  const { store, text } = await show({ run: "c" });
  expect(store.shownGraph.value?.step).toBe(1);
  expect(text(".kv-versions")).toBeNull();
});

describe("comparing", () => {
  test("counts, totals and differences are shown, and lead to the layers", async () => {
    const { store, text, press } = await show({ with_step: "0" });
    expect(text(".kv-compare-counts")).toContain("1 added");
    expect(text(".kv-compare-counts")).toContain("1 removed");
    expect(text(".kv-compare-totals")).toContain("Parameters15 → 19+4 (+26.7 %)");
    expect(text(".kv-compare-totals")).toContain("Layers3 in both");
    await press("second");
    expect(store.layer.value).toBe("second");
    expect(text(".kv-compare-fields")).toContain("units5 → 8");
  });

  test("the focus stays in the panel, and on the graph, when its button goes", async () => {
    const { root, press } = await show({ with_step: "0" });
    const focus = (selector: string) =>
      act(() => root.querySelector<HTMLElement>(selector)?.focus());
    await focus(".kv-compare-list button");
    expect(document.activeElement?.textContent).toBe("new");
    await press("new");
    await until(() => document.activeElement?.className === "kv-arch-panel");
    await focus('[aria-label="Stop comparing"]');
    await press("Stop comparing");
    await until(() => document.activeElement?.className === "kv-graph");
  });

  test("a removed layer is shown as it was", async () => {
    const { store, text, press } = await show({ with_step: "0" });
    await press("gone");
    expect(store.layer.value).toBe("gone");
    expect(text(".kv-arch-panel")).toContain("Only in step 0");
    expect(text(".kv-arch-panel")).toContain("(None, 6)");
  });

  test("keys go from difference to difference", async () => {
    const { store } = await show({ with_step: "0" });
    await key(document.body, "]");
    expect(store.layer.value).toBe("second");
    await key(document.body, "]");
    expect(store.layer.value).toBe("new");
    await key(document.body, "]");
    expect(store.layer.value).toBe("second");
    await key(document.body, "[");
    expect(store.layer.value).toBe("new");
    store.selectLayer("first");
    await key(document.body, "]");
    expect(store.layer.value).toBe("second");
  });

  test("the same graph has no difference; the way out stops comparing", async () => {
    const { text, press, page } = await show({ with: "b" });
    expect(text(".kv-compare-bar")).toContain("Compared with b");
    expect(text(".kv-compare-bar")).toContain("No difference");
    await press("Stop comparing");
    expect(text(".kv-compare-bar")).toBeNull();
    expect(page.entries.has("with")).toBe(false);
  });

  test("swapping shows the other one against this one", async () => {
    const { store, press } = await show({ with: "b" });
    await press("Swap");
    expect(store.run.value).toBe("b");
    expect(store.comparison.target.value).toEqual({ run: "a", step: 9 });
  });

  test("says what is missing", async () => {
    const { text } = await show({ with: "nowhere" });
    expect(text(".kv-compare-problem")).toContain('There is no run "nowhere"');
  });

  test("search finds what differs", async () => {
    const { store, root } = await show({ with_step: "0", find: "is:changed" });
    const search = root.querySelector<HTMLInputElement>('[role="combobox"]');
    await act(() => search?.focus());
    const options = Array.from(
      root.querySelectorAll(".kv-search-name"),
      (one) => one.textContent,
    );
    expect(options).toEqual(["second"]);
    const filter = Array.from(root.querySelectorAll<HTMLElement>(".kv-filter")).find(
      (one) => one.textContent.startsWith("added"),
    );
    expect(filter?.getAttribute("aria-pressed")).toBe("false");
    await act(() => filter?.click());
    expect(store.find.value).toBe("is:changed is:added");
  });
});

describe("keys", () => {
  test("open their help, and go from graph to table", async () => {
    const { root, store } = await show({});
    await key(document.body, "?");
    expect(root.querySelector("dialog")?.textContent).toContain("next difference");
    await key(document.body, "t");
    expect(store.table.value).toBe(true);
  });
});
