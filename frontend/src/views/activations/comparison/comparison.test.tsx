import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { activationParts } from "../../../testing/activation_of";
import type { FakeRun } from "../../../testing/fake_data_source";
import { activationIndex, fakeRun } from "../../../testing/fake_logs";
import { OpenedApp } from "../../../testing/opened_app";
import type { LayerActivation, ProbeIndex } from "../../../wire/generated";
import { presentation } from "../presentation";

const NAN = Number.NaN;

/** Values of a layer's channels, by run, step and sample. */
type Values = (step: number, sample: number) => number[][];

function runOf(
  name: string,
  steps: number[],
  values: Values,
  change: Partial<LayerActivation> = {},
  probe: Partial<ProbeIndex> = {},
): FakeRun {
  const parts = (step: number, sample: number) =>
    activationParts(values(step, sample), { path: "conv", ...change });
  const captures = steps.map((step) => activationIndex(step, [parts(step, 0).entry]));
  const run = fakeRun(name, captures);
  return {
    ...run,
    probe: run.probe === null ? null : { ...run.probe, ...probe },
    activationData: (step, key) => parts(step, key.sample).tensors,
  };
}

const RUN = runOf("a", [0, 10, 20], (step, sample) => [
  [0, 1, 2 + step + 100 * sample],
  [1, 1, 1],
  [0, step === 0 ? NAN : 3, 3],
]);

let app: OpenedApp;

afterEach(() => {
  app.close();
  presentation.value = "maps";
});

async function open(start: Record<string, string> = {}, runs: FakeRun[] = [RUN]) {
  app = await OpenedApp.open(runs, { view: "activations", layer: "conv", ...start });
}

function tiles(): (string | null)[] {
  return app.all(".kv-tile").map((tile) => tile.getAttribute("aria-label"));
}

const legend = () => app.find(".kv-color-bar").getAttribute("aria-label");

describe("two steps", () => {
  it("are picked, and shown with one scale for both", async () => {
    await open();
    expect(legend()).toBe("Colours from 0 to 22");
    await app.choose(app.find("#kv-compare"), "step:first");
    expect(app.page.entries.get("vs")).toBe("step:first");
    expect(app.find(".kv-sides").textContent).toBe("Aleft: step 0Bright: step 20");
    expect(tiles()[0]).toBe("A Channel 0, 0 to 2; B Channel 0, 0 to 22");
    expect(legend()).toBe("Colours from 0 to 22");
    expect(app.text).not.toContain("A and B are the same");
    act(() => app.store.setStep(0));
    await app.settle();
    expect(tiles()[0]).toBe("A Channel 0, 0 to 2; B Channel 0, 0 to 2");
    expect(app.text).toContain("A and B are the same");
    await app.choose(app.find("#kv-compare"), "");
    expect(app.page.entries.has("vs")).toBe(false);
    expect(app.all(".kv-sides")).toEqual([]);
  });

  it("are subtracted, with a scale of their own", async () => {
    await open({ vs: "step:previous" });
    await app.click(app.button("difference"));
    expect(app.page.entries.get("difference")).toBe("1");
    expect(app.find(".kv-sides").textContent).toContain("step 20 minus step 10");
    expect(legend()).toBe("Colours of B \u2212 A from -10 to 10, zero in the middle");
    expect(app.find(".kv-legend").textContent).toContain(
      "2 of 3 differ by one value everywhere, 2 not at all",
    );
  });

  it("have a table of the one that is selected, and it says so", async () => {
    await open({ vs: "step:first" });
    await app.click(app.button("Statistics"));
    expect(app.find(".kv-sides").textContent).toContain(
      "step 20: the table is of this",
    );
    expect(app.find("tbody td:nth-child(3)").textContent).toBe("22");
  });

  it("are marked where either is no number", async () => {
    await open({ vs: "step:first", difference: "1" });
    const marks = app.find(".kv-legend").textContent;
    expect(marks).toContain("NaN in A or B");
    expect(marks).toContain("! 1 of 3 with non-finite values");
  });

  it("are ordered by what differs most", async () => {
    await open({ vs: "step:10", order: "difference" });
    expect(tiles().map((label) => label?.slice(0, 11))).toEqual([
      "A Channel 0",
      "A Channel 1",
      "A Channel 2",
    ]);
    await open({ vs: "step:10" });
    expect(app.find("#kv-order").textContent).toContain("difference to A");
  });

  it("are not compared before the first one, and it says so", async () => {
    await open({ vs: "step:previous", step: "0" });
    expect(app.text).toContain("There is no capture before step 0.");
    expect(tiles()[0]).toBe("Channel 0, 0 to 2");
  });
});

