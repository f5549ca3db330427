import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore } from "../../state/store";
import { FakeDataSource } from "../../testing/fake_data_source";
import { activationIndex, fakeRun, layerActivation } from "../../testing/fake_logs";
import { createFakePage } from "../../testing/fake_page";
import { OpenedApp } from "../../testing/opened_app";
import type { ModelGraph, Status } from "../../wire/generated";
import { ErrorBoundary } from "./error_boundary";

const CAPTURE = activationIndex(10, [layerActivation("conv")]);
const SOUND = fakeRun("sound", [CAPTURE]);
/** Its graph lacks what every graph has, as no log of ours does. */
const BROKEN = {
  ...fakeRun("broken", [CAPTURE]),
  graphs: new Map([[0, { version: 1, name: "broken" } as ModelGraph]]),
};

let app: OpenedApp;
let reported: unknown[];

beforeEach(() => {
  reported = [];
});

afterEach(() => {
  app.close();
});

async function open(runs: (typeof SOUND)[], start: Record<string, string> = {}) {
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
  app = await OpenedApp.open(runs, start);
}

describe("an error while a view is drawn", () => {
  it("is shown in the place of the view, and the other views work", async () => {
    await open([BROKEN, SOUND], { view: "architecture" });
    expect(app.find("h2").textContent).toBe("The view Architecture cannot be shown");
    expect(reported.length).toBeGreaterThan(0);
    const { message } = reported[0] as Error;
    expect(app.find("[role=alert]").textContent).toContain(message);
    await app.click(app.find("#kv-tab-gradients"));
    expect(app.find("h2").textContent).toContain("No gradients");
    expect(app.text).not.toContain("cannot be shown");
    await app.click(app.find("#kv-tab-architecture"));
    expect(app.text).toContain("The view Architecture cannot be shown");
  });

  it("is tried again at the user's wish, and for another run", async () => {
    await open([BROKEN, SOUND], { view: "architecture", layer: "conv" });
    const before = reported.length;
    await app.click(app.button("Try again"));
    expect(reported.length).toBeGreaterThan(before);
    expect(app.text).toContain("The view Architecture cannot be shown");
    act(() => app.store.setRun("sound"));
    await app.settle();
    expect(app.text).not.toContain("cannot be shown");
    expect(app.text).toContain("sound has no layers");
  });

  it("is tried again once a reload has brought another graph", async () => {
    await open([BROKEN], { view: "architecture" });
    app.source.list = [{ ...SOUND, info: BROKEN.info }];
    act(() => app.store.reload());
    await app.settle();
    expect(app.text).toContain("sound has no layers");
  });

  it("is tried again with what came before the report was drawn", async () => {
    await open([SOUND]);
    const store = createStore(new FakeDataSource([]), createFakePage({ run: "a" }));
    const part = document.createElement("div");
    let isBroken = true;
    const Part = () => {
      if (isBroken) {
        throw new Error("broken");
      }
      return <p>sound</p>;
    };
    render(
      <ErrorBoundary store={store} name="the part">
        <Part />
      </ErrorBoundary>,
      part,
    );
    isBroken = false;
    store.setRun("b");
    await vi.waitFor(() => expect(part.textContent).toBe("sound"));
    render(null, part);
    store.dispose();
  });

  it("can be copied with where it happened", async () => {
    const copied: string[] = [];
    await open([BROKEN], { view: "architecture", layer: "conv" });
    vi.stubGlobal("navigator", {
      userAgent: "a browser",
      clipboard: { writeText: async (text: string) => void copied.push(text) },
    });
    await app.click(app.button("Copy the details"));
    expect(app.find("[role=status].kv-muted").textContent).toBe("Copied");
    expect(copied[0]).toContain("view: architecture, run: broken, step: 10");
    expect(copied[0]).toContain("layer: conv");
    expect(copied[0]).toContain((reported[0] as Error).message);
  });

  it("is selected to be copied where a page may not copy", async () => {
    await open([BROKEN], { view: "architecture" });
    vi.stubGlobal("navigator", { userAgent: "a browser" });
    await app.click(app.button("Copy the details"));
    expect(app.find("[role=status].kv-muted").textContent).toContain("Ctrl+C");
    expect(getSelection()?.toString()).toContain("run: broken");
  });
});

describe("an error while the toolbar is drawn", () => {
  it("leaves the view", async () => {
    const status = { version: 1, notices: 3 } as unknown as Status;
    const { info } = SOUND;
    const steps = { ...info.steps, status: [10] };
    await open([{ ...SOUND, info: { ...info, steps }, status }], {
      view: "activations",
    });
    expect(app.text).toContain("The toolbar cannot be shown");
    expect(app.find(".kv-layer-rows").textContent).toContain("conv");
  });
});
