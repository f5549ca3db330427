import { signal } from "@preact/signals";
import { describe, expect, it, vi } from "vitest";
import { FakeDataSource, type FakeRun, verdictOf } from "../testing/fake_data_source";
import type { TrainingVerdicts } from "../wire/generated";
import { createVerdicts } from "./verdicts";

/** A source that answers at most two verdicts at once. */
class SlowSource extends FakeDataSource {
  constructor(readonly names: string[]) {
    super([] as FakeRun[]);
  }

  override async verdicts(skip: number, count: number): Promise<TrainingVerdicts> {
    this.asked.push(`verdicts ${skip}`);
    if (this.failures.has(`verdicts ${skip}`)) {
      throw new Error(this.failures.get(`verdicts ${skip}`));
    }
    const page = this.names.slice(skip, skip + Math.min(2, count));
    return {
      version: 2,
      total: this.names.length,
      verdicts: page.map((name) => verdictOf(name)),
    };
  }
}

describe("the verdicts on all runs", () => {
  it("come page by page, and again at a reload", async () => {
    const source = new SlowSource(["a", "b", "c", "d", "e"]);
    const generation = signal(0);
    const found = createVerdicts(source, generation);
    const names = () => found.value.value.verdicts.map(({ run }) => run).join("");
    await vi.waitFor(() => expect(names()).toBe("abcde"));
    expect(source.asked).toEqual(["verdicts 0", "verdicts 2", "verdicts 4"]);

    source.names.push("f");
    const seen = new Set<string>();
    const stop = found.value.subscribe(() => seen.add(names()));
    generation.value += 1;
    await vi.waitFor(() => expect(names()).toBe("abcdef"));
    // What was shown stays until there is more.
    expect([...seen]).toEqual(["abcde", "abcdef"]);
    stop();
    found.dispose();
  });

  it("that have arrived stay when the others cannot be had", async () => {
    const source = new SlowSource(["a", "b", "c"]);
    source.failures.set("verdicts 2", "TensorBoard does not answer.");
    const found = createVerdicts(source, signal(0));
    await vi.waitFor(() =>
      expect(found.value.value.error).toBe("TensorBoard does not answer."),
    );
    expect(found.value.value.verdicts).toHaveLength(2);
    found.dispose();
  });
});
