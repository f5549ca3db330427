import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLayer, createModel } from "../../../model/test_graphs";
import { activationParts } from "../../../testing/activation_of";
import type { FakeRun } from "../../../testing/fake_data_source";
import {
  activationIndex,
  fakeRun,
  modelGraph,
  tensor,
} from "../../../testing/fake_logs";
import { OpenedApp } from "../../../testing/opened_app";
import {
  ACTIVATION_STATS,
  type LayerActivation,
  type ModelGraph,
  type UnitTrend,
  WEIGHT_CAPTURE_DEFAULTS,
  WEIGHT_INDEX_DEFAULTS,
  type WeightIndex,
} from "../../../wire/generated";
import { cellEdges, overlayOpacity, rankBy } from "./channel_options";

const MEMBER = { blob: 1, offset: 0, length: 1 };
const SAMPLES = 3;

/** A 2 x 2 map of two channels: sample s has its highest value, s or 9 - s. */
function parts(sample: number, change: Partial<LayerActivation> = {}) {
  const maps = [
    [0, 1, 2, 3 + sample],
    [0, 0, 0, 9 - sample],
  ];
  return activationParts(maps, {
    full_map: [2, 2],
    kept_map: [2, 2],
    units: MEMBER,
    ...change,
  });
}

function graph(className = "Conv2D"): ModelGraph {
  const variable = (name: string, shape: number[]) => ({
    path: `conv/${name}`,
    name,
    shape,
    dtype: "float32",
    trainable: true,
    params: 1,
    initializer: "",
    regularizer: "",
  });
  const model = createModel(
    [
      createLayer({ path: "image", class_name: "InputLayer", kind: "input" }),
      createLayer({
        path: "conv",
        class_name: className,
        config: { kernel_size: [1, 1], strides: [1, 1], padding: "valid" },
        variables: [variable("kernel", [1, 1, 3, 2]), variable("bias", [2])],
      }),
    ],
    [
      ["image", null],
      ["conv", null],
    ],
    [[0, 1]],
  );
  const nodes = model.nodes.map((node) => ({
    ...node,
    output_shapes: [[null, 2, 2, 1]],
  }));
  return { ...model, nodes };
}

const TREND: UnitTrend = {
  version: 2,
  steps: [0, 10, 20],
  columns: ACTIVATION_STATS,
  values: [
    [0, 0, 0],
    [1, 2, 3],
    [0.5, 0.75, 1],
    [0.1, 0.1, 0.1],
    [0.5, 0.25, "NaN"],
    [0, 0, 0],
  ],
  cut: "",
};

function weights(step: number): WeightIndex {
  const capture = (path: string, shape: number[]) => ({
    ...WEIGHT_CAPTURE_DEFAULTS,
    path,
    shape,
    dtype: "float32",
    trainable: true,
    kept: shape.map(() => null),
    member: MEMBER,
    cut: "",
  });
  return {
    ...WEIGHT_INDEX_DEFAULTS,
    version: 2,
    step,
    variables: [capture("conv/kernel", [1, 1, 3, 2]), capture("conv/bias", [2])],
    skipped: [],
    raw_bytes: 0,
    budget_bytes: 0,
  };
}

function runWith(
  change: Partial<FakeRun> = {},
  entry: Partial<LayerActivation> = {},
): FakeRun {
  const captures = [0, 10, 20].map((step) =>
    activationIndex(step, [parts(0, entry).entry], {
      samples: SAMPLES,
      probe_samples: SAMPLES,
      measured_samples: SAMPLES,
    }),
  );
  const run = fakeRun("a", captures);
  const probe = run.probe === null ? null : { ...run.probe, labels: ["x", "y", "z"] };
  return {
    ...run,
    info: { ...run.info, steps: { ...run.info.steps, weights: [0, 15] } },
    graphs: new Map([[0, graph()]]),
    probe,
    activationData: (_, key) => parts(key.sample, entry).tensors,
    activationUnits: () =>
      new Map([
        [
          "stats",
          tensor(Float32Array.of(0, 5, 1.5, 1, 0.25, 0, 0, 9, 2, 3, 0.75, 0), [2, 6]),
        ],
        [
          "histogram",
          { dtype: "U32", shape: [2, 2], values: Uint32Array.of(9, 3, 9, 3) },
        ],
      ]),
    unitTrend: () => TREND,
    weights: new Map([0, 15].map((step) => [step, weights(step)])),
    weightData: (_, variable) =>
      variable.endsWith("bias")
        ? new Map([["values", tensor(Float32Array.of(0.5, -0.25))]])
        : new Map([
            ["values", tensor(Float32Array.of(1, 10, 2, 20, 3, 30), [1, 1, 3, 2])],
          ]),
    ...change,
  };
}

