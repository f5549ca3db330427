import { describe, expect, it } from "vitest";
import { FakeDataSource } from "../testing/fake_data_source";
import { fakeRun } from "../testing/fake_logs";
import { createFakePage } from "../testing/fake_page";
import { until } from "../testing/until";
import type { ModelGraph } from "../wire/generated";
import { shownValue } from "./loadable";
import { createStore } from "./store";

/** A run whose graphs are named by their steps. */
function runOf(name: string, ...steps: number[]) {
  const run = fakeRun(name, []);
  const graph = run.graphs.get(0) as ModelGraph;
  return {
    ...run,
    info: { ...run.info, steps: { model_graph: steps } },
    graphs: new Map(
      steps.map((step) => [step, { ...graph, name: `${name} ${step}` }] as const),
    ),
  };
}

async function setUp(start: Record<string, string>) {
  const page = createFakePage(start);
  const source = new FakeDataSource([runOf("a", 0, 10, 20), runOf("b", 5), runOf("c")]);
  const store = createStore(source, page);
  await until(() => store.runs.value.state === "ready");
  const { comparison } = store;
  const other = async () => {
    await until(() => comparison.graph.value.state !== "loading");
    return shownValue(comparison.graph.value)?.name;
  };
  const previous = async () => {
    await until(() => comparison.previous.value.state !== "loading");
    return shownValue(comparison.previous.value)?.name;
  };
  return { page, source, store, comparison, other, previous };
}

describe("the comparison", () => {
  it("is with nothing at first", async () => {
    const { comparison, other } = await setUp({ run: "b" });
    expect(comparison.target.value).toBeNull();
    expect(await other()).toBeUndefined();
    expect(comparison.missing.value).toBe("");
  });

  it("is with the latest graph of a run, or with that of a step", async () => {
    const { store, page, comparison, other } = await setUp({ run: "b", with: "a" });
    expect(comparison.target.value).toEqual({ run: "a", step: 20 });
    expect(await other()).toBe("a 20");
    store.compareWith("a", 15);
    expect(await other()).toBe("a 10");
    expect(page.entries.get("with_step")).toBe("15");
    store.compareWith(null);
    expect(comparison.target.value).toBeNull();
    expect(Object.fromEntries(page.entries)).toEqual({ run: "b" });
  });

  it("with only a step is within the run that is shown", async () => {
    const { comparison } = await setUp({ run: "a", with_step: "0" });
    expect(comparison.target.value).toEqual({ run: "a", step: 0 });
  });

  it("says why there is nothing to compare with", async () => {
    const missing = async (other: string) =>
      (await setUp({ run: "a", with: other })).comparison.missing.value;
    expect(await missing("c")).toBe('The run "c" has no model graph');
    expect(await missing("nowhere")).toBe('There is no run "nowhere"');
  });

  it("knows the version before the one that is shown", async () => {
    const { store, previous } = await setUp({ run: "a" });
    await until(() => store.shownGraph.value !== null);
    expect(await previous()).toBe("a 10");
    store.setStep(13);
    expect(store.shownGraph.value).toEqual({ run: "a", step: 10 });
    expect(await previous()).toBe("a 0");
    store.setStep(0);
    expect(await previous()).toBeUndefined();
  });

  it("asks for no graphs while activations are looked at", async () => {
    const { source, store, other } = await setUp({
      run: "a",
      with: "b",
      view: "activations",
    });
    await other();
    expect(source.asked).not.toContain("graph b 5");
    store.setView("architecture");
    expect(await other()).toBe("b 5");
  });
});
