/** The loss of the shown run, as it was logged. */

import type { DataSource } from "../data/data_source";
import { readLogged } from "../model/overlay/overlay";
import type { Trend } from "../model/overlay/trend";
import type { ScalarTrend } from "../wire/generated";
import { createResource, type Resource } from "./loadable";
import type { Store } from "./store";

/** Tags that a loss is logged under: the first that there is counts. */
const TAGS = ["epoch_loss", "batch_loss", "loss"] as const;

/** The loss over steps. */
export interface LossCurve {
  /** The tag that it was logged under. */
  readonly tag: string;
  readonly train: Trend;
  /** null = none was logged. */
  readonly validation: Trend | null;
}

/** What there is of a run's loss. */
export interface Losses {
  /** null = no loss was logged. */
  readonly curve: LossCurve | null;
}

/** Follows the loss of the store's run. */
export function followLosses(store: Store): Resource<Losses> {
  return createResource<Losses>(() => {
    const run = store.runInfo.value;
    return run === null || run.error !== ""
      ? null
      : {
          key: run.name,
          scope: run.name,
          load: async (abort) => ({
            curve: await readLosses(store.source, run.name, abort),
          }),
        };
  }, store.generation);
}

async function readLosses(
  source: DataSource,
  run: string,
  abort: AbortSignal,
): Promise<LossCurve | null> {
  for (const tag of TAGS) {
    const train = toTrend(await source.scalars(run, "train", tag, abort));
    if (train !== null) {
      const validation = toTrend(await source.scalars(run, "validation", tag, abort));
      return { tag, train, validation };
    }
  }
  return null;
}

function toTrend({ steps, values }: ScalarTrend): Trend | null {
  return steps.length === 0
    ? null
    : { steps, values: values.map((value) => readLogged(value)), cut: "" };
}
