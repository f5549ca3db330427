/** The value of one metric for everything that the graph draws. */

import type { CallNode, LayerStatistics, LoggedNumber } from "../../wire/generated";
import { createFoldFacts } from "../folding/fold_facts";
import type { LayerGraph } from "../graph/layer_graph";
import { isGroup, ROOT } from "../graph/node_tree";
import { type CostId, formatMetric, isStatistic, type Metric } from "./metrics";

/** What is known of a node's value. */
export const KNOWN = 0;
/** A sum that lacks what is unknown. */
export const PARTIAL = 1;
export const NO_DATA = 2;

/** A metric's values, one per node of the graph. */
export interface NodeValues {
  readonly metric: Metric;
  /** float64 `[nodes]`; NaN and infinities are values as well. */
  readonly values: Float64Array;
  /** uint8 `[nodes]`: `KNOWN`, `PARTIAL` or `NO_DATA`. */
  readonly states: Uint8Array;
  /** Step at which a statistic holds; null for what the graph itself says. */
  readonly step: number | null;
}

/**
 * Values of all nodes. A group whose layer has no value of its own has the sum
 * of what is in it, or of a statistic the value of largest size.
 *
 * @param statistics What was logged; null where the metric needs none of it.
 */
export function nodeValues(
  graph: LayerGraph,
  metric: Metric,
  statistics: LayerStatistics | null,
): NodeValues {
  if (isStatistic(metric)) {
    return statisticValues(graph, metric, statistics);
  }
  return metric.id === "params"
    ? paramValues(graph, metric)
    : costValues(graph, metric, metric.id as CostId);
}

/** A node's value as text, in few letters for its card. */
export function valueText(values: NodeValues, node: number, short = false): string {
  const { metric, states } = values;
  const state = states[node] ?? NO_DATA;
  if (state === NO_DATA) {
    return isStatistic(metric) ? "no data" : "unknown";
  }
  const text = formatMetric(metric, values.values[node] as number, short);
  return state === PARTIAL ? `≥ ${text}` : text;
}

/** A number as it was logged, or null if none was. */
export function readLogged(value: LoggedNumber | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function emptyValues(graph: LayerGraph, metric: Metric, step: number | null) {
  const { size } = graph.tree;
  const values = new Float64Array(size);
  const states = new Uint8Array(size).fill(NO_DATA);
  return { metric, values, states, step };
}

function statisticValues(
  graph: LayerGraph,
  metric: Metric,
  statistics: LayerStatistics | null,
): NodeValues {
  const column = statistics?.columns.find((one) => one.name === metric.id);
  const result = emptyValues(graph, metric, column?.step ?? null);
  if (statistics === null || column === undefined) {
    return result;
  }
  const logged = new Map<string, number>();
  statistics.layers.forEach((path, at) => {
    const value = readLogged(column.values[at]);
    if (value !== null) {
      logged.set(path, value);
    }
  });
  const { values, states } = result;
  const { parent, size } = graph.tree;
  // What is in a group comes after the group.
  for (let node = size - 1; node >= 0; node -= 1) {
    const call = graph.nodes[node]?.call ?? null;
    const own = call === null ? undefined : logged.get(call.layer);
    if (own !== undefined) {
      values[node] = own;
      states[node] = KNOWN;
    }
    const group = parent[node] as number;
    if (group === ROOT || states[node] === NO_DATA) {
      continue;
    }
    const value = values[node] as number;
    if (states[group] === NO_DATA || isLarger(value, values[group] as number)) {
      values[group] = value;
      states[group] = KNOWN;
    }
  }
  return result;
}

/** By size; what is no number is larger than all that is. */
function isLarger(value: number, than: number): boolean {
  if (Number.isNaN(value) || Number.isNaN(than)) {
    return !Number.isNaN(than);
  }
  return Math.abs(value) > Math.abs(than);
}

function costValues(graph: LayerGraph, metric: Metric, field: CostId): NodeValues {
  const result = emptyValues(graph, metric, null);
  const { values, states } = result;
  const { tree } = graph;
  const unknown = new Uint8Array(tree.size);
  for (let node = tree.size - 1; node >= 0; node -= 1) {
    if (!isGroup(tree, node)) {
      const cost = costOf(graph.nodes[node]?.call ?? null, field);
      unknown[node] = cost === null ? 1 : 0;
      values[node] = cost ?? 0;
      states[node] = cost === null ? NO_DATA : KNOWN;
    } else if (states[node] !== NO_DATA && unknown[node] === 1) {
      states[node] = PARTIAL;
    }
    const group = tree.parent[node] as number;
    if (group !== ROOT) {
      unknown[group] = (unknown[group] as number) | (unknown[node] as number);
      if (states[node] !== NO_DATA) {
        values[group] = (values[group] as number) + (values[node] as number);
        states[group] = KNOWN;
      }
    }
  }
  return result;
}

function costOf(call: CallNode | null, field: CostId): number | null {
  if (call === null || field === "params") {
    return null;
  }
  return call[field];
}

function paramValues(graph: LayerGraph, metric: Metric): NodeValues {
  const result = emptyValues(graph, metric, null);
  const folds = createFoldFacts(graph);
  graph.nodes.forEach(({ call }, node) => {
    const layer = call === null ? undefined : graph.byPath.get(call.layer);
    // A layer that a fold holds several calls of counts once in it.
    const params = layer?.params ?? folds.get(node)?.params;
    if (params !== undefined) {
      result.values[node] = params;
      result.states[node] = KNOWN;
    }
  });
  return result;
}