let app: OpenedApp;
let saved: { name: string; blob: Blob }[] = [];

beforeEach(() => {
  saved = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    saved.push({ name: "", blob: blob as Blob });
    return "blob:test";
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    const last = saved.at(-1);
    if (last !== undefined) {
      last.name = this.download;
    }
  });
});

afterEach(() => {
  app.close();
  overlayOpacity.value = 60;
  cellEdges.value = "sharp";
  rankBy.value = "max";
});

async function open(start: Record<string, string> = {}, run = runWith()) {
  const place = { view: "activations", layer: "conv", channel: "0", ...start };
  app = await OpenedApp.open([run], place);
}

const section = (name: string) => app.find(`section[aria-label="${name}"]`);
const ranked = () =>
  app.all(".kv-rank-tile, .kv-rank-row").map((tile) => tile.getAttribute("aria-label"));

describe("the samples that excite a channel", () => {
  it("come with the strongest first, by its max or its mean", async () => {
    await open();
    expect(ranked()).toEqual([
      "z: 5, ranked 1 of 3",
      "y: 4, ranked 2 of 3",
      "x: 3, ranked 3 of 3",
    ]);
    await app.click(app.button("mean"));
    expect(ranked()[0]).toBe("z: 2, ranked 1 of 3");
    await open({ channel: "1" });
    expect(ranked()[0]).toBe("x: 2.25, ranked 1 of 3");
  });

  it("are gone to by a click, and walked by the arrow keys", async () => {
    await open();
    const tiles = app.all<HTMLButtonElement>(".kv-rank-tile");
    await app.click(tiles[0] as HTMLButtonElement);
    expect(app.store.sample.value).toBe(2);
    expect(tiles[0]?.getAttribute("aria-pressed")).toBe("true");
    tiles[0]?.focus();
    await app.press(tiles[0] as HTMLButtonElement, "ArrowRight");
    expect(document.activeElement).toBe(tiles[1]);
    // Elsewhere the same key goes to another channel.
    expect(app.store.channel.value).toBe(0);
  });

  it("are shown although one of them cannot be read", async () => {
    await open();
    app.source.failures.set("data a 20 conv 0 0 1", "It is damaged.");
    app.source.asked.length = 0;
    app.store.reload();
    await app.settle();
    expect(ranked().length).toBe(2);
    expect(section("Samples by what excites it").textContent).toContain(
      "1 of 3 could not be read",
    );
  });

  it("are bars where the map was not kept", async () => {
    await open({}, runWith({}, { kept_channels: [1], cut: "1 of 2 channels" }));
    expect(app.all(".kv-rank-row").length).toBe(3);
    expect(app.text).toContain("were left out of the capture (1 of 2 channels)");
  });
});

describe("the map over its picture", () => {
  it("says that it is aligned, and how", async () => {
    await open();
    const note = app.find(".kv-stage-note");
    expect(note.textContent).toContain("aligned: 1 value per 1 x 1 px, sees 1 x 1");
  });

  it("says why it is stretched", async () => {
    await open({}, runWith({ graphs: new Map([[0, graph("Permute")]]) }));
    const note = app.find(".kv-stage-note");
    expect(note.textContent).toBe("stretched over the picture");
    expect(note.title).toContain("Permute (conv) does not keep rows and columns");
  });

  it("has an opacity and edges that are remembered", async () => {
    await open();
    await app.type(app.find<HTMLInputElement>("#kv-opacity"), "20");
    await app.click(app.button("Smooth"));
    expect([overlayOpacity.value, cellEdges.value]).toEqual([20, "smooth"]);
    expect(localStorage.getItem("tb_kerasviz.overlay_opacity")).toBe("20");
    // The arrows move the slider, and do not leave the channel.
    await app.press(app.find("#kv-opacity"), "ArrowRight");
    expect(app.store.channel.value).toBe(0);
  });

  it("is alone where the probe has no pictures", async () => {
    const run = runWith();
    const probe = run.probe && {
      ...run.probe,
      inputs: run.probe.inputs.map((input) => ({ ...input, picture: false })),
    };
    await open({}, { ...run, probe });
    expect(app.all(".kv-stage-note")).toEqual([]);
    expect(app.all("#kv-opacity")).toEqual([]);
  });
});

