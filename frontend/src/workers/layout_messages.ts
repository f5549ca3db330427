/** What the page and the layout worker say to each other. */

import type { NodeTree } from "../model/graph/node_tree";
import type { CardSizes, Scene } from "../model/layout/nested_layout";

/** A new graph; comes before any request for it. */
export interface GraphMessage {
  readonly type: "graph";
  readonly graph: number;
  readonly tree: NodeTree;
  readonly sizes: CardSizes;
}

/** Asks for a layout with these groups open (one flag per node). */
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
  | {
      readonly type: "progress";
      readonly request: number;
      /** Number of open groups that are laid out, and of all. */
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: "failed"; readonly request: number; readonly message: string };
