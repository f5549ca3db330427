import { afterEach, describe, expect, it } from "vitest";
import type { FakeRun } from "../../testing/fake_data_source";
import { fakeRun } from "../../testing/fake_logs";
import { OpenedApp } from "../../testing/opened_app";
import {
  WEIGHT_CAPTURE_DEFAULTS,
  WEIGHT_INDEX_DEFAULTS,
  WEIGHT_STATS,
  type WeightCapture,
  type WeightIndex,
} from "../../wire/generated";
import type { Tensor, Tensors } from "../../wire/safetensors";

const STEPS = [0, 10];

function capture(path: string, shape: number[], change: Partial<WeightCapture> = {}) {
  return {
    ...WEIGHT_CAPTURE_DEFAULTS,
    path,
    shape,
    dtype: "float32",
    trainable: true,
    kept: shape.map(() => null),
    member: { blob: 1, offset: 0, length: 0 },
    cut: "",
    norm: 1,
    ...change,
  };
}

const KERNEL = capture("dense/kernel", [2, 3], {
  axes: [
    { name: "input", parts: [] },
    { name: "unit", parts: [] },
  ],
});
const VARIABLES: WeightCapture[] = [
  KERNEL,
  capture("dense/bias", [3], { norm: 5, nonfinite: 1, trainable: false }),
  capture("empty", [0, 3], { norm: null }),
  capture("large/kernel", [100, 100], { kept: [[0, 50], [7]], cut: "2x1 of 100x100" }),
];

const float64 = (values: number[]): Tensor => ({
  dtype: "F64",
  shape: [values.length],
  values: Float64Array.from(values),
});

/** Values 0, 1, 2, ... and ten more at each step. */
function dataOf(variables: readonly WeightCapture[], step: number, path: string) {
  const one = variables.find((each) => each.path === path) ?? KERNEL;
  const sizes = one.shape.map((size, axis) => one.kept[axis]?.length ?? size);
  const count = sizes.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: count }, (_, at) => at + step);
  const stats = new Float32Array(WEIGHT_STATS.length).fill(2);
  return new Map<string, Tensor>([
    ["values", { dtype: "F32", shape: sizes, values }],
    ["counts", { dtype: "I64", shape: [1], values: BigInt64Array.of(BigInt(count)) }],
    ["edges", float64([0, 16])],
    ["stats", { dtype: "F32", shape: [stats.length], values: stats }],
  ]);
}

function trend(): Tensors {
  const stats = new Float32Array(2 * WEIGHT_STATS.length).fill(2);
  return new Map<string, Tensor>([
    ["steps", float64(STEPS)],
    ["counts", float64([6, 6])],
    ["edges", float64([0, 4, 0, 4])],
    ["stats", { dtype: "F32", shape: [stats.length], values: stats }],
    ["changes", float64([Number.NaN, Number.NaN, 1, 1])],
    ["captures", float64([2])],
  ]);
}

function runOf(name: string, variables: readonly WeightCapture[]): FakeRun {
  const run = fakeRun(name, []);
  const index = (step: number): WeightIndex => ({
    ...WEIGHT_INDEX_DEFAULTS,
    version: 1,
    step,
    variables,
    skipped: [],
    raw_bytes: 0,
    budget_bytes: 0,
  });
  const paths = new TextEncoder().encode(
    JSON.stringify(variables.map(({ path }) => path)),
  );
  const table = (values: number[]): Tensor => ({
    dtype: "F32",
    shape: [variables.length, 2],
    values: Float32Array.from(values),
  });
  return {
    ...run,
    info: { ...run.info, steps: { ...run.info.steps, weights: STEPS } },
    weights: new Map(STEPS.map((step) => [step, index(step)])),
    weightData: (step, path) => dataOf(variables, step, path),
    weightTrend: trend,
    weightNorms: () =>
      new Map<string, Tensor>([
        ["steps", float64(STEPS)],
        ["norm", table(variables.flatMap(() => [1, 2]))],
        ["nonfinite", table(variables.flatMap(({ path }) => [+(path === "empty"), 0]))],
        ["paths", { dtype: "U8", shape: [paths.length], values: paths }],
      ]),
  };
}

let app: OpenedApp;
afterEach(() => app.close());

