/** How the nodes of a graph are marked while it is compared with another. */

import type { LayerGraph } from "../graph/layer_graph";
import { isGroup, ROOT } from "../graph/node_tree";
import { SIGN_NAMES, SIGNS } from "./diff_text";
import type { GraphDiff, Sign } from "./graph_diff";

/** The mark of one node. */
export interface NodeMark {
  /** The weightiest of what it stands for; it has the colour of it. */
  readonly sign: Sign;
  /** The sign, or of a group how often each is in it: `+2 ≠1`. */
  readonly text: string;
  /** The same in words. */
  readonly label: string;
}

/** The weightiest first. */
const ORDER: readonly Sign[] = ["added", "removed", "changed", "resized"];

type Counts = Record<Sign, number>;

/**
 * Marks the nodes of layers that differ, and the groups that such are in; by node.
 *
 * Of several calls of a layer in one group, each counts. A removed layer counts in
 * the layer that held it, since it is not drawn.
 */
export function createMarks(graph: LayerGraph, diff: GraphDiff): Map<number, NodeMark> {
  const { tree } = graph;
  const inside = new Map<number, Counts>();
  const count = (node: number, sign: Sign): void => {
    for (let group = node; group !== ROOT; group = tree.parent[group] as number) {
      const counts = inside.get(group) ?? {
        added: 0,
        removed: 0,
        changed: 0,
        resized: 0,
      };
      inside.set(group, counts);
      counts[sign] += 1;
    }
  };
  const own = new Map<number, Sign>();
  for (const [path, sign] of diff.signs) {
    for (const node of graph.callsOf.get(path) ?? []) {
      own.set(node, sign);
      count(tree.parent[node] as number, sign);
    }
  }
  for (const holder of diff.removedFrom.values()) {
    for (const node of holder === null ? [] : (graph.callsOf.get(holder) ?? [])) {
      count(node, "removed");
    }
  }
  const marks = new Map<number, NodeMark>();
  for (const [node, sign] of own) {
    const counts =
      isGroup(tree, node) && sign !== "added" ? inside.get(node) : undefined;
    marks.set(node, markOf(counts ?? null, sign));
  }
  for (const [node, counts] of inside) {
    if (!own.has(node)) {
      marks.set(node, markOf(counts, null));
    }
  }
  return marks;
}

function markOf(counts: Counts | null, own: Sign | null): NodeMark {
  const present = ORDER.filter((sign) => (counts?.[sign] ?? 0) > 0);
  const texts = present.map((sign) => `${SIGNS[sign]}${counts?.[sign]}`);
  const labels = present.map((sign) => `${counts?.[sign]} ${SIGN_NAMES[sign]}`);
  const label = labels.length > 0 ? `${labels.join(", ")} inside` : "";
  if (own !== null) {
    texts.unshift(SIGNS[own]);
  }
  const rank = own === null ? present : [own, ...present];
  return {
    sign: ORDER.find((sign) => rank.includes(sign)) ?? "changed",
    text: texts.join(" "),
    label: [own === null ? "" : SIGN_NAMES[own], label].filter(Boolean).join(", "),
  };
}
