import { afterEach, describe, expect, it } from "vitest";
import { activationParts } from "../../testing/activation_of";
import type { FakeRun } from "../../testing/fake_data_source";
import {
  activationIndex,
  fakeRun,
  layerActivation,
  tensor,
} from "../../testing/fake_logs";
import { OpenedApp } from "../../testing/opened_app";
import { PROBE_INPUT_DEFAULTS } from "../../wire/generated";
import { tokenInput } from "./token_input";

// Three units over four time steps, the last of which is masked.
const PARTS = activationParts(
  [
    [0, 1, 2, 3],
    [0, 0, 0, 0],
    [9, 8, 7, 6],
  ],
  { path: "lstm", kind: "sequence", class_name: "LSTM" },
);
const TENSORS = new Map([
  ...PARTS.tensors,
  ["mask", tensor(Uint8Array.of(1, 1, 1, 0))],
]);

let app: OpenedApp;
afterEach(() => {
  app.close();
  tokenInput.value = null;
});

function run(tokens: string[][]): FakeRun {
  const fake = fakeRun("a", [
    activationIndex(10, [
      layerActivation("ids", { class_name: "InputLayer" }),
      PARTS.entry,
    ]),
  ]);
  const input = {
    ...PROBE_INPUT_DEFAULTS,
    name: "words",
    shape: [2, 4],
    dtype: "int32",
    picture: false,
    low: 0,
    high: 0,
    members: [],
    cut: "",
    tokens,
  };
  return {
    ...fake,
    probe: fake.probe && { ...fake.probe, inputs: [input] },
    probeData: () => new Map(),
    activationData: () => TENSORS,
  };
}

async function open(tokens: string[][], start: Record<string, string> = {}) {
  const place = { view: "activations", layer: "lstm", ...start };
  app = await OpenedApp.open([run(tokens)], place);
}

/** What the note beside the pointer says at a row and a time step. */
async function hover(row: number, step: number): Promise<string[]> {
  const map = app.find("[aria-label$='time steps']");
  // 800 x 600: cells of 64 x 26 pixels, right of and below the axes.
  const at = { clientX: 56 + (step + 0.5) * 64, clientY: 8 + (row + 0.5) * 26 };
  map.dispatchEvent(new PointerEvent("pointermove", { ...at, bubbles: true }));
  await app.settle();
  return app.all(".kv-hover-tip div").map((one) => one.textContent ?? "");
}

describe("a sequence", () => {
  it("says value, unit, time and token", async () => {
    await open([["<b>a</b>", "cat", "sat", ""]]);
    expect(await hover(0, 0)).toEqual(["0", "unit 0, time step 0", "token “<b>a</b>”"]);
    expect(await hover(2, 1)).toEqual(["8", "unit 2, time step 1", "token “cat”"]);
    expect(app.root.querySelector("b")).toBeNull();
  });

  it("says what is masked", async () => {
    await open([["a", "cat", "sat", ""]]);
    expect(app.text).toContain("1 of 4 time steps masked");
    expect(await hover(0, 3)).toEqual([
      "3",
      "unit 0, time step 3",
      "token “∅”",
      "masked",
    ]);
  });

  it("does without tokens that do not fit", async () => {
    await open([["too", "short"]]);
    expect(await hover(0, 1)).toEqual(["1", "unit 0, time step 1"]);
  });

  it("has its units in the order and the filter of the grid", async () => {
    await open([["a", "b", "c", "d"]], { order: "max" });
    expect((await hover(0, 0))[1]).toBe("unit 2, time step 0");
    await app.click(app.button("Dead1"));
    expect(app.page.entries.get("filter")).toBe("dead");
    expect(app.find("[aria-label='1 units over 4 time steps']")).toBeTruthy();
    expect((await hover(0, 0))[1]).toBe("unit 1, time step 0");
    await app.click(app.button("Non-finite0"));
    expect(app.text).toContain("No unit is non-finite");
    await app.click(app.button("Show all units"));
    expect(app.find("[aria-label='3 units over 4 time steps']")).toBeTruthy();
  });

  it("opens the unit that is clicked, whatever the order is", async () => {
    await open([], { order: "max" });
    const map = app.find("[aria-label$='time steps']");
    map.dispatchEvent(
      new MouseEvent("click", { clientX: 100, clientY: 12, bubbles: true }),
    );
    await app.settle();
    expect(app.page.entries.get("channel")).toBe("2");
  });
});
