import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createLayer, createModel, createNested } from "../../model/test_graphs";
import { createStore, type Store } from "../../state/store";
import { FakeDataSource } from "../../testing/fake_data_source";
import { fakeRun } from "../../testing/fake_logs";
import { createFakePage, type FakePage } from "../../testing/fake_page";
import { until } from "../../testing/until";
import { type ModelGraph, VARIABLE_INFO_DEFAULTS } from "../../wire/generated";
import { loadAhead } from "../parts/lazy_code";
import { ArchitectureView } from "./architecture_view";

interface Shown {
  readonly store: Store;
  readonly page: FakePage;
  readonly root: HTMLElement;
  readonly one: (selector: string) => HTMLElement;
  readonly texts: (selector: string) => string[];
}

const shown: Shown[] = [];

async function show(
  graph: ModelGraph | null,
  address: Record<string, string> = {},
): Promise<Shown> {
  const run = fakeRun("r", []);
  const graphs = new Map(graph === null ? [] : [[0, graph] as const]);
  const steps: Record<string, readonly number[]> = { activations: [0] };
  if (graph !== null) {
    steps.model_graph = [0];
  }
  const source = new FakeDataSource([{ ...run, graphs, info: { ...run.info, steps } }]);
  const page = createFakePage({ run: "r", ...address });
  const store = createStore(source, page);
  const root = document.createElement("div");
  document.body.append(root);
  await until(() => store.runInfo.value !== null);
  await until(() => store.graph.value.state !== "loading");
  await act(() => render(<ArchitectureView store={store} />, root));
  const one = (selector: string): HTMLElement => {
    const element = root.querySelector<HTMLElement>(selector);
    if (element === null) {
      throw new Error(`There is no ${selector} in ${root.innerHTML.slice(0, 500)}`);
    }
    return element;
  };
  const texts = (selector: string): string[] =>
    Array.from(root.querySelectorAll(selector), (element) => element.textContent);
  const result = { store, page, root, one, texts };
  shown.push(result);
  return result;
}

async function press(element: HTMLElement): Promise<void> {
  await act(() => element.click());
}

