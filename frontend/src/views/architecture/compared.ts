/** What the graph on the screen is compared with, once it is there. */

import { compareGraphs, type GraphDiff } from "../../model/compare/graph_diff";
import { formatCount } from "../../model/layer_text";
import { shownValue } from "../../state/loadable";
import { type GraphVersion, type Store, stepsOf } from "../../state/store";
import type { ModelGraph } from "../../wire/generated";

/** A comparison and what with. */
export interface Compared {
  readonly diff: GraphDiff;
  readonly target: GraphVersion;
  /** What it is compared with, in a few words. */
  readonly title: string;
}

const known = new WeakMap<ModelGraph, WeakMap<ModelGraph, GraphDiff>>();

/** Returns the same object for the same graphs. */
export function diffOf(before: ModelGraph, after: ModelGraph): GraphDiff {
  let diffs = known.get(after);
  if (diffs === undefined) {
    diffs = new WeakMap();
    known.set(after, diffs);
  }
  let diff = diffs.get(before);
  if (diff === undefined) {
    diff = compareGraphs(before, after);
    diffs.set(before, diff);
  }
  return diff;
}

/** The comparison of a graph, or null while there is none. */
export function comparedOf(store: Store, graph: ModelGraph): Compared | null {
  const { target, graph: other } = store.comparison;
  const version = target.value;
  // While another one is on its way, what is there is not what is asked for.
  if (version === null || other.value.state !== "ready") {
    return null;
  }
  const title = versionTitle(store, version);
  return { diff: diffOf(other.value.value, graph), target: version, title };
}

/** A graph in a few words: its run, and its step where the run has several. */
export function versionTitle(store: Store, version: GraphVersion): string {
  const runs = shownValue(store.runs.value) ?? [];
  const info = runs.find((run) => run.name === version.run) ?? null;
  const step = `step ${formatCount(version.step)}`;
  if (version.run === store.run.value) {
    return step;
  }
  const several = stepsOf(info, "model_graph").length > 1;
  return several ? `${version.run}, ${step}` : version.run;
}

/** Paths of the layers that differ, in the order of the model. */
export function differingPaths(diff: GraphDiff, order: readonly { path: string }[]) {
  return order.map(({ path }) => path).filter((path) => diff.signs.has(path));
}
