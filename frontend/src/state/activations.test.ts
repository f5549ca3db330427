import { describe, expect, it } from "vitest";
import { FakeDataSource } from "../testing/fake_data_source";
import { activationIndex, fakeRun, layerActivation } from "../testing/fake_logs";
import { createFakePage } from "../testing/fake_page";
import { until } from "../testing/until";
import { createActivationsState, listLayers, selectOutput } from "./activations";
import { createStore } from "./store";

const LAYERS = [
  layerActivation("input", { class_name: "InputLayer" }),
  layerActivation("conv"),
  layerActivation("shared"),
  layerActivation("dense", { channels: 4 }),
  layerActivation("shared", { call: 1 }),
  layerActivation("lstm", { output: 1 }),
];
const SKIPPED = [
  { path: "ragged", reason: "its output is no dense tensor" },
  { path: "conv", reason: "one of its outputs was empty" },
];
const INDEX = activationIndex(10, LAYERS, { skipped: SKIPPED });

describe("listLayers", () => {
  it("lists each layer once, the skipped ones last", () => {
    const layers = listLayers(INDEX);
    expect(layers.map((layer) => [layer.path, layer.entries.length])).toEqual([
      ["input", 1],
      ["conv", 1],
      ["shared", 2],
      ["dense", 1],
      ["lstm", 1],
      ["ragged", 0],
    ]);
    expect(layers.map((layer) => layer.position)).toEqual([0, 1, 2, 3, 5, -1]);
    expect(layers.at(-1)?.reason).toBe("its output is no dense tensor");
  });
});

describe("selectOutput", () => {
  const layers = listLayers(INDEX);
  const select = (path: string | null, call = 0, output = 0) => {
    const selection = selectOutput(layers, path, call, output);
    return selection.state === "captured" ? selection.entry : selection.state;
  };

  it("begins with the first layer that is no input", () => {
    expect(select(null)).toBe(LAYERS[1]);
    expect(selectOutput([], null, 0, 0)).toEqual({ state: "none" });
  });

  it("finds the call and the output, else the nearest there is", () => {
    expect(select("shared", 1)).toBe(LAYERS[4]);
    expect(select("shared", 9)).toBe(LAYERS[2]);
    expect(select("lstm", 0, 0)).toBe(LAYERS[5]);
  });

  it("says why there is nothing", () => {
    expect(select("ragged")).toBe("skipped");
    expect(select("__proto__")).toBe("missing");
  });
});

async function setUp(start: Record<string, string>, steps: number[]) {
  const captures = steps.map((step) => ({ ...INDEX, step }));
  const source = new FakeDataSource([fakeRun("a", captures)]);
  const store = createStore(source, createFakePage({ run: "a", ...start }));
  const state = createActivationsState(store);
  await until(() => store.runs.value.state === "ready");
  return { source, store, state };
}

describe("the activations' state", () => {
  it("shows the last capture up to the step", async () => {
    const { store, state } = await setUp({}, [10, 30]);
    expect(state.captureStep.value).toBe(30);
    store.setStep(10);
    expect(state.captureStep.value).toBe(10);
    store.setStep(0);
    expect(state.captureStep.value).toBeNull();
    expect(state.index.value.state).toBe("idle");
  });

  it("asks for the selected output of the sample only", async () => {
    const { source, state } = await setUp(
      { layer: "shared", call: "1", sample: "1" },
      [10],
    );
    await until(() => state.data.value.state === "ready");
    expect(source.asked.filter((what) => what.startsWith("data"))).toEqual([
      "data a 10 shared 1 0 1",
    ]);
  });

  it("takes the last sample for one that was not kept", async () => {
    const { state } = await setUp({ sample: "99" }, [10]);
    await until(() => state.index.value.state === "ready");
    expect(state.sample.value).toBe(1);
  });

  it("keeps what is shown while another step is on its way", async () => {
    const { store, state } = await setUp({ layer: "conv" }, [10, 30]);
    await until(() => state.data.value.state === "ready");
    const seen: string[] = [];
    const stop = state.data.subscribe((loadable) => {
      seen.push(
        "previous" in loadable ? `${loadable.state} with previous` : loadable.state,
      );
    });
    store.setStep(10);
    await until(() => seen.length > 1 && state.data.value.state === "ready");
    stop();
    expect(new Set(seen)).toEqual(new Set(["ready", "loading with previous"]));
  });

  it("shows the error of one payload, and the rest", async () => {
    const { source, store, state } = await setUp({ layer: "conv" }, [10]);
    source.failures.set("data a 10 dense", "The activation is damaged.");
    source.failures.set("thumbnails", "The miniatures are damaged.");
    store.selectLayer("dense");
    await until(() => state.data.value.state === "error");
    expect(state.data.value).toMatchObject({ message: "The activation is damaged." });
    expect(state.index.value.state).toBe("ready");
    store.selectLayer("conv");
    await until(() => state.data.value.state === "ready");
  });

  it("asks for nothing where nothing was kept", async () => {
    const empty = activationIndex(10, [], { samples: 0, thumbnails: [] });
    const source = new FakeDataSource([fakeRun("a", [empty])]);
    const store = createStore(source, createFakePage());
    const state = createActivationsState(store);
    await until(() => state.index.value.state === "ready");
    expect(state.selection.value).toEqual({ state: "none" });
    expect(state.data.value.state).toBe("idle");
    expect(state.thumbnails.value.state).toBe("idle");
  });

  it("does not wait for what cannot come any more", async () => {
    const { source, store, state } = await setUp({ layer: "conv" }, [10, 30]);
    await until(() => state.data.value.state === "ready");
    await until(() => !store.awaited.busy.value);
    source.failures.set("activations a 10", "The index is damaged.");
    store.setStep(10);
    expect(store.awaited.busy.value).toBe(true);
    await until(() => state.index.value.state === "error");
    expect(store.awaited.busy.value).toBe(false);
    state.dispose();
    expect(store.awaited.busy.value).toBe(false);
  });
});
