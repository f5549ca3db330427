import { afterEach, describe, expect, it } from "vitest";
import { activationIndex, fakeRun, layerActivation } from "../../testing/fake_logs";
import { OpenedApp } from "../../testing/opened_app";
import type { ScalarTrend } from "../../wire/generated";
import { playSpeed } from "./play_speed";

const CAPTURES = [10, 20, 30].map((step) =>
  activationIndex(step, [layerActivation("conv")]),
);

let app: OpenedApp;
afterEach(() => {
  app.close();
  playSpeed.value = 1;
});

function trend(
  split: string,
  tag: string,
  values: readonly [number, ScalarTrend["values"][number]][],
): ScalarTrend {
  const steps = values.map(([step]) => step);
  return { version: 2, split, tag, steps, values: values.map(([, value]) => value) };
}

const LOSSES: Record<string, ScalarTrend> = {
  "train batch_loss": trend("train", "batch_loss", [
    [5, 2.5],
    [15, "NaN"],
    [25, 0.03125],
  ]),
  "validation batch_loss": trend("validation", "batch_loss", [[25, 0.5]]),
};

async function open(
  start: Record<string, string> = {},
  losses: Record<string, ScalarTrend> = {},
) {
  const run = {
    ...fakeRun("a", CAPTURES),
    scalars: (split: string, tag: string) => losses[`${split} ${tag}`] ?? null,
  };
  app = await OpenedApp.open([run], { view: "activations", ...start });
}

function slider(): HTMLInputElement {
  return app.find("input[type=range][aria-label=Step]");
}

const step = () => app.find("output").textContent;

describe("the scrubber", () => {
  it("goes through the steps by keys", async () => {
    await open();
    expect(step()).toBe("step 30");
    await app.press(slider(), "ArrowLeft");
    expect(step()).toBe("step 20");
    await app.press(slider(), "Home");
    expect(step()).toBe("step 0");
    await app.press(slider(), "ArrowLeft");
    expect(step()).toBe("step 0");
    await app.press(slider(), "ArrowRight");
    expect(step()).toBe("step 10");
    await app.press(app.button("Next step"), "End");
    expect(step()).toBe("step 30");
  });

  it("plays at the chosen speed until it is at the end", async () => {
    await open({ step: "10" });
    const speed = app.find<HTMLSelectElement>("select[aria-label^=Speed]");
    await app.choose(speed, "4");
    expect(playSpeed.value).toBe(4);
    await app.press(slider(), " ");
    expect(app.button("Pause")).toBeTruthy();
    for (let turn = 0; turn < 100 && step() !== "step 30"; turn += 1) {
      await app.settle();
    }
    await app.settle();
    expect(step()).toBe("step 30");
    expect(app.button("Play")).toBeTruthy();
    // The data of each step were asked for.
    expect(app.source.asked.filter((what) => what.startsWith("activations"))).toEqual([
      "activations a 10",
      "activations a 20",
      "activations a 30",
    ]);
  });

  it("stops where it is when it is told to", async () => {
    await open({ step: "10" });
    await app.click(app.button("Play"));
    await app.click(app.button("Pause"));
    expect(step()).toBe("step 10");
    expect(app.button("Play")).toBeTruthy();
  });

  it("says the loss at the step, of whatever tag there is", async () => {
    await open({ step: "30" }, LOSSES);
    const loss = () => app.find(".kv-scrubber-loss");
    expect(loss().textContent).toBe("loss 0.03125");
    expect(loss().title).toBe(
      "batch_loss of training: 0.03125, logged at step 25; " +
        "validation: 0.5, logged at step 25",
    );
    expect(slider().getAttribute("aria-valuetext")).toBe("step 30, loss 0.03125");
    await app.press(slider(), "ArrowLeft");
    expect(loss().textContent).toBe("loss NaN");
    await app.press(slider(), "Home");
    expect(loss().textContent).toBe("no loss yet");
  });

  it("does without a loss", async () => {
    await open();
    expect(app.root.querySelector(".kv-scrubber-loss")).toBeNull();
    expect(slider().getAttribute("aria-valuetext")).toBe("step 30");
    expect(app.root.querySelector("[role=alert]")).toBeNull();
  });
});
