import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore, type Store } from "../../state/store";
import {
  activationIndex,
  activationTensors,
  createFakePage,
  FakeDataSource,
  type FakeRun,
  fakeRun,
  layerActivation,
  until,
} from "../../testing/fakes";
import { App } from "../app";
import { mapSize, presentation } from "./presentation";

const HOSTILE = "<img src=x onerror=alert(1)>/__proto__";
const LAYERS = [
  layerActivation("conv", {
    cut: "3 of 9 channels",
    channels: 9,
    kept_channels: [0, 4, 8],
  }),
  layerActivation(HOSTILE),
  layerActivation("lstm", {
    class_name: "LSTM",
    kind: "sequence",
    channels: 4,
    full_map: [1, 6],
    kept_map: [1, 6],
  }),
  layerActivation("dense", {
    class_name: "Dense",
    kind: "vector",
    channels: 5,
    full_map: [1, 1],
    kept_map: [1, 1],
  }),
  layerActivation("shared"),
  layerActivation("shared", { call: 1 }),
];
const INDEX = activationIndex(10, LAYERS, {
  skipped: [{ path: "ragged", reason: "its output is no dense tensor" }],
});

let root: HTMLElement;
let store: Store;
let source: FakeDataSource;

beforeEach(() => {
  // Nothing is laid out here, so that everything would be out of view.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.stubGlobal("IntersectionObserver", undefined);
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  store.dispose();
  mapSize.value = null;
  presentation.value = "maps";
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function open(start: Record<string, string>, runs?: FakeRun[]) {
  source = new FakeDataSource(runs ?? [fakeRun("a", [INDEX])]);
  store = createStore(source, createFakePage({ view: "activations", ...start }));
  act(() => render(<App store={store} />, root));
  await settle();
}

/** Lets answers arrive and be drawn. */
async function settle() {
  for (let turn = 0; turn < 6; turn += 1) {
    await act(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
  }
}

function text(): string {
  return root.textContent ?? "";
}

function find<T extends HTMLElement>(selector: string): T {
  const element = root.querySelector<T>(selector);
  if (element === null) {
    throw new Error(`There is no ${selector} in: ${root.innerHTML.slice(0, 3000)}`);
  }
  return element;
}

function button(name: string): HTMLButtonElement {
  const all = [...root.querySelectorAll("button")];
  const found = all.find(
    (one) =>
      one.textContent?.trim() === name || one.getAttribute("aria-label") === name,
  );
  if (found === undefined) {
    throw new Error(`There is no button "${name}".`);
  }
  return found;
}

async function press(element: HTMLElement, key: string) {
  act(() => {
    element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  });
  await settle();
}

async function click(element: HTMLElement) {
  act(() => element.click());
  await settle();
}

describe("what says what to do", () => {
  it("shows the three lines where nothing was logged", async () => {
    await open({}, []);
    expect(text()).toContain("No training was logged here yet");
    expect(text()).toContain("tb_kerasviz.KerasViz(");
  });

  it("says how to give a probe", async () => {
    await open({}, [fakeRun("a", [])]);
    expect(text()).toContain("No probe was given");
    expect(text()).toContain("probe=x_val[:8]");
  });

  it("says that a run is not here", async () => {
    await open({ run: "gone" });
    expect(text()).toContain('There is no run "gone" here');
  });

  it("says why a layer was skipped", async () => {
    await open({ layer: "ragged" });
    expect(text()).toContain("This layer was not captured");
    expect(find(".kv-panel, .kv-state").textContent).toContain(
      "its output is no dense tensor",
    );
  });

  it("says that a layer is not part of the capture", async () => {
    await open({ layer: "group" });
    expect(text()).toContain("group is not part of the capture at step 10");
  });

  it("leads to the first capture", async () => {
    await open({ step: "0" });
    expect(text()).toContain("No activations up to step 0");
    await click(button("Go to step 10"));
    expect(store.currentStep.value).toBe(10);
    expect(text()).toContain("conv");
  });

  it("shows a run's own error in place of its views", async () => {
    const run = fakeRun("a", [INDEX]);
    const error = "It was written in format 9. Upgrade tb_kerasviz.";
    await open({}, [{ ...run, info: { ...run.info, error } }]);
    expect(find(".kv-error").textContent).toContain(error);
  });
});

describe("the list of layers", () => {
  it("names each with class and shape, the skipped one with its reason", async () => {
    await open({});
    const rows = [...root.querySelectorAll("[role=option]")].map((row) =>
      row.textContent?.trim(),
    );
    expect(rows[0]).toBe("convConv2D (2, 2, 2, 9)");
    expect(rows[1]).toContain("__proto__");
    expect(rows.at(-1)).toBe("raggednot captured: its output is no dense tensor");
    expect(rows.length).toBe(6);
    expect(root.querySelector("img")).toBeNull();
  });

  it("is walked by the arrow keys", async () => {
    await open({ layer: "conv" });
    await press(find("[role=listbox]"), "ArrowDown");
    expect(store.layer.value).toBe(HOSTILE);
    await press(find("[role=listbox]"), "End");
    expect(store.layer.value).toBe("ragged");
    await press(find("[role=listbox]"), "Home");
    expect(store.layer.value).toBe("conv");
    await press(find("[role=listbox]"), "ArrowUp");
    expect(store.layer.value).toBe("conv");
  });

  it("is filtered by path and by class", async () => {
    await open({});
    const input = find<HTMLInputElement>("input[type=search]");
    input.value = "lstm";
    act(() => {
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(root.querySelectorAll("[role=option]").length).toBe(1);
    input.value = "nothing";
    act(() => {
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(text()).toContain("No layer has that in its path or class");
  });
});

describe("the samples", () => {
  it("are named by their labels and walked by the arrow keys", async () => {
    await open({});
    const names = [...root.querySelectorAll("[role=radio]")].map((one) =>
      one.textContent?.trim(),
    );
    expect(names).toEqual(["cat", "dog"]);
    await press(find("[role=radiogroup]"), "ArrowRight");
    expect(store.sample.value).toBe(1);
    await press(find("[role=radiogroup]"), "ArrowRight");
    expect(store.sample.value).toBe(1);
  });
});

describe("several inputs", () => {
  it("are shown one at a time, a picture first", async () => {
    const run = fakeRun("a", [INDEX]);
    const [image] = run.probe?.inputs ?? [];
    if (run.probe === null || image === undefined) {
      throw new Error("The run has no probe.");
    }
    const tokens = { ...image, name: "tokens", picture: false };
    await open({}, [{ ...run, probe: { ...run.probe, inputs: [tokens, image] } }]);
    expect(source.asked).toContain("probe data a 0 1 0");
    expect(source.asked).not.toContain("probe data a 0 0 0");
    const picker = find<HTMLSelectElement>("[aria-label='Input of the model']");
    expect([...picker.options].map((one) => one.text)).toEqual(["tokens", "image"]);
    picker.value = "0";
    act(() => {
      picker.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await settle();
    expect(source.asked).toContain("probe data a 0 0 1");
  });
});

describe("a layer of maps", () => {
  it("says what was left out", async () => {
    await open({ layer: "conv" });
    expect(find(".kv-panel-head").textContent).toContain("3 of 9 channels");
  });

  it("has labelled ends, and words instead of numbers where each has its own", async () => {
    await open({ layer: "conv" });
    expect(find(".kv-color-bar").getAttribute("aria-label")).toBe(
      "Colours from 0 to 9",
    );
    await click(button("per channel"));
    expect(find(".kv-color-bar").getAttribute("aria-label")).toBe(
      "Colours from lowest to highest",
    );
  });

  it("shows the statistics of all channels, sorted by a click", async () => {
    await open({ layer: "conv" });
    await click(button("Statistics"));
    const rows = () =>
      [...root.querySelectorAll("tbody th")].map((one) => one.textContent);
    expect(rows()).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    await click(button("max"));
    expect(rows()).toEqual(["8", "7", "6", "5", "4", "3", "2", "1", "0"]);
    await click(button("1"));
    expect(store.channel.value).toBe(1);
    expect(text()).toContain("were left out of the capture (3 of 9 channels)");
    expect(find(".kv-facts").textContent).toContain("min1");
  });

  it("has a button on each map, in the chosen order", async () => {
    await open({ layer: "conv" });
    const tiles = () =>
      [...root.querySelectorAll(".kv-tile")].map((tile) =>
        tile.getAttribute("aria-label"),
      );
    expect(tiles()).toEqual([
      "Channel 0, 0 to 0.01176",
      "Channel 4, 4 to 4.012",
      "Channel 8, 8 to 8.012",
    ]);
    const order = find<HTMLSelectElement>("#kv-order");
    order.value = "max";
    act(() => {
      order.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await settle();
    expect(tiles()[0]).toBe("Channel 8, 8 to 8.012");
    await click(button("Channel 4, 4 to 4.012"));
    expect(store.channel.value).toBe(4);
  });

  it("opens a channel, goes on by the arrow keys and back by Escape", async () => {
    await open({ layer: "conv", channel: "4" });
    expect(find(".kv-detail h3").textContent).toBe("channel 4 of 0 to 8");
    await press(find(".kv-detail"), "ArrowRight");
    expect(store.channel.value).toBe(5);
    await press(find(".kv-detail"), "ArrowLeft");
    await press(find(".kv-detail"), "Escape");
    expect(store.channel.value).toBeNull();
    expect(root.querySelector(".kv-detail")).toBeNull();
  });

  it("shows the grid for a channel that there is not", async () => {
    await open({ layer: "conv", channel: "99" });
    expect(root.querySelector(".kv-detail")).toBeNull();
  });

  it("explains the marks that are there, and no others", async () => {
    await open({ layer: "conv" });
    expect(root.querySelector(".kv-legend")).toBeNull();
    act(() => render(null, root));
    store.dispose();
    const run = fakeRun("a", [INDEX]);
    const marks = new Map([
      [0, 1],
      [1, 3],
    ]);
    const activationData = () =>
      activationTensors(LAYERS[0] ?? layerActivation(""), marks);
    await open({ layer: "conv" }, [{ ...run, activationData }]);
    const legend = find(".kv-legend").textContent;
    expect(legend).toContain("NaN");
    expect(legend).toContain("-Inf");
    expect(legend).not.toContain("+Inf");
    expect(legend).toContain("! 1 of 9 with non-finite values");
  });
});

describe("other layers", () => {
  it("shows a sequence, and one of its units over time", async () => {
    await open({ layer: "lstm" });
    expect(find("[aria-label='4 units over 6 time steps']")).toBeTruthy();
    expect(button("per unit")).toBeTruthy();
    act(() => store.setChannel(2));
    await settle();
    expect(find(".kv-detail h3").textContent).toBe("unit 2 of 0 to 3");
  });

  it("shows a vector, and marks a unit by the arrow keys", async () => {
    await open({ layer: "dense" });
    const bars = find("[role=slider]");
    expect(bars.getAttribute("aria-label")).toBe("Values of 5 units");
    await press(bars, "ArrowRight");
    expect(store.channel.value).toBe(0);
    await press(bars, "ArrowRight");
    expect(find(".kv-unit-facts").textContent).toBe("unit 1: 1");
    await press(bars, "Escape");
    expect(store.channel.value).toBeNull();
  });

  it("offers the calls of a shared layer", async () => {
    await open({ layer: "shared" });
    const picker = find<HTMLSelectElement>(".kv-panel-head select");
    expect(picker.options.length).toBe(2);
    picker.value = "1";
    act(() => {
      picker.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await settle();
    expect(store.node.value).toBe(1);
    expect(source.asked).toContain("data a 10 shared 1 0 0");
  });
});

describe("errors", () => {
  it("stand in their place, and the rest works", async () => {
    source = new FakeDataSource([fakeRun("a", [INDEX])]);
    source.failures.set("data a 10 dense", "The activation is damaged.");
    source.failures.set("thumbnails", "The miniatures are damaged.");
    source.failures.set("probe data", "The probe's input is damaged.");
    store = createStore(
      source,
      createFakePage({ view: "activations", layer: "dense" }),
    );
    act(() => render(<App store={store} />, root));
    await settle();
    const errors = [...root.querySelectorAll(".kv-error")].map(
      (one) => one.textContent,
    );
    expect(errors).toEqual([
      "The miniatures are damaged.Try again",
      "The activation is damaged.Try again",
    ]);
    expect(root.querySelectorAll(".kv-sample-failed").length).toBe(2);
    act(() => store.selectLayer("conv"));
    await settle();
    expect(find(".kv-panel .kv-color-bar")).toBeTruthy();
    source.failures.clear();
    await click(button("Try again"));
    await until(() => root.querySelector(".kv-error") === null);
  });

  it("stands for the list of runs too", async () => {
    source = new FakeDataSource([]);
    source.failures.set("runs", "TensorBoard does not answer.");
    store = createStore(source, createFakePage());
    act(() => render(<App store={store} />, root));
    await settle();
    expect(find("[role=alert]").textContent).toContain("TensorBoard does not answer.");
  });
});
