/** Paths that were asked for, and where they run in what is drawn. */

import type { FarLit, Trace } from "../../draw/graph_picture";
import type { LayerGraph } from "../../model/graph/layer_graph";
import { membersOf } from "../../model/graph/node_tree";
import type { SceneIndex } from "../../model/graph/scene_index";
import { findPaths, type Paths, reachOf } from "../../model/paths/path_finder";
import type { PathQuery } from "../../model/paths/path_query";

/** The paths of one question. */
export class PathTrace {
  /** null = where they end is still to be chosen. */
  readonly paths: Paths | null;
  /** How many there are the other way round, where there are none this way. */
  readonly reversed: number;
  private readonly leaves: Uint8Array;
  private readonly links: Uint8Array;
  private drawn: { readonly index: SceneIndex; readonly trace: Trace } | null = null;

  constructor(
    { tree }: LayerGraph,
    readonly from: number,
    readonly to: number | null,
  ) {
    if (to === null) {
      const reach = reachOf(tree, from);
      this.paths = null;
      this.reversed = 0;
      this.leaves = reach.leavesAfter;
      this.links = reach.linksAfter;
    } else {
      this.paths = findPaths(tree, from, to);
      this.reversed = this.paths.count === 0 ? findPaths(tree, to, from).count : 0;
      this.leaves = this.paths.leaves.slice();
      this.links = this.paths.links;
      mark(this.leaves, membersOf(tree, to));
    }
    mark(this.leaves, membersOf(tree, from));
  }

  /** Where they run in a scene. */
  on(index: SceneIndex): Trace {
    if (this.drawn?.index !== index) {
      const trace = {
        nodes: index.placesOf(this.leaves),
        edges: index.edgesOf(this.links),
        from: index.shown(this.from),
        to: this.to === null ? null : index.shown(this.to),
      };
      this.drawn = { index, trace };
    }
    return this.drawn.trace;
  }
}

/** The nodes that a question is about; null for one that the graph lacks. */
export function resolveQuery(
  graph: LayerGraph,
  query: PathQuery,
): { from: number | null; to: number | null } {
  const find = (key: string | null): number | null => {
    const at = key === null ? -1 : graph.nodes.findIndex((node) => node.key === key);
    return at < 0 ? null : at;
  };
  return { from: find(query.from), to: find(query.to) };
}

/** What is lit more weakly around a node: all that leads to it and follows from it. */
export function farLitOf(index: SceneIndex, node: number): FarLit {
  const reach = reachOf(index.graph.tree, node);
  return {
    before: index.edgesOf(reach.linksBefore),
    after: index.edgesOf(reach.linksAfter),
  };
}

function mark(flags: Uint8Array, more: Uint8Array): void {
  more.forEach((flag, id) => {
    if (flag === 1) {
      flags[id] = 1;
    }
  });
}
