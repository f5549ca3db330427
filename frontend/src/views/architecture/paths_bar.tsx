/** Asks for paths between two nodes, and says what was found. */

import { useEffect, useMemo, useRef } from "preact/hooks";
import { capitalize } from "../../model/format";
import type { LayerGraph } from "../../model/graph/layer_graph";
import { formatCount } from "../../model/layer_text";
import { formatPathCount } from "../../model/paths/path_query";
import type { Store } from "../../state/store";
import { addStyle } from "../../theme/theme";
import type { ArchitectureModel } from "./architecture_model";
import type { GraphController } from "./graph_controller";
import { PathTrace, resolveQuery } from "./path_trace";
import css from "./paths_bar.css?inline";

addStyle(css);

/** Takes a node as the beginning; as the end, where a beginning waits for one. */
export function askForPaths(store: Store, graph: LayerGraph, node: number): void {
  const key = graph.nodes[node]?.key;
  const query = store.paths.value;
  if (key === undefined) {
    return;
  }
  if (query === null || query.to !== null) {
    store.paths.value = { from: key, to: null };
  } else {
    store.paths.value = query.from === key ? null : { from: query.from, to: key };
  }
}

/** Whether a beginning is chosen, and an end is not. */
export function awaitsEnd(store: Store): boolean {
  const query = store.paths.value;
  return query !== null && query.to === null;
}

/** The paths that are asked for, shown on the graph; null if there are none. */
export function usePathTrace(
  store: Store,
  model: ArchitectureModel,
  controller: GraphController | null,
): PathTrace | null {
  const query = store.paths.value;
  const trace = useMemo(() => {
    if (query === null) {
      return null;
    }
    const { from, to } = resolveQuery(model.graph, query);
    const whole = from !== null && (query.to === null || to !== null);
    return whole ? new PathTrace(model.graph, from, to) : null;
  }, [model, query]);
  useEffect(() => {
    controller?.setTrace(trace);
  }, [trace, controller]);
  return trace;
}

/** Says over the graph which paths are shown. */
export function PathsBar({
  store,
  model,
  trace,
}: {
  store: Store;
  model: ArchitectureModel;
  trace: PathTrace | null;
}) {
  const query = store.paths.value;
  const bar = useRef<HTMLDivElement>(null);
  const shown = query !== null;
  useEffect(() => {
    const abort = new AbortController();
    for (const type of ["pointerdown", "click", "dblclick"]) {
      // The graph below must not take what is done here for its own.
      bar.current?.addEventListener(type, (event) => event.stopPropagation(), abort);
    }
    return () => abort.abort();
  }, [shown]);
  if (query === null) {
    return null;
  }
  return (
    <div class="kv-paths" role="status" ref={bar}>
      <span>
        {trace === null ? (
          "This graph does not have both ends of the paths."
        ) : (
          <Answer model={model} trace={trace} />
        )}
      </span>
      {trace !== null && trace.to !== null && trace.reversed !== 0 && (
        <button
          type="button"
          class="kv-button"
          onClick={() => {
            store.paths.value = { from: query.to ?? "", to: query.from };
          }}
        >
          Turn round
        </button>
      )}
      <button
        type="button"
        class="kv-button"
        title="Show the whole graph again ( Esc )"
        onClick={() => {
          store.paths.value = null;
        }}
      >
        {query.to === null ? "Cancel" : "Close"}
      </button>
    </div>
  );
}

function Answer({ model, trace }: { model: ArchitectureModel; trace: PathTrace }) {
  const { paths } = trace;
  const from = <Name model={model} node={trace.from} />;
  if (trace.to === null || paths === null) {
    return <>Paths from {from}: choose where they end.</>;
  }
  const to = <Name model={model} node={trace.to} />;
  if (paths.count === 0) {
    return (
      <>
        No path leads from {from} to {to}.
        {trace.reversed !== 0 &&
          ` The other way round: ${formatPathCount(trace.reversed)}.`}
      </>
    );
  }
  const length =
    paths.shortest === 1 ? "1 edge" : `${formatCount(paths.shortest)} edges`;
  return (
    <>
      <strong>{capitalize(formatPathCount(paths.count))}</strong> from {from} to {to};{" "}
      {paths.count === 1 ? "its length is" : "the shortest:"} {length}.
    </>
  );
}

function Name({ model, node }: { model: ArchitectureModel; node: number }) {
  return (
    <span class="kv-paths-name" dir="auto">
      {model.cards[node]?.title ?? ""}
    </span>
  );
}

/** In the panel of a layer: begins or completes a question. */
export function PathsButton({
  store,
  model,
  node,
}: {
  store: Store;
  model: ArchitectureModel;
  node: number;
}) {
  const waiting = awaitsEnd(store);
  const from = waiting ? store.paths.value?.from : null;
  const own = model.graph.nodes[node]?.key;
  const label = !waiting
    ? "Paths from here"
    : from === own
      ? "Choose where they end"
      : "Paths to here";
  return (
    <button
      type="button"
      class="kv-button kv-paths-button"
      title="Show all paths of the data from one node to another ( p )"
      aria-pressed={waiting && from === own}
      onClick={() => askForPaths(store, model.graph, node)}
    >
      {label}
    </button>
  );
}
