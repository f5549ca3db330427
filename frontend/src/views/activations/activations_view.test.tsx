import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import {
  activationIndex,
  activationTensors,
  fakeRun,
  layerActivation,
} from "../../testing/fake_logs";
import { OpenedApp } from "../../testing/opened_app";
import { until } from "../../testing/until";
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

let app: OpenedApp;

afterEach(() => {
  app.close();
  mapSize.value = null;
  presentation.value = "maps";
});

async function open(start: Record<string, string>, runs = [fakeRun("a", [INDEX])]) {
  app = await OpenedApp.open(runs, { view: "activations", ...start });
}

describe("what says what to do", () => {
  it("shows the three lines where nothing was logged", async () => {
    await open({}, []);
    expect(app.text).toContain("No training was logged here yet");
    expect(app.text).toContain("tb_kerasviz.KerasViz(");
  });

  it("says how to give a probe", async () => {
    await open({}, [fakeRun("a", [])]);
    expect(app.text).toContain("No probe was given");
    expect(app.text).toContain("probe=x_val[:8]");
  });

  it("says that a run is not here", async () => {
    await open({ run: "gone" });
    expect(app.text).toContain('There is no run "gone" here');
  });

  it("says why a layer was skipped", async () => {
    await open({ layer: "ragged" });
    expect(app.text).toContain("This layer was not captured");
    expect(app.find(".kv-panel, .kv-state").textContent).toContain(
      "its output is no dense tensor",
    );
  });

  it("says that a layer is not part of the capture", async () => {
    await open({ layer: "group" });
    expect(app.text).toContain("group is not part of the capture at step 10");
  });

  it("leads to the first capture", async () => {
    await open({ step: "0" });
    expect(app.text).toContain("No activations up to step 0");
    await app.click(app.button("Go to step 10"));
    expect(app.store.currentStep.value).toBe(10);
    expect(app.text).toContain("conv");
  });

  it("shows a run's own error in place of its views", async () => {
    const run = fakeRun("a", [INDEX]);
    const error = "It was written in format 9. Upgrade tb_kerasviz.";
    await open({}, [{ ...run, info: { ...run.info, error } }]);
    expect(app.find(".kv-error").textContent).toContain(error);
  });
});

