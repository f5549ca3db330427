import { afterEach, describe, expect, test } from "vitest";
import { FakeDataSource } from "../testing/fake_data_source";
import { fakeRun } from "../testing/fake_logs";
import { createFakePage } from "../testing/fake_page";
import { until } from "../testing/until";
import { followStatistics, followTrend } from "./layer_statistics";
import { createStore } from "./store";

const undo: (() => void)[] = [];

afterEach(() => {
  for (const action of undo.splice(0)) {
    action();
  }
});

async function setUp(
  steps: Readonly<Record<string, readonly number[]>>,
  address: Record<string, string> = {},
) {
  const run = fakeRun("r", []);
  const source = new FakeDataSource([{ ...run, info: { ...run.info, steps } }]);
  const store = createStore(source, createFakePage({ run: "r", ...address }));
  undo.push(store.dispose);
  await until(() => store.runInfo.value !== null);
  const asked = (what: string) => source.asked.filter((one) => one.startsWith(what));
  return { store, asked };
}

describe("statistics of all layers", () => {
  test("are asked for only while layers are coloured by one", async () => {
    const { store, asked } = await setUp({ model_graph: [0], dynamics: [1, 9] });
    const followed = followStatistics(store);
    undo.push(followed.dispose);
    store.setColor("params");
    expect(followed.value.value.state).toBe("idle");
    store.setColor("grad_norm_mean");
    await until(() => followed.value.value.state === "ready");
    store.setColor("weight_norm");
    expect(asked("statistics")).toEqual(["statistics r 9"]);
  });

  test("follow the step, or else the latest of anything", async () => {
    const steps = { model_graph: [0, 4], activations: [2, 6], dynamics: [1, 11] };
    const { store, asked } = await setUp(steps, { color: "grad_norm_max" });
    const followed = followStatistics(store);
    undo.push(followed.dispose);
    await until(() => followed.value.value.state === "ready");
    store.setStep(4);
    await until(() => followed.value.value.state === "ready");
    expect(asked("statistics")).toEqual(["statistics r 11", "statistics r 4"]);
  });
});

test("steps that only have statistics can be gone to, where they are shown", async () => {
  const steps = { model_graph: [0], activations: [4], weights: [6], dynamics: [1, 11] };
  const { store } = await setUp(steps);
  expect(store.steps.value).toEqual([0, 1, 4, 6, 11]);
  store.setView("activations");
  expect(store.steps.value).toEqual([0, 4]);
});

describe("the trend of a layer", () => {
  test("is not asked for where nothing can have been logged", async () => {
    const { store, asked } = await setUp({ model_graph: [0] });
    const followed = followTrend(store, "conv");
    undo.push(followed.dispose);
    expect(followed.value.value.state).toBe("idle");
    expect(asked("trend")).toEqual([]);
  });

  test("is that of the run and layer", async () => {
    const { store, asked } = await setUp({ model_graph: [0], weights: [1] });
    const followed = followTrend(store, "a/b");
    undo.push(followed.dispose);
    await until(() => followed.value.value.state === "ready");
    expect(asked("trend")).toEqual(["trend r a/b"]);
  });
});
