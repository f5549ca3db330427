import { afterEach, describe, expect, it } from "vitest";
import { activationIndex, fakeRun, layerActivation } from "../../testing/fake_logs";
import { OpenedApp } from "../../testing/opened_app";

const COUNTS = { dead: 0, constant: 0, nonfinite: 0, saturated: null };
const LAYERS = [
  layerActivation("stem", {
    summary: [0, 1.5, 0.123_456, 0.25, 0.375, 0],
    channels: 16,
    unit_counts: { ...COUNTS, dead: 2 },
  }),
  layerActivation("attention", { class_name: "MultiHeadAttention", kind: "sequence" }),
  layerActivation("attention", {
    class_name: "MultiHeadAttention",
    kind: "attention",
    output: 1,
    name: "attention_scores",
    channels: 4,
  }),
  layerActivation("broken", {
    summary: [null, null, null, null, null, 12],
    channels: 8,
    unit_counts: { ...COUNTS, nonfinite: 8 },
  }),
];

let app: OpenedApp;
afterEach(() => app.close());

async function open(start: Record<string, string> = {}) {
  const run = fakeRun("a", [activationIndex(10, LAYERS)]);
  app = await OpenedApp.open([run], { view: "activations", ...start });
}

const rows = () => app.all("[role=option]").map((row) => row.textContent ?? "");
const paths = () =>
  app.all("[role=option] .kv-layer-name").map((name) => name.textContent);

describe("the list of layers", () => {
  it("says mean, spread and zeros of each, and what is the matter", async () => {
    await open();
    expect(rows()[0]).toContain("0.123 ± 0.25");
    expect(rows()[0]).toContain("37.5% zeros");
    expect(rows()[0]).toContain("2 dead");
    expect(rows()[2]).toContain("no finite value");
    expect(rows()[2]).toContain("8 non-finite");
    expect(app.find(".kv-trouble").title).toContain("2 of 16 units are dead.");
  });

  it("finds layers by the state of their units, and orders them", async () => {
    await open();
    const find = app.find<HTMLInputElement>("input[type=search]");
    await app.type(find, "nan");
    expect(paths()).toEqual(["broken"]);
    await app.type(find, "multihead");
    expect(paths()).toEqual(["attention"]);
    await app.type(find, "saturated");
    expect(app.text).toContain("No layer has that");
    await app.type(find, "");
    await app.choose(app.find("[aria-label='Order of the layers']"), "nonfinite");
    expect(paths()).toEqual(["broken", "stem", "attention"]);
  });

  it("keeps what was typed while something else is shown", async () => {
    await open();
    await app.type(app.find("input[type=search]"), "dead");
    await app.click(app.button("Unit health"));
    await app.click(app.button("Layers"));
    expect(paths()).toEqual(["stem"]);
  });

  it("leads to the heads of a layer", async () => {
    await open();
    await app.click(app.button("4 heads"));
    expect(app.page.entries.get("layer")).toBe("attention");
    expect(app.page.entries.get("output")).toBe("1");
  });

  it("leads to the graph, and the way back to here", async () => {
    await open({ layer: "broken" });
    const before = app.page.pushes;
    await app.click(app.button("Show in Architecture"));
    expect(app.page.pushes).toBe(before + 1);
    expect(app.page.entries.get("layer")).toBe("broken");
    expect(app.page.entries.has("view")).toBe(false);
  });
});
