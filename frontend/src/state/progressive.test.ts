import { signal } from "@preact/signals";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../testing/until";
import { createParts, MOST_AT_ONCE, type Parts, type PartsQuery } from "./progressive";

interface Request {
  readonly part: number;
  readonly aborted: () => boolean;
  readonly answer: (value: string) => void;
  readonly fail: (message: string) => void;
}

let requests: Request[] = [];
let parts: Parts<string> | null = null;

afterEach(() => {
  parts?.dispose();
  requests = [];
});

function load(part: number, abort: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    requests.push({
      part,
      aborted: () => abort.aborted,
      answer: resolve,
      fail: (message) => reject(new Error(message)),
    });
  });
}

function wanted(key: string, count: number): PartsQuery<string> {
  return { key, parts: Array.from({ length: count }, (_, part) => part), load };
}

describe("many answers", () => {
  it("are asked for a few at a time, and shown as they arrive", async () => {
    const found = createParts(() => wanted("a", 5), signal(0));
    parts = found;
    expect(requests.map(({ part }) => part)).toEqual([0, 1, 2]);
    expect(MOST_AT_ONCE).toBe(3);
    requests[1]?.answer("one");
    await until(() => found.value.value.size === 1);
    expect(found.value.value.get(1)).toEqual({ state: "ready", value: "one" });
    expect(requests.map(({ part }) => part)).toEqual([0, 1, 2, 3]);
  });

  it("go on where one fails", async () => {
    const found = createParts(() => wanted("a", 4), signal(0));
    parts = found;
    requests[0]?.fail("It is damaged.");
    await until(() => requests.length === 4);
    expect(found.value.value.get(0)).toEqual({
      state: "error",
      message: "It is damaged.",
    });
  });

  it("of something else replace them, and what is late is not shown", async () => {
    const key = signal("a");
    const found = createParts(() => wanted(key.value, 2), signal(0));
    parts = found;
    requests[0]?.answer("old");
    await until(() => found.value.value.size === 1);
    key.value = "b";
    expect(found.value.value.size).toBe(0);
    expect(requests[1]?.aborted()).toBe(true);
    requests[1]?.answer("late");
    requests[2]?.answer("new");
    await until(() => found.value.value.size === 1);
    expect(found.value.value.get(0)).toEqual({ state: "ready", value: "new" });
  });

  it("stay while they are asked for anew, and while nothing changes", async () => {
    const generation = signal(0);
    const found = createParts(() => wanted("a", 1), generation);
    parts = found;
    requests[0]?.answer("same");
    await until(() => found.value.value.size === 1);
    const before = found.value.value;
    generation.value += 1;
    expect(found.value.value).toBe(before);
    requests[1]?.answer("same");
    await Promise.resolve();
    expect(found.value.value).toBe(before);
  });

  it("are none where nothing is wanted", () => {
    const found = createParts<string>(() => null, signal(0));
    parts = found;
    expect(found.value.value.size).toBe(0);
    expect(requests.length).toBe(0);
  });
});