describe("the list of layers", () => {
  it("names each with class and shape, the skipped one with its reason", async () => {
    await open({});
    const rows = app.all("[role=option]").map((row) => row.textContent?.trim());
    expect(rows[0]).toBe("convConv2D (2, 2, 2, 9)");
    expect(rows[1]).toContain("__proto__");
    expect(rows.at(-1)).toBe("raggednot captured: its output is no dense tensor");
    expect(rows.length).toBe(6);
    expect(app.root.querySelector("img")).toBeNull();
  });

  it("is walked by the arrow keys", async () => {
    await open({ layer: "conv" });
    await app.press(app.find("[role=listbox]"), "ArrowDown");
    expect(app.store.layer.value).toBe(HOSTILE);
    await app.press(app.find("[role=listbox]"), "End");
    expect(app.store.layer.value).toBe("ragged");
    await app.press(app.find("[role=listbox]"), "Home");
    expect(app.store.layer.value).toBe("conv");
    await app.press(app.find("[role=listbox]"), "ArrowUp");
    expect(app.store.layer.value).toBe("conv");
  });

  it("is filtered by path and by class", async () => {
    await open({});
    const input = app.find<HTMLInputElement>("input[type=search]");
    input.value = "lstm";
    act(() => {
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(app.all("[role=option]").length).toBe(1);
    input.value = "nothing";
    act(() => {
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(app.text).toContain("No layer has that in its path or class");
  });
});

describe("the samples", () => {
  it("are named by their labels and walked by the arrow keys", async () => {
    await open({});
    const names = app.all("[role=radio]").map((one) => one.textContent?.trim());
    expect(names).toEqual(["cat", "dog"]);
    await app.press(app.find("[role=radiogroup]"), "ArrowRight");
    expect(app.store.sample.value).toBe(1);
    await app.press(app.find("[role=radiogroup]"), "ArrowRight");
    expect(app.store.sample.value).toBe(1);
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
    expect(app.source.asked).toContain("probe data a 0 1 0");
    expect(app.source.asked).not.toContain("probe data a 0 0 0");
    const picker = app.find<HTMLSelectElement>("[aria-label='Input of the model']");
    expect([...picker.options].map((one) => one.text)).toEqual(["tokens", "image"]);
    picker.value = "0";
    act(() => {
      picker.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await app.settle();
    expect(app.source.asked).toContain("probe data a 0 0 1");
  });
});

describe("a layer of maps", () => {
  it("says what was left out", async () => {
    await open({ layer: "conv" });
    expect(app.find(".kv-panel-head").textContent).toContain("3 of 9 channels");
  });

  it("has labelled ends, and words instead of numbers where each has its own", async () => {
    await open({ layer: "conv" });
    expect(app.find(".kv-color-bar").getAttribute("aria-label")).toBe(
      "Colours from 0 to 9",
    );
    await app.click(app.button("per channel"));
    expect(app.find(".kv-color-bar").getAttribute("aria-label")).toBe(
      "Colours from lowest to highest",
    );
  });

  it("shows the statistics of all channels, sorted by a click", async () => {
    await open({ layer: "conv" });
    await app.click(app.button("Statistics"));
    const rows = () => app.all("tbody th").map((one) => one.textContent);
    expect(rows()).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    await app.click(app.button("max"));
    expect(rows()).toEqual(["8", "7", "6", "5", "4", "3", "2", "1", "0"]);
    await app.click(app.button("1"));
    expect(app.store.channel.value).toBe(1);
    expect(app.text).toContain("were left out of the capture (3 of 9 channels)");
    expect(app.find(".kv-facts").textContent).toContain("min1");
  });

  it("has a button on each map, in the chosen order", async () => {
    await open({ layer: "conv" });
    const tiles = () =>
      app.all(".kv-tile").map((tile) => tile.getAttribute("aria-label"));
    expect(tiles()).toEqual([
      "Channel 0, 0 to 0.01176",
      "Channel 4, 4 to 4.012",
      "Channel 8, 8 to 8.012",
    ]);
    const order = app.find<HTMLSelectElement>("#kv-order");
    order.value = "max";
    act(() => {
      order.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await app.settle();
    expect(tiles()[0]).toBe("Channel 8, 8 to 8.012");
    await app.click(app.button("Channel 4, 4 to 4.012"));
    expect(app.store.channel.value).toBe(4);
  });

  it("opens a channel, goes on by the arrow keys and back by Escape", async () => {
    await open({ layer: "conv", channel: "4" });
    expect(app.find(".kv-detail h3").textContent).toBe("channel 4 of 0 to 8");
    await app.press(app.find(".kv-detail"), "ArrowRight");
    expect(app.store.channel.value).toBe(5);
    await app.press(app.find(".kv-detail"), "ArrowLeft");
    await app.press(app.find(".kv-detail"), "Escape");
    expect(app.store.channel.value).toBeNull();
    expect(app.root.querySelector(".kv-detail")).toBeNull();
  });

  it("shows the grid for a channel that there is not", async () => {
    await open({ layer: "conv", channel: "99" });
    expect(app.root.querySelector(".kv-detail")).toBeNull();
  });

  it("explains the marks that are there, and no others", async () => {
    await open({ layer: "conv" });
    expect(app.root.querySelector(".kv-legend")).toBeNull();
    app.close();
    const run = fakeRun("a", [INDEX]);
    const marks = new Map([
      [0, 1],
      [1, 3],
    ]);
    const activationData = () =>
      activationTensors(LAYERS[0] ?? layerActivation(""), marks);
    await open({ layer: "conv" }, [{ ...run, activationData }]);
    const legend = app.find(".kv-legend").textContent;
    expect(legend).toContain("NaN");
    expect(legend).toContain("-Inf");
    expect(legend).not.toContain("+Inf");
    expect(legend).toContain("! 1 of 9 with non-finite values");
  });
});

describe("other layers", () => {
  it("shows a sequence, and one of its units over time", async () => {
    await open({ layer: "lstm" });
    expect(app.find("[aria-label='4 units over 6 time steps']")).toBeTruthy();
    expect(app.button("per unit")).toBeTruthy();
    act(() => app.store.setChannel(2));
    await app.settle();
    expect(app.find(".kv-detail h3").textContent).toBe("unit 2 of 0 to 3");
  });

  it("shows a vector, and marks a unit by the arrow keys", async () => {
    await open({ layer: "dense" });
    const bars = app.find("[role=slider]");
    expect(bars.getAttribute("aria-label")).toBe("Values of 5 units");
    await app.press(bars, "ArrowRight");
    expect(app.store.channel.value).toBe(0);
    await app.press(bars, "ArrowRight");
    expect(app.find(".kv-unit-facts").textContent).toBe("unit 1: 1");
    await app.press(bars, "Escape");
    expect(app.store.channel.value).toBeNull();
  });

  it("offers the calls of a shared layer", async () => {
    await open({ layer: "shared" });
    const picker = app.find<HTMLSelectElement>(".kv-panel-head select");
    expect(picker.options.length).toBe(2);
    picker.value = "1";
    act(() => {
      picker.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await app.settle();
    expect(app.store.node.value).toBe(1);
    expect(app.source.asked).toContain("data a 10 shared 1 0 0");
  });
});

describe("errors", () => {
  it("stand in their place, and the rest works", async () => {
    app = await OpenedApp.open(
      [fakeRun("a", [INDEX])],
      { view: "activations", layer: "dense" },
      {
        "data a 10 dense": "The activation is damaged.",
        thumbnails: "The miniatures are damaged.",
        "probe data": "The probe's input is damaged.",
      },
    );
    const errors = app.all(".kv-error").map((one) => one.textContent);
    expect(errors).toEqual([
      "The miniatures are damaged.Try again",
      "The activation is damaged.Try again",
    ]);
    expect(app.all(".kv-sample-failed").length).toBe(2);
    act(() => app.store.selectLayer("conv"));
    await app.settle();
    expect(app.find(".kv-panel .kv-color-bar")).toBeTruthy();
    app.source.failures.clear();
    await app.click(app.button("Try again"));
    await until(() => app.root.querySelector(".kv-error") === null);
  });

  it("stands for the list of runs too", async () => {
    app = await OpenedApp.open([], {}, { runs: "TensorBoard does not answer." });
    expect(app.find("[role=alert]").textContent).toContain(
      "TensorBoard does not answer.",
    );
  });
});
