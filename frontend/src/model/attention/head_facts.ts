/** What one head of attention looks at, in numbers. */

import type { LayerActivation } from "../../wire/generated";
import type { ActivationData } from "../tensor_view";
import { ATTENTION_ORDERS, type HeadFact } from "./orders";

/** Each fact of a head; null where it cannot be told. See `ATTENTION_ORDERS`. */
export type HeadFacts = Readonly<Record<HeadFact, number | null>>;

const UNKNOWN: HeadFacts = {
  previous: null,
  itself: null,
  next: null,
  first: null,
  masked: null,
  entropy: null,
};

/** From this share on, that is what a head does. */
export const CLEAR_SHARE = 0.5;

/** Why facts cannot be told of an output; empty if they can. */
export function whyUnknown(entry: LayerActivation): string {
  return entry.full_map.join() === entry.kept_map.join()
    ? ""
    : `the log holds averages of the weights, ${entry.kept_map.join("x")} of ` +
        `${entry.full_map.join("x")}; a larger capture_mb keeps more`;
}

/**
 * Works out the facts of the head at a position, over the queries that are not
 * masked. A query counts by the shares of its weights, whatever they sum up to.
 */
export function computeHeadFacts(data: ActivationData, position: number): HeadFacts {
  if (whyUnknown(data.entry) !== "") {
    return UNKNOWN;
  }
  const [queries, keys] = data.entry.kept_map;
  // Where nothing is masked, nothing can be told of what is.
  const mask = data.mask?.includes(0) ? data.mask : null;
  // Whether a query and a key of the same number are the same token.
  const same = queries === keys;
  const isKept = (at: number) => mask === null || mask[at] !== 0;
  const first = mask === null ? 0 : mask.findIndex((one) => one !== 0);
  const sums = {
    previous: new Mean(),
    itself: new Mean(),
    next: new Mean(),
    first: new Mean(),
    masked: new Mean(),
    entropy: new Mean(),
  };
  for (let query = 0; query < queries; query += 1) {
    const weights = readWeights(data, position, query, keys);
    if (weights === null || (same && !isKept(query))) {
      continue;
    }
    const share = (key: number) => weights[key] ?? 0;
    if (same) {
      sums.itself.add(share(query));
      if (query > 0 && isKept(query - 1)) {
        sums.previous.add(share(query - 1));
      }
      if (query < keys - 1 && isKept(query + 1)) {
        sums.next.add(share(query + 1));
      }
    }
    if (first >= 0 && !(same && query === first)) {
      sums.first.add(share(first));
    }
    if (mask !== null) {
      sums.masked.add(
        weights.reduce((sum, one, key) => sum + (isKept(key) ? 0 : one), 0),
      );
    }
    sums.entropy.add(
      weights.reduce((sum, one) => (one > 0 ? sum - one * Math.log2(one) : sum), 0),
    );
  }
  return {
    previous: sums.previous.value,
    itself: sums.itself.value,
    next: sums.next.value,
    first: sums.first.value,
    masked: sums.masked.value,
    entropy: sums.entropy.value,
  };
}

/** Shares of a query's weights; null if it has none or one is no number. */
function readWeights(
  data: ActivationData,
  position: number,
  query: number,
  keys: number,
): Float64Array | null {
  const weights = Float64Array.from({ length: keys }, (_, key) =>
    data.valueAt(position, query * keys + key),
  );
  const sum = weights.reduce((total, one) => total + one, 0);
  return sum > 0 && Number.isFinite(sum) ? weights.map((one) => one / sum) : null;
}

/** A mean of what is added one by one. */
class Mean {
  private sum = 0;
  private count = 0;

  add(value: number): void {
    this.sum += value;
    this.count += 1;
  }

  /** null = nothing was added. */
  get value(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }
}

/** What a head looks at most, and how much; null where nothing is known. */
export function strongestFact(
  facts: HeadFacts,
): { readonly fact: HeadFact; readonly share: number } | null {
  let best: { fact: HeadFact; share: number } | null = null;
  for (const { order } of ATTENTION_ORDERS) {
    const share = order === "layer" || order === "entropy" ? null : facts[order];
    if (order !== "layer" && share !== null && share > (best?.share ?? 0)) {
      best = { fact: order, share };
    }
  }
  return best;
}

/** Positions in the order of a fact; unknown ones last, equal ones as they were. */
export function orderByFact(
  facts: readonly (HeadFacts | null)[],
  fact: HeadFact,
): number[] {
  const sign = fact === "entropy" ? 1 : -1;
  const keys = facts.map((one) => one?.[fact] ?? null);
  return keys
    .map((_, position) => position)
    .sort((a, b) => {
      const left = keys[a] ?? null;
      const right = keys[b] ?? null;
      if (left === null || right === null) {
        return Number(left === null) - Number(right === null) || a - b;
      }
      return sign * (left - right) || a - b;
    });
}
