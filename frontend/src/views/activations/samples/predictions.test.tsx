import { afterEach, describe, expect, it } from "vitest";
import type { FakeRun } from "../../../testing/fake_data_source";
import {
  activationIndex,
  fakeRun,
  layerActivation,
  tensor,
} from "../../../testing/fake_logs";
import { OpenedApp } from "../../../testing/opened_app";
import type { ModelOutput, ProbeIndex } from "../../../wire/generated";

const MEMBER = { blob: 1, offset: 0, length: 1 };
const output = (name: string, shape: number[]): ModelOutput => ({
  name,
  shape,
  dtype: "float32",
  member: MEMBER,
  cut: "",
});

function runWith(
  outputs: readonly ModelOutput[],
  values: (step: number, output: number) => number[],
  probe: Partial<ProbeIndex> = {},
): FakeRun {
  const captures = [0, 10, 20].map((step) =>
    activationIndex(step, [layerActivation("conv")], { outputs, measured_samples: 2 }),
  );
  const run = fakeRun("a", captures);
  return {
    ...run,
    probe: run.probe && { ...run.probe, labels: ["1", "0"], ...probe },
    modelOutput: (step, at) => {
      const shape = outputs[at]?.shape ?? [];
      return new Map([["values", tensor(Float32Array.from(values(step, at)), shape)]]);
    },
  };
}

const CLASSES = runWith([output("", [2, 3])], (step) =>
  step === 20 ? [0.1, 0.8, 0.1, 0.2, 0.7, 0.1] : [0.5, 0.25, 0.25, 0.5, 0.25, 0.25],
);

let app: OpenedApp;

afterEach(() => app.close());

async function open(run: FakeRun, start: Record<string, string> = {}) {
  app = await OpenedApp.open([run], { view: "activations", ...start });
}

const said = () => app.all(".kv-sample-said").map((one) => one.textContent);

describe("what the model says of each sample", () => {
  it("is its top class, right or wrong by a sign and a word", async () => {
    await open(CLASSES);
    expect(said()).toEqual(["right: 1 80%", "wrong: 1 70%"]);
    const signs = app.all(".kv-sample-said path").map((path) => path.getAttribute("d"));
    expect(new Set(signs).size).toBe(2);
    expect(app.all(".kv-sample")[1]?.title).toContain(
      "The model says class 1 (70%); the label is 0 (20%)",
    );
  });

  it("follows the step", async () => {
    await open(CLASSES, { step: "0" });
    expect(said()).toEqual(["wrong: 0 50%", "right: 0 50%"]);
  });

  it("is nothing in older logs", async () => {
    await open(fakeRun("a", [activationIndex(10, [layerActivation("conv")])]));
    expect(said()).toEqual([]);
    expect(app.text).not.toContain("Predictions");
  });

  it("is neither right nor wrong where labels are no classes", async () => {
    await open({
      ...CLASSES,
      probe: CLASSES.probe && { ...CLASSES.probe, labels: [] },
    });
    expect(said()).toEqual(["1 80%", "1 70%"]);
  });

  it("is of one output at a time", async () => {
    const outputs = [output("digit", [2, 3]), output("slant", [2, 1])];
    await open(
      runWith(outputs, (_, at) => (at === 0 ? [1, 0, 0, 0, 0, 1] : [2.5, -1])),
    );
    const picker = app.find<HTMLSelectElement>('[aria-label="Output of the model"]');
    expect([...picker.options].map((one) => one.textContent)).toEqual([
      "digit",
      "slant",
    ]);
    await app.choose(picker, "1");
    expect(said()).toEqual(["2.5", "-1"]);
  });
});

describe("the panel of predictions", () => {
  it("has the top classes, the label marked, and asks for every step", async () => {
    await open(CLASSES, { sample: "1" });
    expect(app.source.asked.filter((what) => what.startsWith("model output"))).toEqual([
      "model output a 20 0",
    ]);
    await app.click(app.button("Predictions"));
    const rows = app.all(".kv-top-classes li").map((row) => row.textContent);
    expect(rows).toEqual(["170%", "0label20%", "210%"]);
    expect(app.find(".kv-prediction-panel").textContent).toContain("3 captures");
    const asked = app.source.asked.filter((what) => what.startsWith("model output"));
    expect(new Set(asked)).toEqual(
      new Set([0, 10, 20].map((step) => `model output a ${step} 0`)),
    );
  });

  it("goes to a step by keys, and closes by Escape", async () => {
    await open(CLASSES);
    await app.click(app.button("Predictions"));
    const plot = app.find('[aria-label="Predictions over steps"]');
    await app.press(plot, "ArrowLeft");
    expect(app.store.step.value).toBe(10);
    await app.press(plot, "Escape");
    expect(app.all(".kv-prediction-panel")).toEqual([]);
  });

  it("says how many steps could not be read", async () => {
    await open(CLASSES);
    app.source.failures.set("model output a 0 0", "It is damaged.");
    await app.click(app.button("Predictions"));
    expect(app.find(".kv-prediction-panel").textContent).toContain(
      "3 captures; 1 could not be read",
    );
  });
});

describe("samples that are texts", () => {
  it("show their first words, and all of them on hover", async () => {
    const words = Array.from({ length: 60 }, (_, at) => `word${at}`);
    const probe = CLASSES.probe;
    const inputs = probe?.inputs.map((input) => ({
      ...input,
      picture: false,
      tokens: [words, ["<b>bold</b>", "", ""]],
    }));
    await open({ ...CLASSES, probe: probe && { ...probe, inputs: inputs ?? [] } });
    const texts = app.all(".kv-sample-text").map((one) => one.textContent);
    expect(texts[0]).toMatch(/^word0 word1 word2 /);
    expect(texts[0]?.length).toBeLessThanOrEqual(120);
    expect(texts[1]).toBe("<b>bold</b>");
    expect(app.all(".kv-sample")[0]?.title).toContain("word58 word59");
    expect(app.all("b")).toEqual([]);
  });
});