async function open(start: Record<string, string> = {}, failures = {}) {
  const runs = [
    runOf("a", VARIABLES),
    runOf("other", [capture("dense/kernel", [4, 4])]),
    fakeRun("bare", []),
  ];
  app = await OpenedApp.open(runs, { view: "weights", run: "a", ...start }, failures);
}

const names = () => app.all(".kv-weight-name").map(({ textContent }) => textContent);
const readout = () => app.find(".kv-weight-readout").textContent;

describe("the list of variables", () => {
  it("marks what is not finite, now or in another capture", async () => {
    await open();
    expect(names()).toEqual(["kernel", "×bias", "×empty", "kernel"]);
    const [now, before] = app.all(".kv-weight-mark").map(({ title }) => title);
    expect(now).toBe("1 of its values are NaN or infinite");
    expect(before).toContain("in another capture");
  });

  it("asks for the curves of all variables at once", async () => {
    await open();
    expect(app.source.asked.filter((one) => one.includes("norms"))).toEqual([
      "weight norms a",
    ]);
  });

  it("shows whole paths in another order, and keeps it in the address", async () => {
    await open();
    const order = app.find<HTMLSelectElement>("[aria-label='Order of the variables']");
    await app.choose(order, "norm");
    expect(names()).toEqual(["×dense/bias", "dense/kernel", "large/kernel", "×empty"]);
    expect(app.page.entries.get("weights_order")).toBe("norm");
    await app.click(app.button("Turn the order round"));
    expect(names()).toEqual(["dense/kernel", "large/kernel", "×dense/bias", "×empty"]);
  });

  it("says that nothing is found", async () => {
    await open({ weights_find: "nothing like that" });
    expect(app.text).toContain("No variable has that in its path");
  });

  it("still has its rows where the curves could not be had", async () => {
    await open({}, { "weight norms": "The log is gone." });
    expect(names()).toHaveLength(4);
  });
});

describe("the values of a variable", () => {
  it("are said exactly, by what the axes stand for", async () => {
    await open({ variable: "dense/kernel", step: "10" });
    const grid = app.find("[role=grid]");
    await app.press(grid, "ArrowDown");
    await app.press(grid, "ArrowDown");
    await app.press(grid, "End");
    expect(readout()).toBe("15, input 1, unit 2, index [1, 2]");
    // It stays where it is while the steps go by.
    await app.press(app.find("[aria-label='Histograms over steps']"), "ArrowLeft");
    expect(readout()).toBe("5, input 1, unit 2, index [1, 2]");
  });

  it("are those of the whole variable where some were kept", async () => {
    await open({ variable: "large/kernel", step: "0" });
    await app.press(app.find("[role=grid]"), "ArrowDown");
    await app.press(app.find("[role=grid]"), "ArrowDown");
    expect(readout()).toBe("1, axis 0: 50, axis 1: 7, index [50, 7]");
    expect(app.text).toContain("of this one it kept 2x1 of 100x100, evenly spaced");
  });

  it("are not there in an empty one, and neither is anything over steps", async () => {
    await open({ variable: "empty" });
    expect(app.text).toContain("It has no values: one of its axes is empty.");
    expect(app.text).not.toContain("Statistics over steps");
  });

  it("are the difference to the capture before", async () => {
    await open({ variable: "dense/kernel", step: "10", weights_vs: "previous" });
    expect(app.text).toContain("Step 10 minus step 0.");
    await app.press(app.find("[role=grid]"), "ArrowDown");
    expect(readout()).toBe("difference 10, 10, was 0, input 0, unit 0, index [0, 0]");
  });

  it("have none before the first capture", async () => {
    await open({ variable: "dense/kernel", step: "0", weights_vs: "previous" });
    expect(app.text).toContain("there is none before it to compare with");
  });

  it("cannot be compared with another shape, which is said", async () => {
    await open({ variable: "dense/kernel", weights_vs: "run:other" });
    expect(app.text).toContain('The run "other" has another shape of it, (4, 4)');
  });

  it("cannot be compared with a run without weights, which is said", async () => {
    await open({ variable: "dense/kernel", weights_vs: "run:bare" });
    expect(app.text).toContain('No weights were captured of the run "bare".');
  });
});
