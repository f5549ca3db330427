/** The whole app on data in memory, for tests of what one sees and does. */

import { render } from "preact";
import { act } from "preact/test-utils";
import { vi } from "vitest";
import { createStore, type Store } from "../state/store";
import { App } from "../views/app";
import { loadAhead } from "../views/parts/lazy_code";
import { FakeDataSource, type FakeRun } from "./fake_data_source";
import { createFakePage, type FakePage } from "./fake_page";

/** An app that is shown; close it after the test. */
export class OpenedApp {
  readonly root = document.createElement("div");
  readonly source: FakeDataSource;
  readonly page: FakePage;
  readonly store: Store;

  private constructor(
    runs: FakeRun[],
    start: Record<string, string>,
    failures: Record<string, string>,
  ) {
    this.source = new FakeDataSource(runs);
    for (const [asked, message] of Object.entries(failures)) {
      this.source.failures.set(asked, message);
    }
    this.page = createFakePage(start);
    this.store = createStore(this.source, this.page);
    document.body.append(this.root);
  }

  /**
   * Shows it at a place in the address, and waits for what it asks for.
   *
   * @param runs What the log holds.
   * @param start The place.
   * @param failures Messages to fail with, by what is asked.
   */
  static async open(
    runs: FakeRun[],
    start: Record<string, string> = {},
    failures: Record<string, string> = {},
  ): Promise<OpenedApp> {
    // Nothing is laid out here, so that everything would be out of view.
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
    vi.stubGlobal("IntersectionObserver", undefined);
    // Else what is looked at first would wait for the code of its view.
    await loadAhead(async () => {});
    const app = new OpenedApp(runs, start, failures);
    act(() => render(<App store={app.store} />, app.root));
    await app.settle();
    return app;
  }

  close(): void {
    act(() => render(null, this.root));
    this.root.remove();
    this.store.dispose();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  }

  /** Lets answers arrive and be drawn. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 6; turn += 1) {
      await act(async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
      });
    }
  }

  get text(): string {
    return this.root.textContent ?? "";
  }

  all<T extends HTMLElement>(selector: string): T[] {
    return [...this.root.querySelectorAll<T>(selector)];
  }

  find<T extends HTMLElement>(selector: string): T {
    const element = this.root.querySelector<T>(selector);
    if (element === null) {
      throw new Error(`No ${selector} in: ${this.root.innerHTML.slice(0, 3000)}`);
    }
    return element;
  }

  /** A button by its text or its name. */
  button(name: string): HTMLButtonElement {
    const found = this.all<HTMLButtonElement>("button").find(
      (one) =>
        one.textContent?.trim() === name || one.getAttribute("aria-label") === name,
    );
    if (found === undefined) {
      throw new Error(`There is no button "${name}".`);
    }
    return found;
  }

  async click(element: HTMLElement): Promise<void> {
    act(() => element.click());
    await this.settle();
  }

  async press(element: HTMLElement, key: string): Promise<void> {
    act(() => {
      element.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
      );
    });
    await this.settle();
  }

  /** Types into a field. */
  async type(element: HTMLInputElement, value: string): Promise<void> {
    element.value = value;
    act(() => {
      element.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await this.settle();
  }

  /** Chooses an entry of a menu by its value. */
  async choose(element: HTMLSelectElement, value: string): Promise<void> {
    element.value = value;
    act(() => {
      element.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await this.settle();
  }
}
