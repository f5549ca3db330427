/** The architecture of the model: as a graph or as a table, with its details. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { BusyLine, EmptyState, ErrorNote, Loading } from "../../components/states";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { addStyle } from "../../theme/theme";
import type { ModelGraph } from "../../wire/generated";
import { createLazyPart } from "../parts/lazy_part";
import css from "./architecture.css?inline";
import { listenToKeys } from "./architecture_keys";
import type { ArchitectureModel } from "./architecture_model";
import { ArchitectureToolbar } from "./architecture_toolbar";
import compareCss from "./compare.css?inline";
import { CompareBar } from "./compare_bar";
import { comparedOf } from "./compared";
import { keepFocus } from "./focus_keeper";
import type { GraphController } from "./graph_controller";
import { GraphView } from "./graph_view";
import { SidePanel } from "./side_panel";
import { useArchitectureModel } from "./use_architecture_model";
import { VersionsLine } from "./versions_line";
import { memoryOf, type ViewMemory } from "./view_memory";

addStyle(css);
addStyle(compareCss);

const Table = createLazyPart<{
  store: Store;
  model: ArchitectureModel;
  memory: ViewMemory;
}>("the table", async () => (await import("./table_view")).TableView);

/** The architecture of the chosen run at the chosen step. */
export function ArchitectureView({ store }: { store: Store }) {
  const loadable = store.graph.value;
  const graph = shownValue(loadable);
  if (graph === undefined) {
    switch (loadable.state) {
      case "error":
        return <ErrorNote message={loadable.message} onRetry={store.reload} />;
      case "loading":
        return <Loading what="the model graph" />;
      default:
        return <NoGraph />;
    }
  }
  return (
    <div class="kv-architecture">
      {loadable.state === "loading" && <BusyLine what="the model graph" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      <Architecture store={store} graph={graph} />
    </div>
  );
}

function Architecture({ store, graph }: { store: Store; graph: ModelGraph }) {
  const model = useArchitectureModel(graph);
  return model === null ? (
    <Loading what="the model graph" />
  ) : (
    <Indexed store={store} model={model} />
  );
}

function Indexed({ store, model }: { store: Store; model: ArchitectureModel }) {
  const { graph } = model.graph;
  const memory = memoryOf(store, store.run.value ?? "");
  const controller = useSignal<GraphController | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const table = store.table.value;

  const compared = comparedOf(store, graph);

  useEffect(
    () => listenToKeys({ store, model, controller, search, root }),
    [store, model, controller],
  );
  useEffect(
    () => (root.current === null ? undefined : keepFocus(root.current)),
    [model],
  );

  if (model.graph.layers.length === 0) {
    return (
      <EmptyState title={`${graph.name} has no layers`}>
        <p>
          A model graph was logged, but it holds no layer. A subclassed model has its
          layers once they are attributes of it.
        </p>
        {graph.notices.map((notice) => (
          <p key={notice}>{notice}</p>
        ))}
      </EmptyState>
    );
  }
  return (
    <div class="kv-arch-body" ref={root}>
      <div class="kv-arch-main">
        <ArchitectureToolbar
          store={store}
          model={model}
          memory={memory}
          controller={controller}
          search={search}
        />
        <VersionsLine store={store} graph={graph} />
        <CompareBar store={store} model={model} compared={compared} />
        {graph.notices.length > 0 && (
          <ul class="kv-arch-notices" role="status">
            {graph.notices.map((notice) => (
              <li key={notice}>{notice}</li>
            ))}
          </ul>
        )}
        {table ? (
          <Table.Part store={store} model={model} memory={memory} />
        ) : (
          <GraphView
            store={store}
            model={model}
            memory={memory}
            controller={controller}
          />
        )}
      </div>
      <SidePanel store={store} model={model} memory={memory} />
    </div>
  );
}

const LOG_GRAPH = `model.fit(x, y, callbacks=[tb_kerasviz.KerasViz("logs/run1")])

# or, in a training loop of your own:
with tb_kerasviz.Writer("logs/run1") as writer:
    writer.write_model(0, model)`;

function NoGraph() {
  return (
    <EmptyState title="No model graph was logged in this run">
      <p>The callback logs it when training begins; a Writer logs it when asked to:</p>
      <pre>{LOG_GRAPH}</pre>
      <p>If training has just begun, press TensorBoard's reload button.</p>
    </EmptyState>
  );
}
