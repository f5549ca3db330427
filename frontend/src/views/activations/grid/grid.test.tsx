import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { activationParts } from "../../../testing/activation_of";
import type { FakeRun } from "../../../testing/fake_data_source";
import { activationIndex, fakeRun, tensor } from "../../../testing/fake_logs";
import { OpenedApp } from "../../../testing/opened_app";
import type { LayerActivation } from "../../../wire/generated";
import { mapSize, presentation } from "../presentation";

const NAN = Number.NaN;
/** Values of four channels at two steps. */
const MAPS: Record<number, number[][]> = {
  0: [
    [0, 1, 2, 3],
    [0, 0, 0, 0],
    [5, 5, 5, 5],
    [1, NAN, 2, 2],
  ],
  10: [
    [0, 1, 2, 3],
    [0, 0, 0, 1],
    [5, 5, 5, 5],
    [-4, NAN, 2, 2],
  ],
};
const SHAPE = { full_map: [2, 2], kept_map: [2, 2], shape: [2, 2, 2, 4] } as const;

function entryOf(change: Partial<LayerActivation> = {}): LayerActivation {
  return activationParts(MAPS[0] ?? [], { path: "conv", ...SHAPE, ...change }).entry;
}

function runOf(change: Partial<LayerActivation> = {}, more: Partial<FakeRun> = {}) {
  const summary = {
    0: [0, 5, 0, 0, 0, 1],
    10: [-8, 7, 0, 0, 0, 1],
  };
  const captures = ([0, 10] as const).map((step) =>
    activationIndex(step, [entryOf({ summary: summary[step], ...change })], {
      measured_samples: 2,
    }),
  );
  const run: FakeRun = {
    ...fakeRun("a", captures),
    activationData: (step) =>
      activationParts(MAPS[step] ?? [], { ...SHAPE, ...change }).tensors,
    ...more,
  };
  return run;
}

let app: OpenedApp;

afterEach(() => {
  app.close();
  presentation.value = "maps";
  mapSize.value = null;
});

async function open(start: Record<string, string> = {}, run = runOf()) {
  app = await OpenedApp.open([run], { view: "activations", layer: "conv", ...start });
}

function channels(): string[] {
  return app.all(".kv-tile").map((tile) => tile.dataset.channel ?? "");
}

describe("the order of the channels", () => {
  it("is chosen, turned round, and kept in the address", async () => {
    await open();
    expect(channels()).toEqual(["0", "1", "2", "3"]);
    await app.choose(app.find("#kv-order"), "max");
    expect(channels()).toEqual(["2", "0", "3", "1"]);
    expect(app.page.entries.get("order")).toBe("max");
    await app.click(app.button("Highest first"));
    expect(channels()).toEqual(["1", "3", "0", "2"]);
    expect(app.page.entries.get("reversed")).toBe("1");
    await app.choose(app.find("#kv-order"), "index");
    expect(channels()).toEqual(["0", "1", "2", "3"]);
    expect(app.page.entries.has("reversed")).toBe(false);
  });

  it("goes by the change since the step before, of the same sample", async () => {
    await open({ order: "change", sample: "1" });
    expect(channels()).toEqual(["3", "1", "0", "2"]);
    expect(app.source.asked).toContain("data a 0 conv 0 0 1");
    expect(app.find("#kv-order").title).toContain("Change since the captured step");
  });

  it("says why there is no change to go by at the first step", async () => {
    await open({ order: "change", step: "0" });
    expect(channels()).toEqual(["0", "1", "2", "3"]);
    expect(app.text).toContain("There is no capture before this step");
    await app.choose(app.find("#kv-order"), "change_first");
    expect(app.text).not.toContain("There is no capture before this step");
  });
});

it("calls the maps of attention heads, where two captures are compared", async () => {
  await open({ filter: "dead", vs: "step:first" }, runOf({ kind: "attention" }));
  expect(app.button("per head")).toBeTruthy();
  expect(app.text).toContain("No head is dead.");
  await app.click(app.button("Show all heads"));
  expect(app.find(".kv-tile").getAttribute("aria-label")).toBe(
    "A Head 0, 0 to 3; B Head 0, 0 to 3",
  );
  expect(app.find("[aria-label='4 head maps']")).toBeTruthy();
});

