import { signal } from "@preact/signals";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHost, createReloads } from "./host";

describe("createReloads", () => {
  it("passes a reload on at once where the tab is shown", () => {
    const onReload = vi.fn();
    const { request } = createReloads(signal(true), onReload);
    request();
    request();
    expect(onReload).toHaveBeenCalledTimes(2);
  });

  it("keeps one for when the tab is shown again", () => {
    const onReload = vi.fn();
    const visible = signal(false);
    const { request, dispose } = createReloads(visible, onReload);
    visible.value = true;
    expect(onReload).not.toHaveBeenCalled();
    visible.value = false;
    request();
    request();
    visible.value = true;
    expect(onReload).toHaveBeenCalledTimes(1);
    visible.value = false;
    visible.value = true;
    expect(onReload).toHaveBeenCalledTimes(1);
    dispose();
  });
});

describe("createHost, without a page around", () => {
  afterEach(() => {
    document.body.className = "";
    window.location.hash = "";
  });

  it("keeps the place in its own address", () => {
    const host = createHost(() => {});
    host.address.write(new Map([["layer", "a/b"]]), false);
    expect(window.location.hash).toBe("#kerasviz&p.kerasviz.layer=a%2Fb");
    expect(host.address.read()).toEqual(new Map([["layer", "a/b"]]));
    const listener = vi.fn();
    const stop = host.address.subscribe(listener);
    window.dispatchEvent(new Event("popstate"));
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    window.dispatchEvent(new Event("popstate"));
    expect(listener).toHaveBeenCalledTimes(1);
    host.dispose();
  });

  it("follows the class of dark pages", async () => {
    const host = createHost(() => {});
    expect(host.dark.value).toBe(false);
    document.body.classList.add("dark-mode");
    await vi.waitFor(() => expect(host.dark.value).toBe(true));
    document.body.classList.remove("dark-mode");
    await vi.waitFor(() => expect(host.dark.value).toBe(false));
    host.dispose();
  });

  it("knows by the height whether it is shown", () => {
    const host = createHost(() => {});
    expect(host.visible.value).toBe(true);
    vi.stubGlobal("innerHeight", 0);
    window.dispatchEvent(new Event("resize"));
    expect(host.visible.value).toBe(false);
    vi.unstubAllGlobals();
    window.dispatchEvent(new Event("resize"));
    expect(host.visible.value).toBe(true);
    host.dispose();
  });
});
