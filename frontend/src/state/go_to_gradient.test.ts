import { describe, expect, it } from "vitest";
import { FakeDataSource } from "../testing/fake_data_source";
import { createFakePage } from "../testing/fake_page";
import { goToGradient } from "./go_to_gradient";
import { createStore } from "./store";

describe("going to a gradient", () => {
  it("chooses the run, the layer and the step, with all steps in view", () => {
    const page = createFakePage({ view: "gradients", run: "a", steps: "3-9" });
    const store = createStore(new FakeDataSource([]), page);
    goToGradient(store, { run: "b", layer: "block/conv", step: 12 });
    expect(Object.fromEntries(page.entries)).toEqual({
      view: "gradients",
      run: "b",
      layer: "block/conv",
      at_step: "12",
    });

    goToGradient(store, { run: "b", layer: "", step: 7 });
    expect(store.layer.value).toBeNull();
    expect(store.gradients.value.at).toBe(7);

    store.setRun("c"); // A step of one run says nothing of another.
    expect(store.gradients.value.at).toBeNull();
    store.dispose();
  });
});