describe("the statistics", () => {
  it("are of this sample beside those of all", async () => {
    await open();
    const rows = app
      .all(".kv-facts tr")
      .map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows[0]).toEqual(["Statistics", "this sample", "all 3"]);
    expect(rows[2]).toEqual(["max", "3", "5"]);
    expect(rows[5]).toEqual(["zeros", "25%", "25%"]);
  });

  it("are of this sample alone in older logs", async () => {
    await open({}, runWith({}, { units: null }));
    const head = app.all(".kv-facts thead th").map((cell) => cell.textContent);
    expect(head).toEqual(["Statistics", "this sample"]);
    expect(app.source.asked.filter((what) => what.startsWith("unit trend"))).toEqual(
      [],
    );
    expect(app.all('section[aria-label="Over steps"]')).toEqual([]);
    expect(section("Distribution").textContent).toContain("in what is drawn");
  });

  it("say that a unit is dead for all samples", async () => {
    const dead = {
      activationUnits: () =>
        new Map([
          ["stats", tensor(new Float32Array(12), [2, 6])],
          ["histogram", { dtype: "U32", shape: [2, 2], values: new Uint32Array(4) }],
        ]),
    };
    await open({}, runWith(dead));
    expect(section("Statistics").textContent).toContain(
      "Zero for all 3 samples of the probe",
    );
  });
});

describe("the course over steps", () => {
  it("has a plot per statistic, and goes to a step by keys", async () => {
    await open();
    const plots = app.all('section[aria-label="Over steps"] [role="slider"]');
    expect(plots.map((plot) => plot.getAttribute("aria-label"))).toEqual([
      "mean over steps",
      "zeros over steps",
    ]);
    expect(section("Over steps").textContent).toContain(
      "std0.1the same at all 3 steps",
    );
    const mean = plots[0] as HTMLElement;
    expect(mean.getAttribute("aria-valuetext")).toBe("1 at step 20");
    await app.press(mean, "ArrowLeft");
    expect(app.store.step.value).toBe(10);
    await app.press(mean, "Home");
    expect(app.store.step.value).toBe(0);
    expect(app.store.channel.value).toBe(0);
  });
});

describe("the incoming weights", () => {
  const text = () => section("Incoming weights").textContent ?? "";

  it("are those of the last capture up to the shown step", async () => {
    await open({ channel: "1" });
    expect(text()).toContain("of step 15");
    expect(text()).toContain("3 inputs");
    expect(text()).toContain("bias -0.25");
    const bars = app.all(".kv-kernel-bars li").map((bar) => bar.textContent);
    expect(bars).toEqual(["input 230", "input 120", "input 010"]);
    await open({ channel: "1", step: "10" });
    expect(text()).toContain("of step 0");
  });

  it("say how to log them where there are none", async () => {
    const run = runWith();
    const { weights: _, ...steps } = run.info.steps;
    await open({}, { ...run, info: { ...run.info, steps } });
    expect(text()).toContain('KerasViz(..., weights="epoch")');
  });

  it("say when the first ones come", async () => {
    const run = runWith();
    const steps = { ...run.info.steps, weights: [15] };
    await open({ step: "10" }, { ...run, info: { ...run.info, steps } });
    expect(text()).toContain("The first capture of weights is at step 15.");
  });

  it("say that this channel's were not kept", async () => {
    const index = weights(15);
    const variables = index.variables.map((one) =>
      one.path === "conv/kernel"
        ? { ...one, kept: [null, null, null, [1]], cut: "1x1x3x1 of 1x1x3x2" }
        : one,
    );
    const only = tensor(Float32Array.of(10, 20, 30), [1, 1, 3, 1]);
    await open(
      {},
      runWith({
        weights: new Map([[15, { ...index, variables }]]),
        weightData: () => new Map([["values", only]]),
      }),
    );
    expect(text()).toContain(
      "the capture kept 1x1x3x1 of 1x1x3x2, and not these weights",
    );
  });

  it("are nothing for layers without a kernel", async () => {
    await open({}, runWith({ graphs: new Map([[0, graph("ReLU")]]) }));
    expect(app.all('section[aria-label="Incoming weights"]')).toEqual([]);
    await open({}, runWith({ graphs: new Map([[0, modelGraph("a")]]) }));
    expect(app.all('section[aria-label="Incoming weights"]')).toEqual([]);
  });
});

