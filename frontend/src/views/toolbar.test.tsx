import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStore, type Store } from "../state/store";
import { FakeDataSource, type FakeRun } from "../testing/fake_data_source";
import { activationIndex, fakeRun, layerActivation } from "../testing/fake_logs";
import { createFakePage } from "../testing/fake_page";
import { STATUS_DEFAULTS, type Status } from "../wire/generated";
import { describeLosses } from "./notices";
import { Toolbar } from "./toolbar";

const STATUS: Status = {
  version: 1,
  step: 20,
  accepted: 12,
  written: 9,
  dropped: { activations: 2, weights: 0 },
  refused: { __proto_: 1 },
  blocked_secs: 0.5,
  ...STATUS_DEFAULTS,
  overhead_secs: 0.416,
  training_secs: 32,
  captures_skipped: 1,
  skipped_steps: [40],
  notices: [
    { step: 3, topic: "activations", message: "<b>The probe</b> does not fit." },
    { step: 0, topic: "dynamics", message: "The optimizer could not be read." },
  ],
  closed: true,
  package_version: "0.1.0",
};

let root: HTMLElement;
let store: Store;

beforeEach(() => {
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  store.dispose();
});

function runWith(name: string, status: Status | null): FakeRun {
  const layers = [layerActivation("conv")];
  const run = fakeRun(
    name,
    [10, 20].map((step) => activationIndex(step, layers)),
  );
  const steps = status === null ? run.info.steps : { ...run.info.steps, status: [20] };
  return { ...run, info: { ...run.info, steps }, status };
}

async function open(runs: FakeRun[], start: Record<string, string> = {}) {
  store = createStore(new FakeDataSource(runs), createFakePage(start));
  act(() => render(<Toolbar store={store} />, root));
  await act(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
}

function find<T extends HTMLElement>(selector: string): T {
  const element = root.querySelector<T>(selector);
  if (element === null) {
    throw new Error(`There is no ${selector}.`);
  }
  return element;
}

describe("the toolbar", () => {
  it("picks a run", async () => {
    await open([runWith("a", null), runWith("<i>b</i>", null)]);
    const picker = find<HTMLSelectElement>("select");
    expect([...picker.options].map((option) => option.text)).toEqual(["a", "<i>b</i>"]);
    picker.value = "<i>b</i>";
    act(() => {
      picker.dispatchEvent(new Event("change", { bubbles: true }));
    });
    expect(store.run.value).toBe("<i>b</i>");
    expect(root.querySelector("i")).toBeNull();
  });

  it("shows an unknown run of the address as what it is", async () => {
    await open([runWith("a", null)], { run: "gone" });
    const picker = find<HTMLSelectElement>("select");
    expect(picker.value).toBe("gone");
    expect(picker.options.length).toBe(2);
  });

  it("goes through the logged steps", async () => {
    await open([runWith("a", null)]);
    const shown = () => find("output").textContent;
    const press = (name: string) =>
      act(() => find<HTMLButtonElement>(`[aria-label="${name}"]`).click());
    expect(shown()).toBe("step 20");
    expect(find<HTMLButtonElement>('[aria-label="Next step"]').disabled).toBe(true);
    press("Previous step");
    expect(shown()).toBe("step 10");
    press("Previous step");
    expect(shown()).toBe("step 0");
    expect(find<HTMLButtonElement>('[aria-label="Previous step"]').disabled).toBe(true);
    const slider = find<HTMLInputElement>("input[type=range]");
    slider.value = "1";
    act(() => {
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(store.step.value).toBe(10);
    const latest = find<HTMLButtonElement>(".kv-scrubber [aria-pressed]");
    expect(latest.getAttribute("aria-pressed")).toBe("false");
    act(() => latest.click());
    expect(store.step.value).toBeNull();
    expect(shown()).toBe("step 20");
  });

  it("switches views by arrow keys too", async () => {
    await open([runWith("a", null)]);
    act(() => {
      find("[role=tablist]").dispatchEvent(
        new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }),
      );
    });
    expect(store.view.value).toBe("activations");
    expect(document.activeElement?.textContent).toBe("Activations");
  });
});

describe("the notices", () => {
  it("are counted, and shown as sentences", async () => {
    await open([runWith("a", STATUS)]);
    const button = find<HTMLButtonElement>(".kv-notices-button");
    expect(button.textContent).toBe("4 notices");
    act(() => button.click());
    const items = [...root.querySelectorAll("li")].map((item) => item.textContent);
    expect(items.splice(4)).toEqual([
      "Logging cost 1.3% of this run",
      "0.42 s of 32 s on the training thread",
      "0.00 s of processor time beside it",
      "1 capture left out for it, at step 40",
    ]);
    expect(button.title).toContain("Logging cost 1.3% of this run");
    for (const item of root.querySelectorAll<HTMLElement>(".kv-notices-costs li")) {
      expect(item.title).not.toBe("");
    }
    expect(items).toEqual([
      "step 3, activations: <b>The probe</b> does not fit.",
      "step 0, dynamics: The optimizer could not be read.",
      '2 records of "activations" were dropped, since writing could not keep up.',
      '1 record of "__proto_" was not logged, since the step was not a new one.',
    ]);
    expect(find("[role=dialog]").textContent).toContain(
      "9 of 12 accepted records were written, and the log was closed",
    );
    act(() => {
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    });
    expect(root.querySelector("[role=dialog]")).toBeNull();
  });

  it("say that there are none", async () => {
    await open([runWith("a", null)]);
    const button = find<HTMLButtonElement>(".kv-notices-button");
    expect(button.textContent).toBe("No notices");
    act(() => button.click());
    expect(find("[role=dialog]").textContent).toContain("has logged no status yet");
  });
});

describe("describeLosses", () => {
  it("is silent where nothing was lost", () => {
    expect(describeLosses({ ...STATUS, dropped: { a: 0 }, refused: {} })).toEqual([]);
  });
});
