/** Keeps the colours of the graph in step with the choice, the step and the scene. */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { ROOT } from "../../model/graph/node_tree";
import { findMetric, isStatistic, type Metric } from "../../model/overlay/metrics";
import { nodeValues } from "../../model/overlay/overlay";
import { followStatistics, statisticsStep } from "../../state/layer_statistics";
import { type Loadable, shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { LayerStatistics } from "../../wire/generated";
import type { ArchitectureModel } from "./architecture_model";
import type { GraphController } from "./graph_controller";
import { createNodeOverlay, type NodeOverlay } from "./node_overlay";

/** What is shown, and what there was to make it of. */
export interface ShownOverlay {
  /** null = the families. */
  readonly metric: Metric | null;
  /** null = the families, or nothing is drawn yet. */
  readonly shown: NodeOverlay | null;
  /** Whether the graph has groups that can be closed. */
  readonly groups: boolean;
  readonly statistics: Loadable<LayerStatistics>;
  /** The step that was asked for. */
  readonly step: number | null;
}

/**
 * Hands the controller the colours of the chosen metric.
 *
 * @param changes Moves on when there may be another scene.
 */
export function useNodeOverlay(
  store: Store,
  model: ArchitectureModel,
  controller: ReadonlySignal<GraphController | null>,
  changes: ReadonlySignal<number>,
): ShownOverlay {
  const followed = useMemo(() => followStatistics(store), [store]);
  useEffect(() => followed.dispose, [followed]);
  // Moving the view is a change as well, but none of the scene.
  const index = useComputed(() => {
    void changes.value;
    return controller.value?.index ?? null;
  }).value;
  const metric = findMetric(store.color.value ?? "");
  const dark = store.page.dark.value;
  const statistics = followed.value.value;
  const logged = shownValue(statistics) ?? null;
  const used = metric !== null && isStatistic(metric) ? logged : null;
  const values = useMemo(
    () => (metric === null ? null : nodeValues(model.graph, metric, used)),
    [model, metric, used],
  );
  const scene = index?.graph === model.graph ? index.scene : null;
  const shown = useMemo(
    () =>
      values === null || scene === null
        ? null
        : createNodeOverlay(model.graph, values, scene, dark),
    [model, values, scene, dark],
  );
  useEffect(() => {
    if (scene !== null) {
      controller.value?.setOverlay(shown?.painted ?? null);
    }
  }, [controller.value, scene, shown]);
  const { tree } = model.graph;
  const groups = useMemo(() => tree.parent.some((parent) => parent !== ROOT), [tree]);
  return { metric, shown, groups, statistics, step: statisticsStep(store) };
}