describe("two samples", () => {
  it("are named by their labels", async () => {
    await open({ vs: "sample:1" });
    expect(app.find(".kv-sides").textContent).toBe(
      "Aleft: sample 1 (dog)Bright: sample 0 (cat)",
    );
    expect(tiles()[0]).toBe("A Channel 0, 0 to 122; B Channel 0, 0 to 22");
    expect(app.source.asked).toContain("data a 20 conv 0 0 1");
  });

  it("are not compared where there is no such sample", async () => {
    await open({ vs: "sample:7" });
    expect(app.text).toContain("keeps 2 samples: there is no sample 7");
  });
});

describe("two runs", () => {
  const other = (change: Partial<LayerActivation> = {}, digest = "") =>
    runOf("b", [5], () => [[9], [9], [9], [9]].slice(0, change.channels ?? 3), change, {
      digest,
    });
  const same: Values = () => [
    [7, 7, 7],
    [1, 2, 3],
    [0, 0, 0],
  ];

  it("are aligned by the path of the layer, at the last step up to this one", async () => {
    await open({ vs: "run:b" }, [RUN, runOf("b", [5, 15], same)]);
    expect(app.find(".kv-sides").textContent).toBe(
      "Aleft: b, step 15Bright: a, step 20",
    );
    expect(tiles()[0]).toBe("A Channel 0, constant 7; B Channel 0, 0 to 22");
    expect(app.text).toContain('"b" has no capture at step 20: its step 15 is shown.');
    const picker = app.find<HTMLSelectElement>("#kv-compare");
    expect([...picker.options].map((one) => one.value)).toContain("run:b");
    expect([...picker.options].map((one) => one.value)).not.toContain("run:a");
  });

  it("may have a range that is the same at every step of both", async () => {
    const [a, b] = [
      [-1, 2, 0, 0, 0, 0],
      [0, 50, 0, 0, 0, 0],
    ];
    const runs = [
      runOf("a", [0, 20], same, { summary: a }),
      runOf("b", [0, 20], same, { summary: b }),
    ];
    await open({ range: "pinned" }, runs);
    expect(legend()).toBe("Colours from -2 to \u2265 2, zero in the middle");
    await app.choose(app.find("#kv-compare"), "run:b");
    expect(legend()).toBe("Colours from -50 to 50, zero in the middle");
    await app.click(app.button("difference"));
    expect(legend()).toBe("Colours of B \u2212 A from -51 to 51, zero in the middle");
  });

  it("say that their probes differ, if both tell", async () => {
    const warning = 'The probe of "b" is another one';
    const one = runOf("a", [20], same, {}, { digest: "x" });
    await open({ vs: "run:b" }, [one, runOf("b", [20], same, {}, { digest: "y" })]);
    expect(app.text).toContain(warning);
    app.close();
    await open({ vs: "run:b" }, [one, runOf("b", [20], same, {}, { digest: "x" })]);
    expect(app.text).not.toContain(warning);
    app.close();
    await open({ vs: "run:b" }, [one, runOf("b", [20], same)]);
    expect(app.text).not.toContain(warning);
  });

  it("are shown beside each other with other shapes, but have no difference", async () => {
    const shape = { channels: 4, kept_channels: [0, 1, 2, 3], shape: [2, 1, 1, 4] };
    await open({ vs: "run:b", difference: "1" }, [RUN, other(shape)]);
    expect(app.text).toContain("There is no difference to show");
    expect(app.text).toContain("(2, 1, 1, 4) there and (2, 1, 3, 3) here");
    expect(tiles()[0]).toBe("A Channel 0, constant 9; B Channel 0, 0 to 22");
  });

  it("say which layer the other does not have", async () => {
    await open({ vs: "run:b" }, [RUN, runOf("b", [5], same, { path: "dense" })]);
    expect(app.text).toContain(
      'There is no layer conv in the capture of "b" at step 5. Layers are matched by their path.',
    );
    expect(tiles()[0]).toBe("Channel 0, 0 to 22");
  });

  it("say which run there is not", async () => {
    await open({ vs: "run:gone" });
    expect(app.text).toContain('There is no run "gone" here.');
  });

  it("say what went wrong on the way, and keep what is there", async () => {
    const b = runOf("b", [5], same);
    app = await OpenedApp.open([RUN, b], { view: "activations", layer: "conv" });
    app.source.failures.set("data b", "The activation is damaged.");
    await app.choose(app.find("#kv-compare"), "run:b");
    expect(app.find("[role=alert]").textContent).toContain(
      "The activation is damaged.",
    );
    expect(tiles()[0]).toBe("Channel 0, 0 to 22");
  });
});

