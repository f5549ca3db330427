import { afterEach, describe, expect, it } from "vitest";
import { activationParts } from "../../../testing/activation_of";
import type { FakeRun } from "../../../testing/fake_data_source";
import { activationIndex, fakeRun, layerActivation } from "../../../testing/fake_logs";
import { OpenedApp } from "../../../testing/opened_app";
import type { ProbeInput } from "../../../wire/generated";
import { tokenInput } from "../token_input";
import { weightEnd } from "./weight_scale";

/** Rows with all weight on one key. */
const pointing = (...keys: number[]) =>
  keys.flatMap((key) => keys.map((_, at) => (at === key ? 1 : 0)));
const EVEN = new Array(9).fill(1 / 3);
const SIZE = { full_map: [3, 3], kept_map: [3, 3] } as const;

const FIRST = activationParts([EVEN, pointing(0, 0, 1)], {
  ...SIZE,
  path: "block_0/<i>attention",
  kind: "attention",
  class_name: "MultiHeadAttention",
  output: 1,
  name: "attention_scores",
});
const SECOND = activationParts([pointing(0, 0, 0), pointing(0, 1, 2)], {
  ...SIZE,
  path: "block_1/attention",
  kind: "attention",
  class_name: "MultiHeadAttention",
  output: 1,
  name: "attention_scores",
});
const LAYERS = [
  layerActivation("embedding", {
    kind: "sequence",
    full_map: [1, 3],
    kept_map: [1, 3],
  }),
  FIRST.entry,
  SECOND.entry,
];

let app: OpenedApp;
afterEach(() => {
  app.close();
  tokenInput.value = null;
  weightEnd.value = "largest";
});

function input(name: string, tokens: string[][]): ProbeInput {
  return {
    name,
    shape: [2, 3],
    dtype: "int32",
    picture: false,
    low: 0,
    high: 0,
    members: [],
    cut: "",
    tokens,
  };
}

function run(inputs: ProbeInput[]): FakeRun {
  const fake = fakeRun("a", [activationIndex(10, LAYERS)]);
  return {
    ...fake,
    probe: fake.probe && { ...fake.probe, inputs },
    probeData: () => new Map(),
    activationData: (step, key) =>
      [FIRST, SECOND].find(({ entry }) => entry.path === key.layer)?.tensors ??
      fake.activationData(step, key),
  };
}

const WORDS = [
  input("mask", [
    ["1", "1", "1"],
    ["1", "1", "0"],
  ]),
  input("words", [
    ["<b>the</b>", "cat", " "],
    ["a", "dog", "!"],
  ]),
];

async function open(start: Record<string, string> = {}, inputs = WORDS) {
  app = await OpenedApp.open([run(inputs)], { view: "activations", ...start });
}

const names = () =>
  app.all(".kv-head-tile").map((one) => one.getAttribute("aria-label"));

