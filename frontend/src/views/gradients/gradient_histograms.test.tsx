import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore, type Store } from "../../state/store";
import { FakeDataSource, type FakeRun } from "../../testing/fake_data_source";
import { fakeRun } from "../../testing/fake_logs";
import { createFakePage } from "../../testing/fake_page";
import { STATUS_DEFAULTS, type Status, WEIGHT_STATS } from "../../wire/generated";
import type { Tensor, Tensors } from "../../wire/safetensors";
import { GradientHistograms } from "./gradient_histograms";

const STEPS = [1, 11];

const float64 = (values: number[]): Tensor => ({
  dtype: "F64",
  shape: [values.length],
  values: Float64Array.from(values),
});

function trend(): Tensors {
  const stats = new Float32Array(STEPS.length * WEIGHT_STATS.length);
  return new Map<string, Tensor>([
    ["steps", float64(STEPS)],
    ["counts", float64([3, 2, 1, 0, 6, 0])],
    ["edges", float64([-2, -1, 1, 2])],
    ["stats", { dtype: "F32", shape: [stats.length], values: stats }],
    ["captures", float64([3])],
  ]);
}

function runOf(steps: readonly number[]): FakeRun {
  const run = fakeRun("a", []);
  const info = {
    ...run.info,
    steps: { ...run.info.steps, gradients: steps, status: [1] },
  };
  return { ...run, info, gradientTrend: trend };
}

const root = document.createElement("div");
let source: FakeDataSource;
let store: Store;

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(300);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(200);
});
afterEach(() => {
  act(() => render(null, root));
  store.dispose();
  vi.restoreAllMocks();
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) {
    await act(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
  }
}

async function open(run: FakeRun): Promise<void> {
  source = new FakeDataSource([run]);
  store = createStore(source, createFakePage({ run: "a", step: "11" }));
  const variables = ["dense/kernel", "dense/bias"];
  act(() => render(<GradientHistograms store={store} variables={variables} />, root));
  await settle();
}

const map = () => root.querySelector<HTMLElement>("[role=slider]");

describe("GradientHistograms", () => {
  it("shows the first variable, and the one that is chosen", async () => {
    await open(runOf(STEPS));
    const select = root.querySelector("select");
    expect([...(select?.options ?? [])].map((one) => one.text)).toEqual([
      "kernel",
      "bias",
    ]);
    expect(source.asked).toContain("gradient trend a dense/kernel");
    expect(root.textContent).toContain("2 of 3 captures have it.");
    expect(map()?.getAttribute("aria-valuenow")).toBe("11");

    if (select !== null) {
      select.value = "dense/bias";
      act(() => select.dispatchEvent(new Event("change", { bubbles: true })) as never);
    }
    await settle();
    expect(store.gradients.value.histogram).toBe("dense/bias");
    expect(source.asked).toContain("gradient trend a dense/bias");
  });

  it("goes to the step that a key names", async () => {
    await open(runOf(STEPS));
    const key = new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true });
    act(() => map()?.dispatchEvent(key) as never);
    expect(store.step.value).toBe(1);
  });

  it("says how to get them where there are none", async () => {
    await open(runOf([]));
    expect(root.textContent).toContain("gradient_histograms=True logs them.");
    expect(map()).toBeNull();
    expect(source.asked.filter((one) => one.includes("gradient trend"))).toEqual([]);
  });

  it("says why they could not be counted", async () => {
    const message = "the gradients could not be counted: no memory";
    const status: Status = {
      ...STATUS_DEFAULTS,
      version: 1,
      step: 1,
      accepted: 1,
      written: 1,
      dropped: {},
      refused: {},
      blocked_secs: 0,
      notices: [{ step: 1, topic: "gradients", message }],
      closed: true,
      package_version: "",
    };
    await open({ ...runOf([]), status });
    expect(root.textContent).toContain(message);
  });
});