describe("one channel", () => {
  it("is shown large on both sides, with statistics of both", async () => {
    await open({ vs: "step:first", channel: "0" });
    expect(app.all(".kv-pair figcaption").map((one) => one.textContent)).toEqual([
      "A step 0",
      "B step 20",
    ]);
    const rows = app
      .all(".kv-pair-table tbody tr")
      .map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows[1]).toEqual(["max", "2", "22", "+20"]);
    await app.press(app.find(".kv-detail"), "ArrowRight");
    expect(app.store.channel.value).toBe(1);
    await app.press(app.find(".kv-detail"), "Escape");
    expect(app.store.channel.value).toBeNull();
  });

  it("is shown as the difference", async () => {
    await open({ vs: "step:first", channel: "0", difference: "1" });
    expect(app.all(".kv-pair-side")).toHaveLength(1);
    expect(legend()).toBe("Colours of B \u2212 A from -20 to 20, zero in the middle");
  });
});

describe("other kinds of layers", () => {
  const units: Values = (step) => [[step], [1], [NAN]];

  it("compare the units of a vector on one axis", async () => {
    const vector = { kind: "vector" as const, shape: [2, 3] };
    await open({ vs: "step:first", channel: "0" }, [
      runOf("a", [0, 20], units, vector),
    ]);
    expect(app.all("[role=slider]")).toHaveLength(2);
    expect(app.find(".kv-unit-facts").textContent).toBe(
      "unit 0: 20 (A, step 0: 0; B, step 20: 20; B \u2212 A: 20)",
    );
    await app.click(app.button("difference"));
    expect(app.find("[role=slider]").getAttribute("aria-valuetext")).toBe("unit 0: 20");
  });

  it("compare sequences beside each other", async () => {
    const sequence = { kind: "sequence" as const, shape: [2, 3, 3] };
    const lines: Values = (step) => [
      [0, step, 1],
      [1, 2, 3],
      [0, 0, 0],
    ];
    await open({ vs: "step:first" }, [runOf("a", [0, 20], lines, sequence)]);
    expect(app.all("[aria-label='3 units over 3 time steps']")).toHaveLength(2);
    await app.click(app.button("difference"));
    expect(app.all("[aria-label='3 units over 3 time steps']")).toHaveLength(1);
    act(() => app.store.setChannel(0));
    await app.settle();
    expect(app.find(".kv-detail").getAttribute("aria-label")).toBe("unit 0, compared");
  });
});
