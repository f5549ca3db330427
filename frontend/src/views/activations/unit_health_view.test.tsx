import { afterEach, describe, expect, it } from "vitest";
import { activationIndex, fakeRun, layerActivation } from "../../testing/fake_logs";
import { OpenedApp } from "../../testing/opened_app";
import type { UnitHealth, UnitHealthLayer } from "../../wire/generated";

const LAYERS = [
  layerActivation("conv", { channels: 8 }),
  layerActivation("<i>dense</i>", { channels: 64, kind: "vector", call: 1 }),
];
const CAPTURES = [10, 20, 30].map((step) =>
  activationIndex(step, LAYERS, { measured_samples: 8 }),
);

function counted(path: string, dead: number[], units: number): UnitHealthLayer {
  return {
    path,
    call: path === "conv" ? 0 : 1,
    output: 0,
    name: "",
    class_name: "Dense",
    activation: "relu",
    units,
    dead,
    constant: dead,
    nonfinite: [0, 0, 0],
    saturated: [null, null, null],
  };
}

const HEALTH: UnitHealth = {
  version: 2,
  steps: [10, 20, 30],
  layers: [counted("conv", [0, 1, 2], 8), counted("<i>dense</i>", [0, 0, 48], 64)],
  cut: "2 of 5 captures",
};

let app: OpenedApp;
afterEach(() => app.close());

async function open(start: Record<string, string> = {}, health = HEALTH) {
  const run = { ...fakeRun("a", CAPTURES), unitHealth: health };
  app = await OpenedApp.open([run], { view: "activations", ...start });
}

function map(): HTMLElement {
  return app.find(".kv-health-rows");
}

function status(): string {
  return app.find(".kv-health [role=status]").textContent ?? "";
}

describe("the map of unit health", () => {
  it("says after one click which layer has dead units", async () => {
    await open();
    await app.click(app.button("Unit health"));
    expect(app.page.entries.get("mode")).toBe("health");
    expect(app.text).toContain(
      "2 layers have units that are zero for all 8 samples at step 30; " +
        "worst: <i>dense</i>, 48 of 64 (75%).",
    );
    expect(app.root.querySelector("i")).toBeNull();
    expect(app.text).toContain("2 of 5 captures");
  });

  it("goes to the worst layer", async () => {
    await open({ mode: "health" });
    await app.click(app.button("Show its units"));
    expect(app.page.entries.get("mode")).toBeUndefined();
    expect(app.page.entries.get("layer")).toBe("<i>dense</i>");
    expect(app.page.entries.get("call")).toBe("1");
    expect(app.page.entries.get("filter")).toBe("dead");
    expect(app.find("h2").textContent).toBe("<i>dense</i>");
    const marked = app.find("[aria-label='Units that are marked'] [aria-pressed=true]");
    expect(marked.textContent).toMatch(/^Dead/);
  });

  it("is gone through by keys, and opens a layer at a step", async () => {
    await open({ mode: "health" });
    await app.press(map(), "ArrowDown");
    expect(status()).toBe("2 of 8 units of conv are zero for all 8 samples at step 30");
    await app.press(map(), "ArrowLeft");
    expect(status()).toBe("1 of 8 units of conv is zero for all 8 samples at step 20");
    await app.press(map(), "End");
    await app.press(map(), "ArrowDown");
    expect(status()).toContain("48 of 64 units of <i>dense</i>");
    await app.press(map(), "Home");
    await app.press(map(), "Enter");
    expect(app.page.entries.get("step")).toBe("10");
    expect(app.page.entries.has("filter")).toBe(false);
    expect(app.page.entries.get("layer")).toBe("<i>dense</i>");
  });

  it("follows the step, the state and the order that are chosen", async () => {
    await open({ mode: "health", step: "20" });
    const names = () => app.all(".kv-health-name").map((one) => one.textContent);
    const totals = () =>
      app.all(".kv-health-row .kv-health-total").map((one) => one.textContent);
    expect(names()).toEqual(["conv", "<i>dense</i>"]);
    expect(totals()).toEqual(["1 of 8", "0 of 64"]);
    app.store.setStep(30);
    await app.choose(app.find(".kv-controls select"), "worst");
    expect(names()).toEqual(["<i>dense</i>", "conv"]);
    expect(app.page.entries.get("health_order")).toBe("worst");
    await app.click(app.button("Saturated"));
    expect(app.page.entries.get("health")).toBe("saturated");
    expect(totals()).toEqual(["no bounds", "no bounds"]);
    expect(app.text).toContain("No layer here has an activation with bounds");
  });

  it("says what to do with a log that counts no units", async () => {
    await open({ mode: "health" }, { ...HEALTH, steps: [], layers: [] });
    expect(app.text).toContain("No capture of this run counts its units");
    await app.click(app.button("Layers"));
    expect(app.find(".kv-layer-list")).toBeTruthy();
  });

  it("words an error", async () => {
    const run = fakeRun("a", CAPTURES);
    app = await OpenedApp.open([run], { view: "activations" });
    app.source.failures.set("health", "The log is damaged.");
    await app.click(app.button("Unit health"));
    expect(app.find("[role=alert]").textContent).toContain("The log is damaged.");
  });
});
