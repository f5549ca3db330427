import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { until } from "../testing/until";
import { createResource } from "./loadable";

/** A resource whose answers are given by hand. */
function setUp() {
  const wanted = signal<string | null>("a");
  const scope = signal("run");
  const generation = signal(0);
  const asked: { key: string; abort: AbortSignal; answer: (value: unknown) => void }[] =
    [];
  const resource = createResource<unknown>(() => {
    const key = wanted.value;
    return key === null
      ? null
      : {
          key,
          scope: scope.value,
          load: (abort) =>
            new Promise((resolve, reject) => {
              const answer = (value: unknown) =>
                value instanceof Error ? reject(value) : resolve(value);
              asked.push({ key, abort, answer });
            }),
        };
  }, generation);
  const answer = async (at: number, value: unknown) => {
    asked[at]?.answer(value);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { wanted, scope, generation, asked, resource, answer, value: resource.value };
}

describe("createResource", () => {
  it("loads, and keeps what was shown while the next is on its way", async () => {
    const { wanted, value, answer } = setUp();
    expect(value.value).toEqual({ state: "loading" });
    await answer(0, 1);
    expect(value.value).toEqual({ state: "ready", value: 1 });
    wanted.value = "b";
    expect(value.value).toEqual({ state: "loading", previous: 1 });
    await answer(1, 2);
    expect(value.value).toEqual({ state: "ready", value: 2 });
  });

  it("shows nothing of another run", async () => {
    const { wanted, scope, value, answer } = setUp();
    await answer(0, 1);
    scope.value = "other";
    expect(value.value).toEqual({ state: "loading" });
    wanted.value = null;
    expect(value.value).toEqual({ state: "idle" });
  });

  it("never shows an answer that came too late", async () => {
    const { wanted, value, answer, asked } = setUp();
    wanted.value = "b";
    expect(asked[0]?.abort.aborted).toBe(true);
    await answer(1, "second");
    await answer(0, "first");
    expect(value.value).toEqual({ state: "ready", value: "second" });
    await answer(0, new Error("late"));
    expect(value.value).toEqual({ state: "ready", value: "second" });
  });

  it("asks again in silence at a reload", async () => {
    const { generation, value, answer } = setUp();
    const first = {};
    await answer(0, first);
    const before = value.value;
    generation.value = 1;
    expect(value.value).toBe(before);
    await answer(1, first);
    expect(value.value).toBe(before);
    generation.value = 2;
    await answer(2, { changed: true });
    expect(value.value).toEqual({ state: "ready", value: { changed: true } });
  });

  it("words an error, keeps what was shown, and tries again at a reload", async () => {
    const { generation, value, answer } = setUp();
    await answer(0, 1);
    generation.value = 1;
    await answer(1, new Error("It is damaged."));
    expect(value.value).toEqual({
      state: "error",
      message: "It is damaged.",
      previous: 1,
    });
    generation.value = 2;
    expect(value.value).toEqual({ state: "loading", previous: 1 });
    await answer(2, 2);
    expect(value.value).toEqual({ state: "ready", value: 2 });
  });

  it("waits while what it takes to ask is on its way", async () => {
    const ready = signal(true);
    const resource = createResource<number>(
      () => ({ key: "k", scope: "s", load: ready.value ? async () => 1 : null }),
      signal(0),
    );
    await until(() => resource.value.value.state === "ready");
    ready.value = false;
    expect(resource.value.value).toEqual({ state: "loading", previous: 1 });
  });

  it("stops when it is disposed of", async () => {
    const { resource, asked, answer, value } = setUp();
    resource.dispose();
    expect(asked[0]?.abort.aborted).toBe(true);
    await answer(0, 1);
    expect(value.value).toEqual({ state: "loading" });
  });
});
