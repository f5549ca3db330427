/** What the card of each call says, and how large it is. */

import { familyOf, type LayerFamily } from "./layer_family";
import type { LayerGraph } from "./layer_graph";
import { formatCount, formatShapes, formatShortCount, shorten } from "./layer_text";
import type { CardSizes } from "./nested_layout";

/** Texts and colour of the card of one call. */
export interface Card {
  readonly title: string;
  readonly className: string;
  /** Shape of its output; empty if it is unknown. */
  readonly shape: string;
  /** Number of parameters; empty if there are none. */
  readonly params: string;
  readonly family: LayerFamily;
}

export const CARD = { height: 64, least: 164, most: 260, padding: 12 } as const;
/** Longer texts are cut before anything measures them. */
const MAX_TEXT = 80;
// Mean widths of letters, in px. They need not be exact: texts are cut to fit.
const TITLE_LETTER = 7.8;
const SMALL_LETTER = 7.2;

/** Makes the cards of all calls; call i has card i. */
export function createCards(graph: LayerGraph): Card[] {
  return graph.calls.map((call) => {
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
      family: layer === undefined ? "other" : familyOf(layer),
    };
  });
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
    card.shape.length * SMALL_LETTER,
  );
  return letters + 2 * CARD.padding + 6;
}
