/** What the drawn nodes are coloured by. */

import type { PaintedOverlay } from "../../draw/graph_picture";
import { paintOverlay } from "../../draw/overlay_colors";
import type { LayerGraph } from "../../model/graph/layer_graph";
import type { Scene } from "../../model/layout/nested_layout";
import { isStatistic, type Metric } from "../../model/overlay/metrics";
import type { NodeValues } from "../../model/overlay/overlay";
import {
  createOverlayScale,
  type OverlayScale,
  overlayLevels,
} from "../../model/overlay/overlay_scale";

/** A metric on the nodes of a scene. */
export interface NodeOverlay {
  readonly metric: Metric;
  readonly values: NodeValues;
  readonly scale: OverlayScale | null;
  readonly painted: PaintedOverlay;
  /** Number of cards of each level that is no colour of the scale. */
  readonly apart: ReadonlyMap<number, number>;
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
  // Neither open groups, nor what is in closed ones.
  const cards = Array.from(scene.nodes).filter((_, at) => scene.open[at] === 0);
  const all = graph.tree.parent.keys();
  const scale = createOverlayScale(values, isStatistic(metric) ? all : cards, dark);
  const levels = overlayLevels(values, scale);
  const apart = new Map<number, number>();
  for (const node of cards) {
    const level = levels[node] as number;
    if (level < 0) {
      apart.set(level, (apart.get(level) ?? 0) + 1);
    }
  }
  const painted = paintOverlay(values, levels, scale, dark);
  return { metric, values, scale, painted, apart };
}
