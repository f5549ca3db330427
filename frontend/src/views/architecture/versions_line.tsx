/** Which version of the graph is shown, and what changed since the one before. */

import { describeDiff, isOptimizerBuilt } from "../../model/compare/diff_text";
import { formatCount } from "../../model/layer_text";
import { type Store, stepsOf } from "../../state/store";
import type { ModelGraph } from "../../wire/generated";
import { diffOf } from "./compared";

/** One line; nothing for a run with one graph. */
export function VersionsLine({ store, graph }: { store: Store; graph: ModelGraph }) {
  const steps = stepsOf(store.runInfo.value, "model_graph");
  const shown = store.shownGraph.value;
  const at = shown === null ? -1 : steps.indexOf(shown.step);
  if (shown === null || steps.length < 2 || at === -1) {
    return null;
  }
  const before = steps[at - 1];
  const previous = store.comparison.previous.value;
  const isSecond = steps.length === 2 && at === 1;
  const ready = previous.state === "ready" && store.graph.value.state === "ready";
  if (isSecond && ready && isOptimizerBuilt(diffOf(previous.value, graph))) {
    return null;
  }
  const { target } = store.comparison;
  const comparing =
    before !== undefined &&
    target.value?.run === shown.run &&
    target.value.step === before;
  return (
    <div class="kv-versions" role="status">
      <span title="The graph is logged again when it changes">
        Architecture of step {formatCount(shown.step)}, version {at + 1} of{" "}
        {steps.length}
      </span>
      {before === undefined ? (
        <span class="kv-muted">the first</span>
      ) : (
        <>
          <Changes store={store} graph={graph} version={at} />
          <button
            type="button"
            class="kv-button"
            aria-pressed={comparing}
            title={`Mark what differs from the graph of step ${formatCount(before)}`}
            onClick={() =>
              comparing ? store.compareWith(null) : store.compareWith(shown.run, before)
            }
          >
            Compare with version {at}
          </button>
        </>
      )}
    </div>
  );
}

function Changes({
  store,
  graph,
  version,
}: {
  store: Store;
  graph: ModelGraph;
  version: number;
}) {
  const loadable = store.comparison.previous.value;
  // While another version is on its way, what is there is not of these two.
  if (loadable.state !== "ready" || store.graph.value.state !== "ready") {
    return (
      <span class="kv-muted">
        {loadable.state === "error" ? `version ${version} could not be had` : "…"}
      </span>
    );
  }
  const text = describeDiff(diffOf(loadable.value, graph));
  return (
    <span class="kv-versions-changes" dir="auto" title={text}>
      since version {version}: {text || "only what is not shown here"}
    </span>
  );
}
