/** Remembers answers within a bound of bytes, and shares running requests. */

/** An answer, and what it costs to keep. */
export interface Loaded<T> {
  readonly value: T;
  readonly bytes: number;
  /** Equal for equal data; null where it is not worth comparing. */
  readonly fingerprint: string | null;
}

interface Entry {
  readonly loaded: Loaded<unknown>;
  generation: number;
}

interface Running {
  readonly promise: Promise<unknown>;
  readonly abort: AbortController;
  readonly generation: number;
  waiters: number;
}

/**
 * Least-recently-used cache of answers by key.
 *
 * A request that several want is made once, and is aborted when the last of
 * them has gone.
 */
export class RequestCache {
  // A Map keeps the order of insertion: the first entry is the oldest.
  private readonly entries = new Map<string, Entry>();
  private readonly running = new Map<string, Running>();
  private generation = 0;
  private bytes = 0;

  /** @param maxBytes Most bytes of answers to keep. */
  constructor(private readonly maxBytes: number) {}

  /** Bytes of the answers that are kept. */
  get size(): number {
    return this.bytes;
  }

  /** Makes every kept answer be asked for again when it is next wanted. */
  revalidate(): void {
    this.generation += 1;
  }

  /**
   * Returns a kept answer, or asks for it.
   *
   * @param key What is asked for.
   * @param load Asks; its signal is aborted when nobody waits any more.
   * @param signal Aborted when this caller no longer waits.
   */
  async get<T>(
    key: string,
    load: (signal: AbortSignal) => Promise<Loaded<T>>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const entry = this.entries.get(key);
    if (entry !== undefined && entry.generation === this.generation) {
      this.entries.delete(key);
      this.entries.set(key, entry);
      return entry.loaded.value as T;
    }
    const running = this.join(key, load);
    return (await this.wait(key, running, signal)) as T;
  }

  private join<T>(
    key: string,
    load: (signal: AbortSignal) => Promise<Loaded<T>>,
  ): Running {
    const current = this.running.get(key);
    if (current !== undefined && current.generation === this.generation) {
      return current;
    }
    const abort = new AbortController();
    const generation = this.generation;
    const promise = load(abort.signal)
      .then((loaded) => this.keep(key, loaded, generation))
      .finally(() => {
        if (this.running.get(key) === running) {
          this.running.delete(key);
        }
      });
    const running: Running = { promise, abort, generation, waiters: 0 };
    this.running.set(key, running);
    return running;
  }

  private async wait(
    key: string,
    running: Running,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    running.waiters += 1;
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener("abort", onAbort);
    });
    try {
      return await Promise.race([running.promise, aborted]);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      running.waiters -= 1;
      if (running.waiters === 0 && this.running.get(key) === running) {
        this.running.delete(key);
        running.abort.abort();
      }
    }
  }

  private keep(key: string, loaded: Loaded<unknown>, generation: number): unknown {
    const before = this.entries.get(key);
    if (before !== undefined && before.generation > generation) {
      // It was asked for before a reload, and overtaken by what came after.
      return loaded.value;
    }
    const same =
      before !== undefined &&
      loaded.fingerprint !== null &&
      before.loaded.fingerprint === loaded.fingerprint;
    const kept = same ? before.loaded : loaded;
    if (before !== undefined) {
      this.bytes -= before.loaded.bytes;
      this.entries.delete(key);
    }
    this.entries.set(key, { loaded: kept, generation });
    this.bytes += kept.bytes;
    for (const [oldest, entry] of this.entries) {
      if (this.bytes <= this.maxBytes) {
        break;
      }
      this.entries.delete(oldest);
      this.bytes -= entry.loaded.bytes;
    }
    return kept.value;
  }
}