describe("the filter", () => {
  it("counts the channels of this sample where the log says no more", async () => {
    await open({ step: "0" });
    const buttons = app
      .all("[aria-label='Channels that are shown'] button")
      .map((one) => one.textContent);
    expect(buttons).toEqual(["All4", "Dead1", "Saturated", "Non-finite1", "Constant2"]);
    expect(app.button("Saturated").disabled).toBe(true);
    expect(app.button("Dead1").title).toContain("this sample");
    await app.click(app.button("Constant2"));
    expect(channels()).toEqual(["1", "2"]);
    expect(app.page.entries.get("filter")).toBe("constant");
  });

  it("goes by all samples where they were measured", async () => {
    const units = { blob: 1, offset: 0, length: 1 };
    const stats = Float32Array.from(
      [
        [0, 1, 0.5, 0.1, 0, 0],
        [0, 3, 0.5, 0.1, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1, 0],
      ].flat(),
    );
    const run = runOf(
      { units },
      {
        activationUnits: () =>
          new Map([
            ["stats", tensor(stats, [4, 6])],
            ["saturated", tensor(Float32Array.of(0, 0.9, 0, 0))],
          ]),
      },
    );
    await open({ step: "0" }, run);
    expect(app.button("Dead2").title).toContain("all 2 samples");
    await app.click(app.button("Dead2"));
    expect(channels()).toEqual(["2", "3"]);
    await app.click(app.button("Saturated1"));
    expect(channels()).toEqual(["1"]);
  });

  it("says so where nothing matches, and leads back", async () => {
    await open({ filter: "dead" });
    expect(channels()).toEqual([]);
    expect(app.text).toContain("No channel is dead");
    await app.click(app.button("Show all channels"));
    expect(channels()).toHaveLength(4);
  });

  it("leads to the statistics of channels whose maps were not kept", async () => {
    await open({ filter: "constant", step: "0" }, runOf({ kept_channels: [0, 1] }));
    expect(channels()).toEqual(["1"]);
    expect(app.text).toContain("1 more, whose values did not fit the capture.");
    await app.click(app.button("Show their statistics"));
    const rows = () => app.all("tbody th").map((one) => one.textContent);
    expect(rows()).toEqual(["1", "2"]);
    await app.click(app.button("max"));
    expect(rows()).toEqual(["2", "1"]);
    await app.click(app.button("All4"));
    expect(rows()).toEqual(["2", "0", "3", "1"]);
  });
});

describe("the range of the colours", () => {
  const legend = () => app.find(".kv-color-bar").getAttribute("aria-label");

  it("is the layer's, each channel's, or the same at every step", async () => {
    await open({ step: "0" });
    expect(legend()).toBe("Colours from 0 to 5");
    await app.click(app.button("per channel"));
    expect(legend()).toBe("Colours from lowest to highest");
    await app.click(app.button("pinned"));
    expect(legend()).toBe("Colours from -8 to 8, zero in the middle");
    expect(app.page.entries.get("range")).toBe("pinned");
    act(() => app.store.setStep(10));
    await app.settle();
    expect(legend()).toBe("Colours from -8 to 8, zero in the middle");
  });

  it("is said to be that of what is shown where the log does not say", async () => {
    await open({ range: "pinned", step: "0" }, runOf({ summary: [] }));
    expect(legend()).toBe("Colours from 0 to 5");
    expect(app.find(".kv-color-bar").title).toContain("The log does not say");
  });

  it("is typed, and stays as it was while there is no range", async () => {
    await open();
    await app.click(app.button("typed"));
    const low = app.find<HTMLInputElement>("[aria-label^='Lowest']");
    await app.type(low, "0.5");
    expect(legend()).toBe("Colours from \u2264 0.5 to 5");
    expect(app.page.entries.get("range")).toBe("0.5,5");
    await app.type(low, "9");
    expect(low.getAttribute("aria-invalid")).toBe("true");
    expect(app.page.entries.get("range")).toBe("0.5,5");
    await app.type(low, "1e");
    expect(app.page.entries.get("range")).toBe("0.5,5");
  });
});

describe("the pointer", () => {
  it("reads the value, marks its place, and follows the sample", async () => {
    const run = runOf(
      {},
      {
        activationData: (_, key) =>
          activationParts(
            (MAPS[0] ?? []).map((values) =>
              values.map((one) => one + key.sample * 100),
            ),
            SHAPE,
          ).tensors,
      },
    );
    await open({}, run);
    const grid = app.find("[aria-label='4 channel maps']");
    vi.spyOn(grid, "getBoundingClientRect").mockReturnValue(new DOMRect());
    const tile = app.find(".kv-tile");
    const x =
      Number.parseFloat(tile.style.left) + 0.75 * Number.parseFloat(tile.style.width);
    const y =
      Number.parseFloat(tile.style.top) + 0.25 * Number.parseFloat(tile.style.height);
    act(() => {
      grid.dispatchEvent(
        new PointerEvent("pointermove", { clientX: x, clientY: y, bubbles: true }),
      );
    });
    await app.settle();
    const note = () => app.all(".kv-hover-tip > div").map((line) => line.textContent);
    expect(note()).toEqual(["1", "channel 0, row 0, column 1"]);
    act(() => app.store.setSample(1));
    await app.settle();
    expect(note()).toEqual(["101", "channel 0, row 0, column 1"]);
    // The same place, on the picture of each sample.
    expect(app.all(".kv-pointer-mark").map((mark) => mark.style.cssText)).toEqual([
      "left: 75%; top: 25%;",
      "left: 75%; top: 25%;",
    ]);
    act(() => {
      grid.dispatchEvent(new PointerEvent("pointerleave", { bubbles: true }));
    });
    await app.settle();
    expect(note()).toEqual([]);
    expect(app.all(".kv-pointer-mark")).toEqual([]);
  });
});
