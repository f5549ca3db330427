/** What heads of attention are told apart by, and in which order they are shown. */

/** What is measured of a head; see `HeadFacts`. */
export type HeadFact = "previous" | "itself" | "next" | "first" | "masked" | "entropy";

/** An order of heads: that of the model, or by a fact. */
export type AttentionOrder = "layer" | HeadFact;

/** An order as it is called on the screen. */
export interface OrderDefinition {
  readonly order: AttentionOrder;
  readonly title: string;
  readonly definition: string;
}

/** All orders; those but the first are facts too. */
export const ATTENTION_ORDERS: readonly OrderDefinition[] = [
  {
    order: "layer",
    title: "layers",
    definition: "A row for each layer, in order of execution, and a column per head",
  },
  {
    order: "previous",
    title: "previous token",
    definition:
      "Share of the attention that goes to the token before the query, over the " +
      "queries that have one",
  },
  {
    order: "itself",
    title: "same token",
    definition:
      "Share of the attention on the diagonal: of each query to its own token",
  },
  {
    order: "next",
    title: "next token",
    definition:
      "Share of the attention that goes to the token after the query, over the " +
      "queries that have one",
  },
  {
    order: "first",
    title: "first token",
    definition:
      "Share of the attention that goes to the first token, over all other queries",
  },
  {
    order: "masked",
    title: "masked tokens",
    definition:
      "Share of the attention that goes to tokens that are masked; it should be zero",
  },
  {
    order: "entropy",
    title: "most focused",
    definition:
      "Mean entropy of the queries' attention in bits, the lowest first: 0 = each " +
      "query looks at one token, 3 = as if evenly at 8",
  },
];

/** Finds an order by its name; null for any other word. */
export function findAttentionOrder(name: string): OrderDefinition | null {
  return ATTENTION_ORDERS.find(({ order }) => order === name) ?? null;
}
