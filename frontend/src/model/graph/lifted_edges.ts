/**
 * The data flow between leaves, lifted to every level of the tree of nodes.
 *
 * Each group has edges between the nodes directly inside it. A link between
 * leaves of different groups becomes a chain: out of the groups around its
 * source, across the level that both have in common, into the groups around its
 * target. Links with the same piece share it.
 */

import { type NodeTree, ROOT } from "./node_tree";

/** In place of a node: the border of the group that the edge is in. */
export const BORDER = -1;

/** Edges of all groups; which of them are drawn depends on what is open. */
export interface LiftedEdges {
  /** Group that an edge is in, or `ROOT`. */
  readonly scope: Int32Array;
  /** Source of an edge; `BORDER` where it enters the group. */
  readonly from: Int32Array;
  /** Target of an edge; `BORDER` where it leaves the group. */
  readonly to: Int32Array;
  /** Edges of group g: `inScope[scopeStart[g + 1] .. scopeStart[g + 2]]`. */
  readonly scopeStart: Int32Array;
  readonly inScope: Int32Array;
  /** Edges of link l: `linkEdges[linkStart[l] .. linkStart[l + 1]]`. */
  readonly linkStart: Int32Array;
  readonly linkEdges: Int32Array;
}

/** Lifts the links of a tree of nodes. */
export function liftLinks(tree: NodeTree): LiftedEdges {
  const { parent, links, size } = tree;
  const depth = new Int32Array(size);
  for (let id = 0; id < size; id += 1) {
    const group = parent[id] as number;
    depth[id] = group === ROOT ? 0 : (depth[group] as number) + 1;
  }
  const scope: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const known = new Map<number, number>();
  const edge = (group: number, source: number, target: number): number => {
    // An edge's ends tell its group, unless both are the border, which is never.
    const key = (source + 1) * (size + 1) + (target + 1);
    let index = known.get(key);
    if (index === undefined) {
      index = scope.length;
      known.set(key, index);
      scope.push(group);
      from.push(source);
      to.push(target);
    }
    return index;
  };
  const linkStart = new Int32Array(links.length / 2 + 1);
  const linkEdges: number[] = [];
  for (let link = 0; link * 2 < links.length; link += 1) {
    let source = links[link * 2] as number;
    let target = links[link * 2 + 1] as number;
    while (parent[source] !== parent[target]) {
      if ((depth[source] as number) >= (depth[target] as number)) {
        const group = parent[source] as number;
        linkEdges.push(edge(group, source, BORDER));
        source = group;
      } else {
        const group = parent[target] as number;
        linkEdges.push(edge(group, BORDER, target));
        target = group;
      }
    }
    linkEdges.push(edge(parent[source] as number, source, target));
    linkStart[link + 1] = linkEdges.length;
  }
  const scopeStart = new Int32Array(size + 2);
  for (const group of scope) {
    scopeStart[group + 2] = (scopeStart[group + 2] as number) + 1;
  }
  for (let slot = 1; slot < scopeStart.length; slot += 1) {
    scopeStart[slot] = (scopeStart[slot] as number) + (scopeStart[slot - 1] as number);
  }
  const next = scopeStart.slice();
  const inScope = new Int32Array(scope.length);
  scope.forEach((group, index) => {
    const place = next[group + 1] as number;
    inScope[place] = index;
    next[group + 1] = place + 1;
  });
  return {
    scope: Int32Array.from(scope),
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    scopeStart,
    inScope,
    linkStart,
    linkEdges: Int32Array.from(linkEdges),
  };
}

/** The edges directly inside of a group. */
export function edgesIn(edges: LiftedEdges, group: number): Int32Array {
  return edges.inScope.subarray(
    edges.scopeStart[group + 1],
    edges.scopeStart[group + 2],
  );
}
