import { describe, expect, it } from "vitest";
import { type Loaded, RequestCache } from "./request_cache";

function loaded<T>(value: T, bytes = 10, fingerprint: string | null = null): Loaded<T> {
  return { value, bytes, fingerprint };
}

/** A load that is answered by hand. */
function deferred<T>() {
  let signal: AbortSignal | undefined;
  let resolve: (value: Loaded<T>) => void = () => {};
  let calls = 0;
  const load = (abort: AbortSignal) => {
    calls += 1;
    signal = abort;
    return new Promise<Loaded<T>>((answer, reject) => {
      resolve = answer;
      abort.addEventListener("abort", () => reject(abort.reason));
    });
  };
  return {
    load,
    answer: (value: Loaded<T>) => resolve(value),
    get aborted() {
      return signal?.aborted ?? false;
    },
    get calls() {
      return calls;
    },
  };
}

describe("RequestCache", () => {
  it("asks once, also for several at the same time", async () => {
    const cache = new RequestCache(100);
    const request = deferred<string>();
    const both = [cache.get("a", request.load), cache.get("a", request.load)];
    request.answer(loaded("x"));
    expect(await Promise.all(both)).toEqual(["x", "x"]);
    expect(await cache.get("a", request.load)).toBe("x");
    expect(request.calls).toBe(1);
  });

  it("stays within its bytes and forgets the least recently used first", async () => {
    const cache = new RequestCache(25);
    const asked: string[] = [];
    const get = (key: string) =>
      cache.get(key, async () => {
        asked.push(key);
        return loaded(key);
      });
    await get("a");
    await get("b");
    await get("a");
    await get("c");
    expect(cache.size).toBe(20);
    await get("a");
    expect(asked).toEqual(["a", "b", "c"]);
    await get("b");
    expect(asked).toEqual(["a", "b", "c", "b"]);
  });

  it("does not keep what is larger than all of it", async () => {
    const cache = new RequestCache(25);
    expect(await cache.get("a", async () => loaded("x", 26))).toBe("x");
    expect(cache.size).toBe(0);
  });

  it("aborts the request when the last one who waits has gone", async () => {
    const cache = new RequestCache(100);
    const request = deferred<string>();
    const [first, second] = [new AbortController(), new AbortController()];
    const one = cache.get("a", request.load, first.signal);
    const two = cache.get("a", request.load, second.signal);
    first.abort();
    await expect(one).rejects.toThrow();
    expect(request.aborted).toBe(false);
    second.abort();
    await expect(two).rejects.toThrow();
    expect(request.aborted).toBe(true);
  });

  it("asks again after a failure", async () => {
    const cache = new RequestCache(100);
    const fail = () => Promise.reject(new Error("no"));
    await expect(cache.get("a", fail)).rejects.toThrow("no");
    expect(await cache.get("a", async () => loaded("x"))).toBe("x");
  });

  it("gives back the same object after a reload that brought nothing new", async () => {
    const cache = new RequestCache(100);
    const get = (fingerprint: string) =>
      cache.get("a", async () => loaded({}, 10, fingerprint));
    const before = await get("1");
    cache.revalidate();
    expect(await get("1")).toBe(before);
    cache.revalidate();
    expect(await get("2")).not.toBe(before);
    expect(cache.size).toBe(10);
  });

  it("does not answer with what was asked for before a reload", async () => {
    const cache = new RequestCache(100);
    const old = deferred<string>();
    const recent = deferred<string>();
    const before = cache.get("a", old.load);
    cache.revalidate();
    const after = cache.get("a", recent.load);
    recent.answer(loaded("new"));
    expect(await after).toBe("new");
    old.answer(loaded("old"));
    expect(await before).toBe("old");
    expect(await cache.get("a", recent.load)).toBe("new");
  });
});
