/** What is said of heads: their names, and what they look at. */

import type { LayerActivation } from "../../wire/generated";
import { formatShare } from "../format";
import { CLEAR_SHARE, type HeadFacts, strongestFact } from "./head_facts";
import { type AttentionOrder, findAttentionOrder, type HeadFact } from "./orders";

/** Longer paths would leave no room for anything else. */
const MAX_PATH = 200;

/** Name of a call's attention: the layer's, with the call where it has several. */
export function callName(
  entry: LayerActivation,
  all: readonly LayerActivation[],
): string {
  const same = all.filter(
    (other) => other.kind === "attention" && other.path === entry.path,
  );
  const path = entry.path.slice(0, MAX_PATH);
  return same.length > 1 ? `${path} (call ${entry.call})` : path;
}

/** The end of a layer's path, which tells it from its neighbours. */
export function shortName(entry: LayerActivation): string {
  return entry.path.slice(-MAX_PATH).split("/").slice(-2).join("/");
}

/** A fact with its value: "93% previous token", "1.3 bits". */
export function describeFact(fact: HeadFact, value: number | null): string {
  if (fact === "entropy") {
    return value === null ? "entropy unknown" : formatBits(value);
  }
  const title = findAttentionOrder(fact)?.title ?? fact;
  return value === null ? `${title}: unknown` : `${formatPercent(value)} ${title}`;
}

/** A share in whole percent, but for what is nearly nothing or nearly all. */
export function formatPercent(share: number): string {
  return share >= 0.01 && share <= 0.99
    ? `${Math.round(share * 100)}%`
    : formatShare(share);
}

/** Bits, to one digit behind the point. */
export function formatBits(value: number): string {
  return `${Number(value.toFixed(1))} bits`;
}

/** What stands below a head: what it is ordered by, else what it clearly does. */
export function headLabel(
  facts: HeadFacts | undefined,
  order: AttentionOrder,
): { readonly text: string; readonly clear: boolean } {
  if (facts === undefined) {
    return { text: "", clear: false };
  }
  if (order === "entropy") {
    return { text: describeFact("entropy", facts.entropy), clear: false };
  }
  if (order !== "layer") {
    const share = facts[order];
    return {
      text: describeFact(order, share),
      clear: share !== null && share >= CLEAR_SHARE,
    };
  }
  const strongest = strongestFact(facts);
  return strongest !== null && strongest.share >= CLEAR_SHARE
    ? { text: describeFact(strongest.fact, strongest.share), clear: true }
    : {
        text: facts.entropy === null ? "" : `spread, ${formatBits(facts.entropy)}`,
        clear: false,
      };
}
