import { describe, expect, it } from "vitest";
import { FakeDataSource } from "../testing/fake_data_source";
import { activationIndex, fakeRun, layerActivation } from "../testing/fake_logs";
import { createFakePage } from "../testing/fake_page";
import { until } from "../testing/until";
import { createStore, findStep } from "./store";

const LAYERS = [layerActivation("conv")];

function runWith(name: string, ...steps: number[]) {
  return fakeRun(
    name,
    steps.map((step) => activationIndex(step, LAYERS)),
  );
}

async function setUp(
  start: Record<string, string> = {},
  runs = [runWith("a", 10, 20)],
) {
  const page = createFakePage(start);
  const source = new FakeDataSource(runs);
  const store = createStore(source, page);
  await until(() => store.runs.value.state === "ready");
  return { page, source, store };
}

describe("findStep", () => {
  it("is the latest one up to the wanted one", () => {
    expect(findStep([10, 20, 30], 25)).toBe(20);
    expect(findStep([10, 20, 30], 30)).toBe(30);
    expect(findStep([10, 20, 30], null)).toBe(30);
    expect(findStep([10, 20], 5)).toBe(10);
    expect(findStep([], 5)).toBeNull();
  });
});

describe("the store", () => {
  it("takes the first run, and follows its latest step", async () => {
    const { store, page } = await setUp();
    expect(store.run.value).toBe("a");
    expect(store.steps.value).toEqual([0, 10, 20]);
    expect(store.currentStep.value).toBe(20);
    expect(Object.fromEntries(page.entries)).toEqual({ run: "a" });
  });

  it("starts where the address says", async () => {
    const { store } = await setUp({
      run: "a",
      step: "10",
      view: "activations",
      layer: "conv",
      sample: "1",
      channel: "2",
    });
    expect(store.currentStep.value).toBe(10);
    expect(store.view.value).toBe("activations");
    expect(store.layer.value).toBe("conv");
    expect(store.sample.value).toBe(1);
    expect(store.channel.value).toBe(2);
  });

  it("keeps an unknown run of the address, since it may come", async () => {
    const { store, source } = await setUp({ run: "later" });
    expect(store.runInfo.value).toBeNull();
    expect(store.steps.value).toEqual([]);
    source.list = [...source.list, runWith("later", 1)];
    store.reload();
    await until(() => store.runInfo.value !== null);
    expect(store.runInfo.value?.name).toBe("later");
  });

  it("steps through the captures where activations are shown", async () => {
    const run = runWith("a", 10, 20);
    const steps = { ...run.info.steps, model_graph: [0, 1], weights: [0, 5] };
    const { store } = await setUp({}, [{ ...run, info: { ...run.info, steps } }]);
    expect(store.steps.value).toEqual([0, 1, 5, 10, 20]);
    store.setView("activations");
    expect(store.steps.value).toEqual([0, 10, 20]);
  });

  it("writes every change into the address", async () => {
    const { store, page } = await setUp();
    store.setStep(10);
    store.setSample(1);
    store.selectLayer("conv", 1, 2);
    store.setChannel(0);
    store.setTable(true);
    expect(Object.fromEntries(page.entries)).toEqual({
      run: "a",
      step: "10",
      sample: "1",
      layer: "conv",
      call: "1",
      output: "2",
      channel: "0",
      table: "1",
    });
    expect(page.pushes).toBe(0);
  });

  it("leaves a way back when it goes to another view", async () => {
    const { store, page } = await setUp();
    store.openActivations("conv");
    expect(page.pushes).toBe(1);
    expect(store.view.value).toBe("activations");
    store.selectLayer("dense");
    expect(page.pushes).toBe(1);
    page.go({ run: "a" });
    expect(store.view.value).toBe("architecture");
    expect(store.layer.value).toBeNull();
    store.setView("architecture");
    store.setSample(1);
    expect(page.pushes).toBe(1);
  });

  it("goes from all layers to one, and to where it is in the model", async () => {
    const { store, page } = await setUp();
    store.setView("activations");
    store.setMode("attention");
    expect(page.pushes).toBe(2);
    expect(page.entries.get("mode")).toBe("attention");
    store.openActivations("block/attention", 1, 2, 3);
    expect(Object.fromEntries(page.entries)).toMatchObject({
      layer: "block/attention",
      call: "1",
      output: "2",
      channel: "3",
    });
    expect(page.entries.has("mode")).toBe(false);
    store.openArchitecture("block/attention", 1);
    expect(page.pushes).toBe(4);
    expect(page.entries.get("view")).toBeUndefined();
    expect(page.entries.get("layer")).toBe("block/attention");
  });

  it("forgets the channel of another layer only", async () => {
    const { store } = await setUp();
    store.selectLayer("conv");
    store.setChannel(3);
    store.selectLayer("conv");
    expect(store.channel.value).toBe(3);
    store.selectLayer("dense");
    expect(store.channel.value).toBeNull();
  });

  it("keeps the place at a reload, and follows the latest step if it did", async () => {
    const { store, source } = await setUp();
    store.selectLayer("conv");
    source.list = [runWith("a", 10, 20, 30)];
    store.reload();
    await until(() => store.steps.value.includes(30));
    expect(source.revalidations).toBe(1);
    expect(store.currentStep.value).toBe(30);
    expect(store.layer.value).toBe("conv");
    store.setStep(10);
    source.list = [runWith("a", 10, 20, 30, 40)];
    store.reload();
    await until(() => store.steps.value.includes(40));
    expect(store.currentStep.value).toBe(10);
  });

  it("keeps showing the runs while it reloads and when that fails", async () => {
    const { store, source } = await setUp();
    source.failures.set("runs", "TensorBoard does not answer.");
    store.reload();
    expect(store.runs.value.state).toBe("ready");
    await until(() => store.runs.value.state === "error");
    expect(store.runInfo.value?.name).toBe("a");
  });

  it("loads the graph of the step, once for steps that share it", async () => {
    const { store, source } = await setUp();
    await until(() => store.graph.value.state === "ready");
    store.setStep(10);
    await until(() => store.graph.value.state === "ready");
    expect(new Set(source.asked.filter((what) => what.startsWith("graph")))).toEqual(
      new Set(["graph a 0"]),
    );
  });

  it.each([
    "__proto__",
    "constructor",
    "<img src=x onerror=alert(1)>",
    "x".repeat(1e4),
  ])("takes the run %.30j like any other", async (name) => {
    const { store } = await setUp({ run: name }, [runWith(name, 1)]);
    expect(store.runInfo.value?.name).toBe(name);
    await until(() => store.graph.value.state === "ready");
  });
});
