/** The tokens as text; what the chosen one looks at is shaded. */

import type { Signal } from "@preact/signals";
import { formatShare } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";
import { showToken, type TokenAxis } from "../../../model/tokens/token_axis";
import { nameAt } from "./attention_matrix";
import type { TokenNames } from "./token_names";

/** Strongest shade, in percent: text on it can be read in both themes. */
const MOST_SHADE = 62;

/** A text of keys to be shaded, and one of queries to choose from if it is another. */
export function TokenTexts({
  data,
  position,
  names,
  query,
}: {
  data: ActivationData;
  position: number;
  names: TokenNames;
  query: Signal<number | null>;
}) {
  const { queries, keys } = names;
  const same = queries !== null && queries.input === keys?.input;
  const weights = readRow(data, position, query.value);
  if (keys === null) {
    return null;
  }
  return (
    <>
      {queries !== null && !same && (
        <Tokens axis={queries} title={`Queries: ${queries.input}`} query={query} />
      )}
      <Tokens
        axis={keys}
        title={same ? "Tokens" : `Keys: ${keys.input}`}
        query={same ? query : null}
        weights={weights}
        mask={data.mask}
      />
      <p class="kv-muted kv-token-hint">
        {query.value === null
          ? "Point at a token, or at a row of the map, to see what it looks at."
          : describeRow(weights, queries, keys, query.value)}
      </p>
    </>
  );
}

/** Weights of a query, by key; none without a query. */
export function readRow(
  data: ActivationData,
  position: number,
  query: number | null,
): readonly number[] {
  const [queries, keys] = data.entry.kept_map;
  return query === null || query >= queries
    ? []
    : Array.from({ length: keys }, (_, key) =>
        data.valueAt(position, query * keys + key),
      );
}

/** Index of the largest weight; null if there is none above zero. */
export function strongestKey(weights: readonly number[]): number | null {
  let best: number | null = null;
  weights.forEach((weight, key) => {
    if (weight > (best === null ? 0 : (weights[best] ?? 0))) {
      best = key;
    }
  });
  return best;
}

const MOST_KEYS = 3;

function describeRow(
  weights: readonly number[],
  queries: TokenAxis | null,
  keys: TokenAxis,
  query: number,
): string {
  const order = weights
    .map((_, key) => key)
    .filter((key) => (weights[key] ?? 0) > 0)
    .sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  const named = order
    .slice(0, MOST_KEYS)
    .map((key) => `${nameAt(keys, key)} ${formatShare(weights[key] ?? 0)}`);
  return `Query ${nameAt(queries, query)} looks at ${named.join(", ")}${
    order.length > MOST_KEYS ? ", …" : ""
  }`;
}

function Tokens({
  axis,
  title,
  query,
  weights = [],
  mask = null,
}: {
  axis: TokenAxis;
  title: string;
  /** null = they cannot be chosen. */
  query: Signal<number | null> | null;
  weights?: readonly number[];
  mask?: Uint8Array | null;
}) {
  const most = Math.max(0, ...weights.filter(Number.isFinite));
  const letters = axis.texts.every((text) => text.length <= 1);
  return (
    <>
      <h3>{title}</h3>
      <div class={letters ? "kv-tokens kv-letters" : "kv-tokens"}>
        {axis.texts.map((text, at) => {
          const weight = weights[at] ?? 0;
          const shade = most > 0 ? Math.round((MOST_SHADE * weight) / most) : 0;
          const chosen = query?.value === at;
          return (
            <span
              // A token is what it is by its place.
              key={at}
              class={[
                "kv-token",
                chosen ? "kv-token-query" : "",
                mask?.[at] === 0 ? "kv-token-masked" : "",
              ].join(" ")}
              style={{ "--kv-shade": `${shade}%` }}
              title={`${nameAt(axis, at)}${
                weights.length > 0 ? `: ${formatShare(weight)}` : ""
              }${mask?.[at] === 0 ? ", masked" : ""}`}
              onPointerEnter={() => {
                if (query !== null) {
                  query.value = at;
                }
              }}
            >
              {showToken(text).slice(0, 40)}
            </span>
          );
        })}
      </div>
    </>
  );
}
