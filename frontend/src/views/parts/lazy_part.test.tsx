import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore, type Store } from "../../state/store";
import { FakeDataSource } from "../../testing/fake_data_source";
import { createFakePage, type FakePage } from "../../testing/fake_page";
import { loadAhead, wait } from "./lazy_code";
import { createLazyPart } from "./lazy_part";

type Code = (props: { store: Store }) => string;

let root: HTMLElement;
let page: FakePage;
let source: FakeDataSource;
let store: Store;

beforeEach(() => {
  vi.useFakeTimers();
  root = document.createElement("div");
  document.body.append(root);
  page = createFakePage();
  source = new FakeDataSource([]);
  store = createStore(source, page);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  store.dispose();
  vi.useRealTimers();
});

/** A part whose code comes, or fails to, when the test says so. */
function createPart() {
  const loads: { resolve: (code: Code) => void; reject: (error: Error) => void }[] = [];
  const part = createLazyPart<{ store: Store }>(
    "the view Tests",
    () =>
      new Promise<Code>((resolve, reject) => {
        loads.push({ resolve, reject });
      }),
  );
  return { ...part, loads };
}

async function pass(milliseconds: number) {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds);
  });
}

function button(): HTMLButtonElement {
  const found = root.querySelector("button");
  if (found === null) {
    throw new Error(`There is no button in: ${root.innerHTML}`);
  }
  return found;
}

describe("a part whose code is loaded when it is shown", () => {
  it("says that it is on its way, but not at once", async () => {
    const { Part, loads } = createPart();
    expect(loads.length).toBe(0);
    act(() => render(<Part store={store} />, root));
    expect(loads.length).toBe(1);
    await pass(149);
    expect(root.textContent).toBe("");
    await pass(1);
    expect(root.querySelector("[role=status]")?.textContent).toContain(
      "Loading the view Tests",
    );
    loads[0]?.resolve(() => "the code");
    await pass(0);
    expect(root.textContent).toBe("the code");
  });

  it("is there at once if it was loaded before, and is loaded once", async () => {
    const { Part, code, loads } = createPart();
    const first = wait(code);
    void wait(code);
    loads[0]?.resolve(() => "the code");
    expect(await first).toBeTypeOf("function");
    act(() => render(<Part store={store} />, root));
    expect(root.textContent).toBe("the code");
    expect(loads.length).toBe(1);
  });

  it("says why it cannot be had, and loads the tab again", async () => {
    const { Part, loads } = createPart();
    act(() => render(<Part store={store} />, root));
    loads[0]?.reject(new TypeError("Failed to fetch"));
    await pass(0);
    expect(root.querySelector("h2")?.textContent).toBe(
      "The view Tests could not be loaded",
    );
    expect(root.textContent).toContain("Failed to fetch");
    source.failures.set("runs", "TensorBoard does not answer.");
    act(() => button().click());
    await pass(0);
    expect(page.reloads).toBe(0);
    expect(root.querySelector(".kv-error")?.textContent).toBe(
      "TensorBoard does not answer.",
    );
    source.failures.clear();
    act(() => button().click());
    await pass(0);
    expect(page.reloads).toBe(1);
    expect(root.querySelector(".kv-error")).toBeNull();
  });

  it("asks again when it is shown again, and when the user reloads", async () => {
    const { Part, loads } = createPart();
    const show = () => act(() => render(<Part store={store} />, root));
    show();
    loads[0]?.reject(new TypeError("Failed to fetch"));
    await pass(0);
    act(() => render(null, root));
    show();
    expect(loads.length).toBe(2);
    expect(root.textContent).toBe("");
    loads[1]?.reject(new TypeError("Failed to fetch"));
    await pass(0);
    act(() => store.reload());
    expect(loads.length).toBe(3);
    loads[2]?.resolve(() => "the code");
    await pass(0);
    expect(root.textContent).toBe("the code");
  });
});

describe("wait", () => {
  it("says what is to be done where there is no code", async () => {
    const { code, loads } = createPart();
    const waiting = wait(code);
    loads[0]?.reject(new TypeError("Failed to fetch"));
    await expect(waiting).rejects.toThrow(/Failed to fetch\); reload the page/);
    const again = wait(code);
    loads[1]?.resolve(() => "the code");
    expect(await again).toBeTypeOf("function");
  });
});

describe("loadAhead", () => {
  it("loads what nobody has asked for, and what comes with it, one by one", async () => {
    const first = createPart();
    const failing = createPart();
    const asked = createPart();
    void asked.code.load();
    let inner: ReturnType<typeof createPart> | null = null;
    let pauses = 0;
    const done = loadAhead(async () => {
      pauses += 1;
    });
    await pass(0);
    expect(first.loads.length).toBe(1);
    expect(failing.loads.length).toBe(0);
    inner = createPart();
    first.loads[0]?.resolve(() => "first");
    await pass(0);
    failing.loads[0]?.reject(new Error("gone"));
    await pass(0);
    inner.loads[0]?.resolve(() => "inner");
    await done;
    expect([first, failing, asked, inner].map(({ loads }) => loads.length)).toEqual([
      1, 1, 1, 1,
    ]);
    expect(pauses).toBe(3);
  });
});