describe("files", () => {
  it("of a channel are one click away", async () => {
    await open();
    await app.click(app.button("Save this channel as safetensors"));
    await app.click(app.button("Save this channel as NPZ"));
    await app.click(app.button("Save this channel as CSV"));
    await vi.waitFor(() => expect(saved.length).toBe(3));
    // The compressed one may be ready after the others.
    expect(saved.map(({ name }) => name).sort()).toEqual([
      "a_conv_channel-0_sample-0_step-20.npz",
      "a_conv_channel-0_sample-0_step-20.safetensors",
      "a_conv_channel-0_step-20.csv",
    ]);
    const table = await saved.find(({ name }) => name.endsWith("csv"))?.blob.text();
    expect(table?.split("\r\n").slice(0, 2)).toEqual([
      "step,min,max,mean,std,zero_fraction,nonfinite",
      "0,0,1,0.5,0.1,0.5,0",
    ]);
  });

  it("of a layer are one click away", async () => {
    app = await OpenedApp.open([runWith()], { view: "activations", layer: "conv" });
    await app.click(app.button("Save this layer as CSV"));
    await vi.waitFor(() => expect(saved.length).toBe(1));
    expect(saved[0]?.name).toBe("a_conv_sample-0_step-20.csv");
    const lines = (await saved[0]?.blob.text())?.split("\r\n");
    expect(lines?.length).toBe(4);
    expect(lines?.[1]).toMatch(/^0,yes,0,3,/);
  });

  it("that cannot be made say so", async () => {
    await open();
    await app.click(app.button("Save this channel as PNG"));
    expect(app.find(".kv-save [role=alert]").textContent).toContain(
      "PNG could not be saved: this browser cannot draw",
    );
  });
});

describe("a unit of a vector", () => {
  const vector: Partial<LayerActivation> = {
    kind: "vector",
    full_map: [1, 1],
    kept_map: [1, 1],
    shape: [SAMPLES, 2],
  };

  it("has its value, its samples and its files beside the bars", async () => {
    const run = runWith({
      activationData: (_, key) =>
        activationParts([[3 + key.sample], [1]], { units: MEMBER, ...vector }).tensors,
    });
    const captures = [...run.activations].map(
      ([step, index]): [number, typeof index] => [
        step,
        {
          ...index,
          layers: [activationParts([[0], [0]], { units: MEMBER, ...vector }).entry],
        },
      ],
    );
    await open({}, { ...run, activations: new Map(captures) });
    expect(ranked()).toEqual([
      "z: 5, ranked 1 of 3",
      "y: 4, ranked 2 of 3",
      "x: 3, ranked 3 of 3",
    ]);
    expect(section("Statistics").textContent).toContain("value3");
    expect(app.button("Save this unit as NPZ")).toBeDefined();
    // The keys go on to the next unit, and the bars keep the focus.
    const bars = app.find('.kv-unit-body [role="slider"]');
    bars.focus();
    await app.press(bars, "ArrowRight");
    expect(app.store.channel.value).toBe(1);
    expect(document.activeElement).toBe(bars);
    expect(bars.isConnected).toBe(true);
  });
});

describe("a unit of a sequence", () => {
  it("says under the pointer which token is at a time step", async () => {
    const sequence: Partial<LayerActivation> = {
      kind: "sequence",
      full_map: [1, 3],
      kept_map: [1, 3],
      shape: [SAMPLES, 3, 1],
    };
    const made = activationParts([[5, 6, 5]], { units: null, ...sequence });
    const run = runWith({ activationData: () => made.tensors });
    const captures = [...run.activations].map(
      ([step, index]): [number, typeof index] => [
        step,
        { ...index, layers: [made.entry] },
      ],
    );
    const probe = run.probe && {
      ...run.probe,
      inputs: run.probe.inputs.map((input) => ({
        ...input,
        picture: false,
        tokens: [["the", "cat", ""], [], []],
      })),
    };
    await open({}, { ...run, probe, activations: new Map(captures) });
    const plot = app.find(".kv-detail-map .kv-fill");
    vi.spyOn(plot, "getBoundingClientRect").mockReturnValue(
      new DOMRect(0, 0, 800, 400),
    );
    act(() => {
      plot.dispatchEvent(
        new PointerEvent("pointermove", { clientX: 420, clientY: 50, bubbles: true }),
      );
    });
    await app.settle();
    const said = [...app.find(".kv-hover-tip").children].map((one) => one.textContent);
    expect(said).toEqual(["6", "time step 1", "\u201ccat\u201d"]);
  });
});
