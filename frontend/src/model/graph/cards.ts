/** What the card of each node says, and how large it is. */

import { createFoldFacts, type FoldFacts } from "../folding/fold_facts";
import { familyOf, type LayerFamily } from "../layer_family";
import {
  countOf,
  formatCount,
  formatShapes,
  formatShortCount,
  formatShortShapes,
  shorten,
} from "../layer_text";
import type { CardSizes } from "../layout/nested_layout";
import type { Fold, LayerGraph } from "./layer_graph";
import { ROOT } from "./node_tree";

/** Texts and colour of the card of one node. */
export interface Card {
  readonly title: string;
  readonly className: string;
  /** Shape of its output; empty if it is unknown. */
  readonly shape: string;
  /** Number of parameters; empty if there are none. */
  readonly params: string;
  /** What of it the model returns: "output", "output: head"; empty if nothing. */
  readonly role: string;
  readonly family: LayerFamily;
}

export const CARD = { height: 64, least: 164, most: 260, padding: 12 } as const;
/** Longer texts are cut before anything measures them. */
const MAX_TEXT = 80;
const MAX_ROLE = 24;
// Mean widths of letters, in px. They need not be exact: texts are cut to fit.
const TITLE_LETTER = 7.8;
const SMALL_LETTER = 7.2;

/** Makes the cards of all nodes; node i has card i. */
export function createCards(graph: LayerGraph): Card[] {
  const facts = createFoldFacts(graph);
  const roles = rolesOf(graph);
  return graph.nodes.map(({ call, fold }, id) => {
    if (call === null) {
      return foldCard(fold as Fold, facts.get(id) as FoldFacts, roles.get(id));
    }
    const layer = graph.byPath.get(call.layer);
    const name = layer?.name ?? call.layer;
    const several = (graph.callsOf.get(call.layer)?.length ?? 0) > 1;
    const params = layer?.params ?? 0;
    return {
      title: shorten(several ? `${name} · call ${call.call + 1}` : name, MAX_TEXT),
      className: shorten(layer?.class_name ?? "", MAX_TEXT),
      shape:
        call.output_shapes.length === 0
          ? ""
          : shorten(formatShapes(call.output_shapes), MAX_TEXT),
      params: params === 0 ? "" : formatParams(params),
      role: roles.get(id) ?? "",
      family: layer === undefined ? "other" : familyOf(layer),
    };
  });
}

/** What the model returns of each node, groups around included. */
function rolesOf(graph: LayerGraph): Map<number, string> {
  const names = new Map<number, string[]>();
  const { outputs } = graph.graph;
  for (const { name, node } of outputs) {
    let at = graph.nodeOfCall[node] ?? ROOT;
    while (at !== ROOT) {
      const known = names.get(at);
      if (known === undefined) {
        names.set(at, [name]);
      } else {
        known.push(name);
      }
      at = graph.tree.parent[at] as number;
    }
  }
  const roles = new Map<number, string>();
  for (const [node, own] of names) {
    const name = outputs.length === 1 ? "" : `: ${own[0]}`;
    const text = own.length === 1 ? `output${name}` : countOf(own.length, "output");
    roles.set(node, shorten(text, MAX_ROLE));
  }
  return roles;
}

function foldCard(fold: Fold, facts: FoldFacts, role = ""): Card {
  const { inputs, outputs } = facts;
  const known = inputs.length > 0 && outputs.length > 0;
  return {
    title: shorten(fold.title, MAX_TEXT),
    className: shorten(foldClass(fold, facts), MAX_TEXT),
    shape: known ? `${formatShortShapes(inputs)} → ${formatShortShapes(outputs)}` : "",
    params: facts.params === 0 ? "" : formatParams(facts.params),
    role,
    family: "model",
  };
}

/** What a fold is made of: "12 × Block", "9 layers". */
export function foldClass(fold: Fold, facts: FoldFacts): string {
  return fold.kind === "repeat"
    ? `${fold.count} × ${fold.unit}`
    : countOf(facts.calls, "layer");
}

/** One size for all cards: wide enough for nearly all of what they say. */
export function createSizes(cards: readonly Card[]): CardSizes {
  const wanted = cards.map(widthOf).sort((a, b) => a - b);
  const usual = wanted[Math.floor((wanted.length - 1) * 0.95)] ?? CARD.least;
  const width = Math.round(Math.min(CARD.most, Math.max(CARD.least, usual)));
  return {
    widths: new Float32Array(cards.length).fill(width),
    heights: new Float32Array(cards.length).fill(CARD.height),
  };
}

function formatParams(params: number): string {
  return params < 1e9 ? formatCount(params) : formatShortCount(params);
}

function widthOf(card: Card): number {
  const second = card.className.length + card.params.length + 3;
  const letters = Math.max(
    card.title.length * TITLE_LETTER,
    second * SMALL_LETTER,
    (card.shape.length + card.role.length + 1) * SMALL_LETTER,
  );
  return letters + 2 * CARD.padding + 6;
}