describe("the attention of all layers", () => {
  it("says after one click which head looks at the previous token", async () => {
    await open();
    await app.click(app.button("Attention"));
    expect(app.page.entries.get("mode")).toBe("attention");
    const summary = app.find(".kv-attention-summary").textContent;
    expect(summary).toContain(
      "Most on the previous tokenblock_0/<i>attention, head 1 100%",
    );
    expect(summary).toContain("Most on the same tokenblock_1/attention, head 1 100%");
    expect(summary).toContain("Most on the first tokenblock_1/attention, head 0 100%");
    expect(names()).toEqual([
      "head 0, spread, 1.6 bits",
      "head 1, 100% previous token",
      "head 0, 100% first token",
      "head 1, 100% same token",
    ]);
    expect(app.root.querySelector("i")).toBeNull();
  });

  it("is ordered by what is looked for", async () => {
    await open({ mode: "attention" });
    await app.choose(app.find(".kv-controls select"), "previous");
    expect(app.page.entries.get("heads")).toBe("previous");
    expect(names()).toEqual([
      "head 1, block_0/<i>attention, 100% previous token",
      "head 0, block_1/attention, 50% previous token",
      "head 0, block_0/<i>attention, 33% previous token",
      "head 1, block_1/attention, 0% previous token",
    ]);
  });

  it("opens a head, and the way back leads here again", async () => {
    await open({ mode: "attention" });
    const before = app.page.pushes;
    await app.click(app.all(".kv-head-tile")[3] as HTMLElement);
    expect(Object.fromEntries(app.page.entries)).toMatchObject({
      layer: "block_1/attention",
      output: "1",
      channel: "1",
    });
    expect(app.page.entries.has("mode")).toBe(false);
    expect(app.page.pushes).toBe(before + 1);
    expect(app.find("[aria-label='head 1']")).toBeTruthy();
  });

  it("shows the others where one cannot be read", async () => {
    await open();
    app.source.failures.set("data a 10 block_1/attention", "The weights are damaged.");
    await app.click(app.button("Attention"));
    expect(app.find("[role=alert]").textContent).toBe("The weights are damaged.");
    expect(names()).toHaveLength(2);
  });

  it("is not offered where there is none, and says so if it is asked for", async () => {
    const none = fakeRun("a", [activationIndex(10, [layerActivation("conv")])]);
    app = await OpenedApp.open([none], { view: "activations", mode: "attention" });
    expect(app.text).toContain("This capture holds no attention");
    await app.click(app.button("Layers"));
    expect(() => app.button("Attention")).toThrow();
  });
});

describe("one head", () => {
  const HEAD = { layer: "block_0/<i>attention", output: "1", channel: "1" };

  it("shades what a token looks at, with all texts as they are", async () => {
    await open(HEAD);
    const tokens = () => app.all(".kv-token");
    expect(tokens().map((one) => one.textContent)).toEqual(["<b>the</b>", "cat", "␣"]);
    expect(app.root.querySelector("b")).toBeNull();
    await app.press(app.find("[aria-label='head 1']"), "ArrowDown");
    await app.press(app.find("[aria-label='head 1']"), "ArrowDown");
    expect(app.text).toContain("Query 1 “cat” looks at 0 “<b>the</b>” 100%");
    expect(tokens()[1]?.className).toContain("kv-token-query");
    expect(tokens()[0]?.style.getPropertyValue("--kv-shade")).toBe("62%");
    // The other head looks at all of them.
    expect(app.find("[data-head='1'] .kv-head-what").textContent).toBe(
      "→ 0 “<b>the</b>”",
    );
  });

  it("takes the tokens of another input", async () => {
    await open(HEAD);
    const picker = app.find<HTMLSelectElement>(".kv-attention-head select");
    expect([...picker.options].map((one) => one.value)).toEqual(["words", "mask"]);
    await app.choose(picker, "mask");
    expect(app.all(".kv-token").map((one) => one.textContent)).toEqual(["1", "1", "1"]);
  });

  it("does without tokens", async () => {
    await open(HEAD, [input("numbers", [])]);
    expect(app.all(".kv-token")).toHaveLength(0);
    await app.press(app.find("[aria-label='head 1']"), "ArrowDown");
    expect(app.find("[data-head='1'] .kv-head-what").textContent).toBe("→ 0");
  });

  it("leads on to the other heads, and back to all", async () => {
    await open(HEAD);
    await app.press(app.find("[aria-label='head 1']"), "ArrowLeft");
    expect(app.page.entries.get("channel")).toBe("0");
    await app.press(app.find("[aria-label='head 0']"), "Escape");
    expect(app.page.entries.has("channel")).toBe(false);
    expect(names().join("|")).toBe(
      "head 0, spread, 1.6 bits|head 1, 100% previous token",
    );
    await app.click(app.button("0 to 1"));
    expect(weightEnd.value).toBe("one");
    await app.click(app.all(".kv-head-tile")[1] as HTMLElement);
    expect(app.page.entries.get("channel")).toBe("1");
  });
});
