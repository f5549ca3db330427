/** What the painters of a graph are given. */

import type { Card } from "../model/cards";
import type { LayerFamily } from "../model/layer_family";
import type { Lit, SceneIndex } from "../model/scene_index";
import type { Viewport } from "../model/viewport";

/** Colours of the theme, as CSS. */
export interface GraphColors {
  readonly card: string;
  readonly border: string;
  readonly groupFill: string;
  readonly groupBorder: string;
  readonly text: string;
  readonly muted: string;
  readonly edge: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly incoming: string;
  readonly outgoing: string;
  readonly family: (family: LayerFamily) => string;
  readonly font: string;
  readonly mono: string;
}

/** All that a picture of a graph depends on, besides its size. */
export interface GraphPicture {
  readonly index: SceneIndex;
  readonly cards: readonly Card[];
  readonly view: Viewport;
  readonly colors: GraphColors;
  /** The selected node, or null. */
  readonly selected: number | null;
  /** Nodes of other calls of the selected layer. */
  readonly related: ReadonlySet<number>;
  readonly hovered: number | null;
  readonly lit: Lit;
  /** Nodes that were searched for. */
  readonly marked: ReadonlySet<number>;
}
