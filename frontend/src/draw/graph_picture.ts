/** What the painters of a graph are given. */

import type { NodeMark } from "../model/compare/diff_marks";
import type { Sign } from "../model/compare/graph_diff";
import type { Card } from "../model/graph/cards";
import type { Lit, SceneIndex } from "../model/graph/scene_index";
import type { Viewport } from "../model/graph/viewport";
import type { LayerFamily } from "../model/layer_family";

/** Colours of the theme, as CSS. */
export interface GraphColors {
  /** Behind everything. */
  readonly background: string;
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
  readonly warning: string;
  readonly warningSoft: string;
  /** Of what differs from a graph that is compared with, and of texts on it. */
  readonly mark: (sign: Sign) => string;
  readonly onMark: string;
  readonly family: (family: LayerFamily) => string;
  readonly font: string;
  readonly mono: string;
}

/** A metric on the nodes: its colours, and its values as text. */
export interface PaintedOverlay {
  /** What the metric is called. */
  readonly title: string;
  /** The card's colour; null = that of a plain card. */
  fill(node: number): string | null;
  /** Colour of texts on `fill`. */
  ink(node: number): string | null;
  /** The value, in few letters. */
  text(node: number): string;
  /** The value in full, for those who do not see the drawing. */
  description(node: number): string;
  /** "hatched" = there is no value, "crossed" = it is no number. */
  pattern(node: number): "plain" | "hatched" | "crossed";
}

/** Paths that are shown while all else steps back. */
export interface Trace {
  /** One flag per place of the scene. */
  readonly nodes: Uint8Array;
  /** One flag per edge of the scene. */
  readonly edges: Uint8Array;
  /** The node that stands for the beginning. */
  readonly from: number;
  /** The node that stands for the end; null = it is still to be chosen. */
  readonly to: number | null;
}

/** Edges on the way to and from what is lit; one flag per edge of the scene. */
export interface FarLit {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
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
  /** What is lit more weakly, since it leads on; null = nothing. */
  readonly farLit: FarLit | null;
  /** null = no paths are shown. */
  readonly trace: Trace | null;
  /** Nodes that were searched for. */
  readonly marked: ReadonlySet<number>;
  /** What the nodes are coloured by; null = their families. */
  readonly overlay: PaintedOverlay | null;
  /** Nodes that there is a note on. */
  readonly noted: ReadonlySet<number>;
  /** How nodes stand to a graph that is compared with. */
  readonly marks: ReadonlyMap<number, NodeMark>;
}
