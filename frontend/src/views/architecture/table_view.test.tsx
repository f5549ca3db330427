import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createLayer, createModel, createNested } from "../../model/test_graphs";
import { createStore, type Store } from "../../state/store";
import { FakeDataSource } from "../../testing/fake_data_source";
import { fakeRun } from "../../testing/fake_logs";
import { createFakePage } from "../../testing/fake_page";
import { until } from "../../testing/until";
import type { ModelGraph } from "../../wire/generated";
import { loadAhead } from "../parts/lazy_code";
import { ArchitectureView } from "./architecture_view";

const shown: { root: HTMLElement; store: Store }[] = [];

async function show(graph: ModelGraph, address: Record<string, string> = {}) {
  const run = fakeRun("r", []);
  const graphs = new Map([[0, graph]]);
  const source = new FakeDataSource([
    { ...run, graphs, info: { ...run.info, steps: { model_graph: [0] } } },
  ]);
  const store = createStore(
    source,
    createFakePage({ run: "r", table: "1", ...address }),
  );
  const root = document.createElement("div");
  document.body.append(root);
  shown.push({ root, store });
  await until(() => store.graph.value.state === "ready");
  await act(() => render(<ArchitectureView store={store} />, root));
  const table = root.querySelector(".kv-table") as HTMLElement;
  const key = (name: string) =>
    act(() => {
      table.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
    });
  const rows = () =>
    Array.from(
      root.querySelectorAll<HTMLElement>(".kv-table-row"),
      (row) => row.dataset.path,
    );
  const heads = () =>
    Array.from(table.querySelectorAll("thead button"), (one) => one.textContent);
  return { root, store, table, key, rows, heads };
}

/** The button, or the box to tick, of a name. */
function named(root: HTMLElement, selector: string, name: string): HTMLElement {
  const found = Array.from(root.querySelectorAll<HTMLElement>(selector)).find(
    (one) => one.textContent.trim() === name,
  );
  expect(found, name).toBeDefined();
  return found as HTMLElement;
}

function many(count: number): ModelGraph {
  const layers = Array.from({ length: count }, (_, i) =>
    createLayer({ path: `layer_${i}`, params: i, output_shapes: [[null, i]] }),
  );
  const params = (count * (count - 1)) / 2;
  return { ...createModel(layers, [], []), params };
}

// The table has code of its own.
beforeAll(() => loadAhead(async () => {}));

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const { root, store } of shown.splice(0)) {
    render(null, root);
    root.remove();
    store.dispose();
  }
});

describe("keys on the table", () => {
  test("go from line to line and take the selection along", async () => {
    const { store, key, table } = await show(createNested());
    await key("ArrowDown");
    expect(store.layer.value).toBe("input");
    await key("ArrowDown");
    expect(store.layer.value).toBe("inner");
    const active = table.getAttribute("aria-activedescendant") ?? "";
    expect(document.getElementById(active)?.dataset.path).toBe("inner");
    await key("End");
    expect(store.layer.value).toBe("out");
    await key("Home");
    expect(store.layer.value).toBe("input");
  });

  test("open and close what holds other layers", async () => {
    const { store, key, rows } = await show(createNested(), { layer: "inner" });
    await key("ArrowRight");
    expect(rows()).toHaveLength(6);
    await key("ArrowRight");
    expect(store.layer.value).toBe("inner/in");
    await key("ArrowLeft");
    expect(store.layer.value).toBe("inner");
    await key("ArrowLeft");
    expect(rows()).toHaveLength(3);
  });

  test("lead to the activations", async () => {
    const { store, key } = await show(createNested(), { layer: "out" });
    await key("Enter");
    expect(store.view.value).toBe("activations");
    expect(store.layer.value).toBe("out");
  });
});

describe("a long table", () => {
  test("has only the lines in sight, and says how many there are", async () => {
    const { rows, table, key, store } = await show(many(20_000));
    expect(rows().length).toBeLessThan(60);
    expect(table.getAttribute("aria-rowcount")).toBe("20002");
    await key("End");
    expect(store.layer.value).toBe("layer_19999");
    await until(() => rows().includes("layer_19999"));
    expect(rows().length).toBeLessThan(60);
  });

  test("sums up what is shown", async () => {
    const { table, store } = await show(many(100));
    const foot = () => table.querySelector("tfoot")?.textContent;
    expect(foot()).toContain("Total: 100 layers");
    expect(foot()).toContain("4,950");
    await act(() => {
      store.find.value = "params>=98";
    });
    expect(foot()).toContain("Found: 2 of 100 layers");
    expect(foot()).toContain("197");
  });
});

describe("columns", () => {
  test("are chosen, kept, and given back", async () => {
    const { root, heads } = await show(createNested());
    const before = heads();
    expect(before).not.toContain("Path");
    await act(() => named(root, "button", "Columns").click());
    await act(() => named(root, "label", "Path").querySelector("input")?.click());
    expect(heads()).toContain("Path");
    expect((await show(createNested())).heads()).toContain("Path");
    await act(() => named(root, "button", "As at first").click());
    expect(heads()).toEqual(before);
  });

  test("nested layers are put side by side", async () => {
    const { root, rows } = await show(createNested());
    await act(() => named(root, "button", "Flat").click());
    expect(rows()).toHaveLength(6);
  });
});
