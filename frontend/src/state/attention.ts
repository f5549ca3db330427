/** The attention of all layers of the shown capture, for the shown sample. */

import { computed, type ReadonlySignal } from "@preact/signals";
import { computeHeadFacts, type HeadFacts } from "../model/attention/head_facts";
import { type ActivationData, activationData } from "../model/tensor_view";
import type { LayerActivation } from "../wire/generated";
import type { ActivationsState } from "./activations";
import { createResource, errorMessage, type Loadable } from "./loadable";
import type { Store } from "./store";

/** One call's attention: its heads, or why there are none. */
export interface CallAttention {
  readonly entry: LayerActivation;
  readonly data: ActivationData | null;
  /** Why there are no data; empty if there are. */
  readonly problem: string;
  /** One per kept head, by position. */
  readonly facts: readonly HeadFacts[];
}

/** Attention that follows the state; dispose of it with what shows it. */
export interface FollowedAttention {
  readonly value: ReadonlySignal<Loadable<readonly CallAttention[]>>;
  dispose(): void;
}

/** As many are asked for at a time. */
const AT_ONCE = 6;

/** Follows the attention of all calls, in order of execution. */
export function followAttention(
  store: Store,
  state: ActivationsState,
): FollowedAttention {
  const index = computed(() => {
    const loadable = state.index.value;
    return loadable.state === "ready" ? loadable.value : null;
  });
  const resource = createResource<readonly CallAttention[]>(() => {
    const run = store.run.value;
    const shown = index.value;
    const sample = state.sample.value;
    if (run === null) {
      return null;
    }
    return {
      key: JSON.stringify([run, shown?.step, sample]),
      scope: run,
      load:
        shown === null
          ? null
          : async (abort) => {
              const entries = shown.layers.filter(({ kind }) => kind === "attention");
              const calls: CallAttention[] = [];
              for (let at = 0; at < entries.length; at += AT_ONCE) {
                const some = entries.slice(at, at + AT_ONCE);
                const load = (entry: LayerActivation) =>
                  loadCall(store, run, shown.step, entry, sample, abort);
                calls.push(...(await Promise.all(some.map(load))));
              }
              return calls;
            },
    };
  }, store.generation);
  // What belongs to a capture whose index cannot be read will not come.
  const awaited = computed(() =>
    state.index.value.state === "error" ? state.index.value : resource.value.value,
  );
  const unfollow = store.awaited.follow(awaited);
  return {
    value: resource.value,
    dispose: () => {
      unfollow();
      resource.dispose();
    },
  };
}

async function loadCall(
  store: Store,
  run: string,
  step: number,
  entry: LayerActivation,
  sample: number,
  abort: AbortSignal,
): Promise<CallAttention> {
  const { path: layer, call, output } = entry;
  const key = { layer, call, output, sample };
  try {
    const tensors = await store.source.activationData(run, step, key, abort);
    const data = activationData(tensors, entry);
    return { entry, data, problem: "", facts: factsOf(data) };
  } catch (error) {
    if (abort.aborted) {
      throw error;
    }
    // One that cannot be read does not take the others along.
    return { entry, data: null, problem: errorMessage(error), facts: [] };
  }
}

const known = new WeakMap<ActivationData, readonly HeadFacts[]>();

/** The facts of all kept heads; worked out once. */
export function factsOf(data: ActivationData): readonly HeadFacts[] {
  const before = known.get(data);
  if (before !== undefined) {
    return before;
  }
  const facts = Array.from({ length: data.count }, (_, at) =>
    computeHeadFacts(data, at),
  );
  known.set(data, facts);
  return facts;
}
