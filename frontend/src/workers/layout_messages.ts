/** What the page and the layout worker say to each other. */

import type { CallTree } from "../model/layer_graph";
import type { CardSizes, Scene } from "../model/nested_layout";

/** A new graph; comes before any request for it. */
export interface GraphMessage {
  readonly type: "graph";
  readonly graph: number;
  readonly tree: CallTree;
  readonly sizes: CardSizes;
}

/** Asks for a layout with these groups open (one flag per call). */
export interface LayoutMessage {
  readonly type: "layout";
  readonly graph: number;
  readonly request: number;
  readonly open: Uint8Array;
}

export type LayoutRequest = GraphMessage | LayoutMessage;

/** The answer to a `LayoutMessage`. */
export type LayoutResponse =
  | { readonly type: "scene"; readonly request: number; readonly scene: Scene }
  | { readonly type: "failed"; readonly request: number; readonly message: string };
