/** What the drawn nodes are coloured by. */

import type { PaintedOverlay } from "../../draw/graph_picture";
import { paintOverlay } from "../../draw/overlay_colors";
import type { LayerGraph } from "../../model/layer_graph";
import { isStatistic, type Metric } from "../../model/metrics";
import type { Scene } from "../../model/nested_layout";
import { isGroup } from "../../model/node_tree";
import type { NodeValues } from "../../model/overlay";
import { createOverlayScale, type OverlayScale } from "../../model/overlay_scale";

/** A metric on the nodes of a scene. */
export interface NodeOverlay {
  readonly metric: Metric;
  readonly values: NodeValues;
  readonly scale: OverlayScale | null;
  readonly painted: PaintedOverlay;
  /** Cards that are drawn: neither open groups, nor what is in closed ones. */
  readonly cards: readonly number[];
  /** Whether closed groups are among them. */
  readonly groups: boolean;
}

/**
 * Colours for the cards of a scene.
 *
 * A group's sum outweighs all that is in it, so that what is summed is scaled by
 * what is drawn. Statistics keep their scale while groups open and close.
 */
export function createNodeOverlay(
  graph: LayerGraph,
  values: NodeValues,
  scene: Scene,
  dark: boolean,
): NodeOverlay {
  const { metric } = values;
  const cards = Array.from(scene.nodes).filter((_, at) => scene.open[at] === 0);
  const all = graph.tree.parent.keys();
  const scale = createOverlayScale(values, isStatistic(metric) ? all : cards, dark);
  const painted = paintOverlay(values, scale, dark);
  const groups = cards.some((node) => isGroup(graph.tree, node));
  return { metric, values, scale, painted, cards, groups };
}
