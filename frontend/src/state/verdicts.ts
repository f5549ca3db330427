/** What is said of all runs, a page after the other. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { DataSource } from "../data/data_source";
import type { TrainingVerdict } from "../wire/generated";
import { errorMessage } from "./loadable";

/** As many runs are asked for at once; the server answers fewer where it takes long. */
const PAGE = 32;

/** The verdicts that have arrived. */
export interface Verdicts {
  readonly verdicts: readonly TrainingVerdict[];
  /** How many runs there are; null = not known yet. */
  readonly total: number | null;
  /** Why no more can be had; null = all is well. */
  readonly error: string | null;
}

const NOTHING: Verdicts = { verdicts: [], total: null, error: null };

/** Asks for the verdicts on all runs, and anew at every reload. */
export function createVerdicts(
  source: DataSource,
  generation: ReadonlySignal<number>,
): { readonly value: ReadonlySignal<Verdicts>; dispose(): void } {
  const value = signal(NOTHING);
  const stop = effect(() => {
    generation.value;
    const abort = new AbortController();
    follow(source, abort.signal, (found) => {
      // While all are asked for again, those that are shown stay.
      const isLess = found.error === null && found.verdicts.length < (found.total ?? 0);
      if (!isLess || found.verdicts.length >= value.peek().verdicts.length) {
        value.value = found;
      }
    });
    return () => abort.abort();
  });
  return { value, dispose: stop };
}

async function follow(
  source: DataSource,
  abort: AbortSignal,
  show: (found: Verdicts) => void,
): Promise<void> {
  let verdicts: readonly TrainingVerdict[] = [];
  let total: number | null = null;
  try {
    do {
      const page = await source.verdicts(verdicts.length, PAGE, abort);
      if (abort.aborted) {
        return;
      }
      verdicts = [...verdicts, ...page.verdicts];
      total = page.verdicts.length === 0 ? verdicts.length : page.total;
      show({ verdicts, total, error: null });
    } while (verdicts.length < total);
  } catch (error) {
    if (!abort.aborted) {
      show({ verdicts, total, error: errorMessage(error) });
    }
  }
}