async function type(field: HTMLInputElement): Promise<void> {
  await act(() => {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

async function key(target: EventTarget, name: string): Promise<void> {
  await act(() => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  });
}

function button(root: HTMLElement, name: string): HTMLElement {
  const all = Array.from(root.querySelectorAll("button"));
  const found = all.find((one) => one.textContent.trim() === name);
  if (found === undefined) {
    throw new Error(`There is no button ${name}.`);
  }
  return found;
}

// The table has code of its own.
beforeAll(() => loadAhead(async () => {}));

beforeEach(() => {
  // Nothing is laid out here, so that everything would be out of view.
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

const NESTED: ModelGraph = {
  ...createNested(),
  name: "demo",
  params: 1_035,
  trainable_params: 1_005,
  non_trainable_params: 30,
  optimizer_params: 2_070,
  optimizer: "Adam",
};

describe("the panel", () => {
  test("shows the model while nothing is selected", async () => {
    const { one, texts } = await show(NESTED);
    expect(one(".kv-arch-name").textContent).toBe("demo");
    const facts = texts(".kv-arch-facts dd");
    expect(facts.some((text) => text.startsWith("1,035"))).toBe(true);
    expect(facts.some((text) => text.startsWith("2,070 8.09 KB"))).toBe(true);
    expect(facts).toContain("Adam");
  });

  test("shows everything of the selected layer, and leads to its activations", async () => {
    const layer = createLayer({
      path: "block/conv2d",
      class_name: "Conv2D",
      params: 1_160,
      trainable_params: 1_160,
      input_shapes: [[null, 26, 26, 8]],
      output_shapes: [[null, 24, 24, 16]],
      output_dtypes: ["float32"],
      variables: [
        {
          ...VARIABLE_INFO_DEFAULTS,
          path: "block/conv2d/kernel",
          name: "kernel",
          shape: [3, 3, 8, 16],
          dtype: "float32",
          trainable: true,
          params: 1_152,
        },
      ],
      config: { filters: 16, kernel_initializer: { class_name: "Zeros", config: {} } },
      config_notes: ["arrays are recorded by shape"],
    });
    const graph = createModel([layer], [["block/conv2d", null]], []);
    const { one, root, store, texts } = await show(graph, { layer: "block/conv2d" });
    expect(one(".kv-arch-name").textContent).toBe("conv2d");
    const all = one(".kv-arch-panel-body").textContent;
    for (const part of [
      "Conv2D",
      "block/conv2d",
      "(3, 3, 8, 16)",
      "1,152",
      "1,160",
      "4.50 KB",
      "arrays are recorded by shape",
      "Zeros()",
      "float32",
    ]) {
      expect(all).toContain(part);
    }
    expect(texts(".kv-config-leaf")).toContain("filters 16");
    await press(button(root, "See its activations"));
    expect(store.view.value).toBe("activations");
    expect(store.layer.value).toBe("block/conv2d");
  });

  test("says so when the address names a layer that is not there", async () => {
    const { one } = await show(NESTED, { layer: "no/such" });
    expect(one(".kv-arch-panel-note").textContent).toContain("no/such");
    expect(one(".kv-arch-name").textContent).toBe("demo");
  });

  test("tells the calls of a shared layer apart", async () => {
    const { root, store, texts } = await show(NESTED, { layer: "inner/a" });
    expect(texts(".kv-arch-calls button")).toEqual(["call 1", "call 2"]);
    await press(button(root, "call 2"));
    expect(store.node.value).toBe(1);
  });

  test("what is never called by itself leads to the layer that holds it", async () => {
    const cell = createLayer({ path: "gru/cell", class_name: "GRUCell", calls: 0 });
    const gru = createLayer({ path: "gru", class_name: "GRU", children: [cell] });
    const graph = createModel([gru], [["gru", null]], []);
    const { root, store } = await show(graph, { layer: "gru/cell" });
    await press(button(root, "See the activations of gru"));
    expect(store.layer.value).toBe("gru");
  });
});

describe("the table", () => {
  const rows = (root: HTMLElement): (string | undefined)[] =>
    Array.from(
      root.querySelectorAll<HTMLElement>("tr[data-path]"),
      (row) => row.dataset.path,
    );

  test("sorts by a click on a column's head, and says how", async () => {
    const { root, one } = await show(NESTED, { table: "1" });
    expect(rows(root)).toEqual(["input", "inner", "out"]);
    const head = one("thead th:nth-child(3)");
    expect(head.getAttribute("aria-sort")).toBe("none");
    await press(head.querySelector("button") as HTMLElement);
    expect(head.getAttribute("aria-sort")).toBe("descending");
    expect(rows(root)).toEqual(["inner", "out", "input"]);
  });

  test("opens nested models, filters, and shares the selection", async () => {
    const { root, one, store } = await show(NESTED, { table: "1" });
    await press(one(".kv-twisty"));
    expect(rows(root)).toEqual([
      "input",
      "inner",
      "inner/in",
      "inner/a",
      "inner/b",
      "out",
    ]);
    await press(one('tr[data-path="inner/b"]'));
    expect(store.layer.value).toBe("inner/b");
    expect(one('tr[aria-selected="true"]').dataset.path).toBe("inner/b");
    const search = one('input[role="combobox"]') as HTMLInputElement;
    search.value = "out";
    await type(search);
    expect(rows(root)).toEqual(["out"]);
  });

  test("shows a layer that the address selects inside of a nested model", async () => {
    const { root } = await show(NESTED, { table: "1", layer: "inner/a" });
    await until(() => rows(root).includes("inner/a"));
  });

  test("is chosen by its button and kept in the address", async () => {
    const { root, page } = await show(NESTED);
    await press(button(root, "Table"));
    expect(page.entries.get("table")).toBe("1");
    expect(rows(root)).toHaveLength(3);
  });
});

describe("the graph", () => {
  const buttons = (root: HTMLElement): string[] =>
    Array.from(root.querySelectorAll<HTMLElement>(".kv-node:not([hidden])"), (node) =>
      node.dataset.path === undefined ? "" : node.dataset.path,
    );

  test("has a button for every layer in sight", async () => {
    const { root, one } = await show(NESTED);
    await until(() => buttons(root).length === 4);
    expect(buttons(root)).toEqual(["input", "inner", "inner", "out"]);
    const node = one('.kv-node[data-path="input"]');
    expect(node.getAttribute("aria-label")).toBe(
      "input, InputLayer, output (None, 8), 0 parameters",
    );
    expect(node.hasAttribute("aria-expanded")).toBe(false);
    expect(one('.kv-node[data-path="inner"]').getAttribute("aria-expanded")).toBe(
      "false",
    );
  });

  test("is used with the keyboard alone", async () => {
    const { root, one, store } = await show(NESTED);
    await until(() => buttons(root).length === 4);
    const focused = () => document.activeElement as HTMLElement;
    one('.kv-node[data-path="input"]').focus();
    await key(focused(), "ArrowDown");
    expect(store.layer.value).toBe("inner");
    await key(focused(), "Enter");
    await until(() => buttons(root).length === 7);
    expect(focused().dataset.path).toBe("inner");
    expect(focused().getAttribute("aria-expanded")).toBe("true");
    await key(focused(), "ArrowDown");
    expect(store.layer.value).toBe("inner/in");
    await key(focused(), "u");
    expect(store.layer.value).toBe("inner");
    await key(focused(), "Enter");
    await until(() => buttons(root).length === 4);
    await key(focused(), "Escape");
    expect(store.layer.value).toBeNull();
    one('.kv-node[data-path="out"]').focus();
    await key(focused(), "Enter");
    expect(store.view.value).toBe("activations");
    expect(store.layer.value).toBe("out");
  });

  test("opens what hides the selected layer", async () => {
    const { root } = await show(NESTED, { layer: "inner/a", call: "1" });
    await until(() => buttons(root).includes("inner/a"));
    const current = root.querySelector<HTMLElement>('[aria-current="true"]');
    expect(current?.dataset.node).toBe("7");
    expect(buttons(root)).toHaveLength(7);
  });

  test("all groups open and close by their buttons", async () => {
    const { root } = await show(NESTED);
    await until(() => buttons(root).length === 4);
    await press(button(root, "Expand all"));
    await until(() => buttons(root).length === 10);
    await press(button(root, "Collapse all"));
    await until(() => buttons(root).length === 4);
  });

  test("what is open is in the address, and is opened from there", async () => {
    const first = await show(NESTED);
    await until(() => buttons(first.root).length === 4);
    await press(button(first.root, "Expand all"));
    await until(() => first.page.entries.get("open") === "0:inner\n1:inner");
    await press(button(first.root, "Collapse all"));
    await until(() => !first.page.entries.has("open"));

    const { root } = await show(NESTED, { open: "1:inner" });
    await until(() => buttons(root).length === 7);
  });

  test("search lists matches and goes to them", async () => {
    const { root, one, store } = await show(NESTED);
    const search = one('input[role="combobox"]') as HTMLInputElement;
    await act(() => search.focus());
    search.value = "inner";
    await type(search);
    expect(root.querySelectorAll('[role="option"]')).toHaveLength(4);
    await key(search, "Enter");
    expect(store.layer.value).toBe("inner");
    await key(search, "Enter");
    expect(store.layer.value).toBe("inner/in");
  });

  test("notices are shown above it", async () => {
    const graph = {
      ...createModel([createLayer({ path: "a" })], [["a", null]], []),
      notices: ["mine (Mine) is a subclassed model."],
    };
    const { texts } = await show(graph);
    expect(texts(".kv-arch-notices li")).toEqual([
      "mine (Mine) is a subclassed model.",
    ]);
  });

  test("hostile names are text", async () => {
    const names = [
      "__proto__",
      "<img src=x onerror=alert(1)>",
      '"quoted"',
      "x".repeat(9_999),
    ];
    const layers = names.map((path) =>
      createLayer({ path, name: path, class_name: path }),
    );
    const calls = names.map((path) => [path, null] as const);
    for (const table of ["0", "1"]) {
      const layer = names[1] as string;
      const { root, one } = await show(createModel(layers, calls, [[0, 1]]), {
        table,
        layer,
      });
      expect(root.querySelector("img")).toBeNull();
      expect(one(".kv-arch-name").textContent).toBe(layer);
    }
    await until(() => buttons(document.body).length === names.length);
    expect(new Set(buttons(document.body))).toEqual(new Set(names));
  });
});

describe("without a graph", () => {
  test("says what to do", async () => {
    const { one } = await show(null);
    expect(one(".kv-state").textContent).toContain("No model graph was logged");
    expect(one("pre").textContent).toContain("write_model");
  });

  test("a model without layers says so", async () => {
    const { one } = await show(createModel([], [], []));
    expect(one(".kv-state").textContent).toContain("has no layers");
  });
});
